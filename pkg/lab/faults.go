package lab

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
)

// What a Fault may be of besides an action of the API.
const (
	faultOfTask = "task"
	faultOfFile = "file"
)

// throttleHint is how soon a throttled call is told to come again.
const throttleHint = 200 * time.Millisecond

// Fault is something that goes wrong on demand: calls of an API action are refused; or, where Action is "task", commands on
// an instance end with an instance's error code without having run; or, where it is "file", sent files do so.
type Fault struct {
	Action string
	Code   string // one that package catalogue knows
	Times  int    // only the first so many times; 0 is always
}

// String is the form that ParseFault reads.
func (f Fault) String() string {
	text := f.Action + "=" + f.Code
	if f.Times > 0 {
		text += "*" + strconv.Itoa(f.Times)
	}
	return text
}

// ParseFault reads ACTION=CODE or ACTION=CODE*TIMES. Action and code may be in any letter case.
func ParseFault(text string) (Fault, error) {
	action, rest, ok := strings.Cut(text, "=")
	code, times, limited := strings.Cut(rest, "*")
	f := Fault{Action: strings.TrimSpace(action), Code: strings.TrimSpace(code)}
	if !ok || f.Action == "" || f.Code == "" {
		return Fault{}, fmt.Errorf("fault %q: want ACTION=CODE or ACTION=CODE*TIMES, as in RunCommand=Throttling*3", text)
	}
	if limited {
		n, err := strconv.Atoi(strings.TrimSpace(times))
		if err != nil || n < 1 {
			return Fault{}, fmt.Errorf("fault %q: %q is no number of times", text, times)
		}
		f.Times = n
	}
	armed, err := f.arm()
	return armed.Fault, err
}

// armedFault is a fault that is known to make sense, with what is answered for it.
type armedFault struct {
	Fault
	left    int // of Times
	refused *assist.Error
	end     *fault
}

func (f Fault) arm() (*armedFault, error) {
	none := new(armedFault)
	entry, known := catalogue.Find(f.Code, catalogue.English)
	scope := catalogue.ScopeAPI
	switch {
	case strings.EqualFold(f.Action, faultOfTask), strings.EqualFold(f.Action, faultOfFile):
		f.Action, scope = strings.ToLower(f.Action), catalogue.ScopeInstance
	default:
		action, ok := actionNamed(f.Action)
		if !ok {
			return none, fmt.Errorf("fault %q: there is no action %s: want one of the API such as RunCommand, or task, or file", f, f.Action)
		}
		f.Action = action
	}
	switch {
	case !known:
		return none, fmt.Errorf("fault %q: there is no code %s", f, f.Code)
	case entry.Scope != scope && scope == catalogue.ScopeAPI:
		return none, fmt.Errorf("fault %q: %s is how an instance's part ends, not why a call is refused: want task=%[2]s or file=%[2]s", f, f.Code)
	case entry.Scope != scope:
		return none, fmt.Errorf("fault %q: %s is why a call is refused, not how an instance's part ends: want an action such as RunCommand=%[2]s", f, f.Code)
	case f.Times < 0:
		return none, fmt.Errorf("fault %q: it cannot happen %d times", f, f.Times)
	}
	f.Code = entry.Code
	armed := &armedFault{Fault: f, left: f.Times}
	message := entry.Meaning
	if len(entry.Messages) > 0 {
		message = entry.Messages[0]
	}
	if scope == catalogue.ScopeInstance {
		armed.end = &fault{assist.Status(entry.Status), entry.Code, message}
		return armed, nil
	}
	armed.refused = refusal(httpStatus(entry, f.Action), entry.Code, message)
	if armed.refused.Throttled() {
		armed.refused.RetryAfter = throttleHint
	}
	return armed, nil
}

func actionNamed(name string) (string, bool) {
	for action := range operations() {
		if strings.EqualFold(action, name) {
			return action, true
		}
	}
	return "", false
}

// httpStatus is the one that the documents have for the action, or for all actions, or for any.
func httpStatus(entry catalogue.Entry, action string) int {
	status := 0
	for _, wanted := range []string{action, ""} {
		for _, s := range entry.Statuses {
			if s.Action == wanted {
				status = cmp.Or(status, s.Status)
			}
		}
	}
	if status == 0 && len(entry.Statuses) > 0 {
		status = entry.Statuses[0].Status
	}
	return cmp.Or(status, http.StatusBadRequest)
}

// faults are those that a lab has been told to have.
type faults struct {
	mu     sync.Mutex
	armed  []*armedFault
	counts map[string]int
}

func newFaults() *faults { return &faults{counts: map[string]int{}} }

// set puts other faults in place of those that there are. What has been counted stays.
func (f *faults) set(list []Fault) error {
	var all []*armedFault
	for _, one := range list {
		armed, err := one.arm()
		if err != nil {
			return err
		}
		all = append(all, armed)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = all
	return nil
}

// fire gives the first fault of an action that is not used up, or nil.
func (f *faults) fire(action string) *armedFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.armed, func(a *armedFault) bool { return a.Action == action && (a.Times == 0 || a.left > 0) })
	if i < 0 {
		return nil
	}
	f.armed[i].left--
	f.counts[f.armed[i].String()]++
	return f.armed[i]
}

// refuse gives the refusal of a call, or nil.
func (f *faults) refuse(action string) error {
	if armed := f.fire(action); armed != nil {
		return armed.refused
	}
	return nil
}

// end gives how an instance's part ends, or nil where it is to go on.
func (f *faults) end(what string) *fault {
	if armed := f.fire(what); armed != nil {
		return armed.end
	}
	return nil
}

// SetFaults puts other faults in place of those that the lab has, and begins to count their Times. The error is about one
// that makes no sense; then all stay as they are.
func (l *Lab) SetFaults(list []Fault) error { return l.faults.set(list) }

// FaultCounts tells how often each fault has happened, by its String. One that has not is not among them.
func (l *Lab) FaultCounts() map[string]int {
	l.faults.mu.Lock()
	defer l.faults.mu.Unlock()
	counts := make(map[string]int, len(l.faults.counts))
	for text, n := range l.faults.counts {
		counts[text] = n
	}
	return counts
}
