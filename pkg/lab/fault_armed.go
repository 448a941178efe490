package lab

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
	"muster/pkg/duration"
)

// The targets of a Fault, besides actions of the API and instance ids.
const (
	targetTask     = "task"
	targetFile     = "file"
	targetInstance = "instance"
	targetAgent    = "agent"
)

// throttleHint is the RetryAfter of throttled calls.
const throttleHint = 200 * time.Millisecond

// maxFaultDelay is less than the time that the lab's server allows for a request.
const maxFaultDelay = 30 * time.Second

// faultKind is the kind of a fault.
type faultKind int

const (
	faultRefuse         faultKind = iota + 1 // refuses a call with a code
	faultQuota                               // refuses calls that exceed a quota
	faultDelay                               // delays a response
	faultDown                                // closes the connection of a request before it is served
	faultDrop                                // drops the response to a call that took effect
	faultCut                                 // truncates a response
	faultStale                               // leaves recent items out of a list
	faultFail                                // fails a task or a file with a code
	faultHang                                // makes a task hang
	faultLoseResult                          // loses the result of a task
	faultOffline                             // takes an instance offline, at once or when something is sent to it
	faultRefuseInstance                      // refuses calls for an instance
)

// faultWords returns the codes of a target that are not codes of the API.
func faultWords(target string) map[string]faultKind {
	switch target {
	case targetTask:
		return map[string]faultKind{"hang": faultHang, "lost": faultLoseResult}
	case targetFile:
		return nil
	case targetAgent:
		return map[string]faultKind{"down": faultDown, "drop": faultDrop, "slow": faultDelay}
	case targetInstance:
		return map[string]faultKind{"offline": faultOffline}
	case "DescribeInvocations", "DescribeInvocationResults":
		return map[string]faultKind{"drop": faultDrop, "cut": faultCut, "slow": faultDelay, "quota": faultQuota, "stale": faultStale}
	}
	return map[string]faultKind{"drop": faultDrop, "cut": faultCut, "slow": faultDelay, "quota": faultQuota}
}

// armedFault is a valid fault in use.
type armedFault struct {
	Fault
	kind    faultKind
	left    int // of Times
	seed    uint64
	rng     *rand.Rand
	delay   time.Duration
	quota   *quota
	nth     int // the instance goes offline when the nth command or file is sent to it; 0 for at once
	refusal *assist.Error
	failure *failure
}

// arm returns the fault ready for use, or an error if it is invalid. The seed decides which part of a Share is affected.
func (f Fault) arm(seed uint64) (*armedFault, error) {
	none := new(armedFault)
	switch name := strings.ToLower(f.Action); name {
	case targetTask, targetFile, targetInstance, targetAgent:
		f.Action = name
	default:
		if f.namesInstance() {
			break
		}
		action, ok := actionNamed(f.Action)
		if !ok {
			return none, fmt.Errorf("fault %q: unknown action %s: want an API action such as RunCommand, or task, file, instance or agent", f, f.Action)
		}
		f.Action = action
	}
	if f.Times < 0 || f.Share < 0 || f.Share > 100 {
		return none, fmt.Errorf("fault %q: invalid number of times %d or share %d%%", f, f.Times, f.Share)
	}
	if f.namesInstance() && (f.Times > 0 || f.Share > 0) {
		return none, fmt.Errorf("fault %q: a fault of one instance takes neither *TIMES nor @SHARE%%", f)
	}
	armed := &armedFault{Fault: f}
	word := strings.ToLower(f.Code)
	if armed.kind = faultWords(f.target())[word]; armed.kind != 0 {
		armed.Code = word
		if err := armed.readDetail(); err != nil {
			return none, fmt.Errorf("fault %q: %w", f, err)
		}
	} else if err := armed.readCode(); err != nil {
		return none, fmt.Errorf("fault %q: %w", f, err)
	}
	armed.left, armed.seed = f.Times, seed
	armed.rng = newRand(seed, "%s", armed)
	return armed, nil
}

// sequence returns the random numbers for draws that are made one after another.
func (a *armedFault) sequence() *rand.Rand { return a.rng }

// namesInstance reports whether the fault affects only the instance whose id is its Action.
func (f Fault) namesInstance() bool {
	return (strings.HasPrefix(f.Action, "i-") || ManagedID(f.Action)) && instanceIDPattern().MatchString(f.Action)
}

// target returns the Action, or targetInstance for an instance id.
func (f Fault) target() string {
	if f.namesInstance() {
		return targetInstance
	}
	return f.Action
}

func (a *armedFault) readDetail() (err error) {
	switch a.kind {
	case faultOffline:
		if a.Detail == "" {
			return nil
		}
		if a.nth, err = strconv.Atoi(a.Detail); err != nil || a.nth < 1 {
			return fmt.Errorf("want %s=offline, or %[1]s=offline:1 to go offline when the first command or file is sent", a.Action)
		}
	case faultDelay, faultStale:
		if a.delay, err = duration.Parse(a.Detail); err != nil || a.delay <= 0 || a.delay > maxFaultDelay {
			return fmt.Errorf("want %s=%s:500ms, or another duration of at most %s", a.Action, a.Code, duration.Format(maxFaultDelay))
		}
	case faultQuota:
		if a.quota, err = parseQuota(a.Detail); err != nil {
			return fmt.Errorf("want %s=quota:100/m, or another number of calls per second (s) or minute (m)", a.Action)
		}
		if a.Times > 0 || a.Share > 0 {
			return errors.New("a quota takes neither *TIMES nor @SHARE%")
		}
	default:
		if a.Detail != "" {
			return fmt.Errorf("%s takes nothing after a colon", a.Code)
		}
	}
	return nil
}

func (a *armedFault) readCode() error {
	entry, known := catalogue.Find(a.Code, catalogue.English)
	ofCall, ofInstance := a.Action != targetTask && a.Action != targetFile, a.target() == targetInstance
	switch {
	case a.Action == targetAgent:
		return errors.New("requests of agents can only be lost or late: want agent=down, agent=drop or agent=slow:2s")
	case ofInstance && (!known || !instanceCode(entry.Code)):
		return fmt.Errorf("instances can only be offline or refused: want %s=offline, or a code such as %[1]s=InvalidInstance.NotFound", a.Action)
	case strings.EqualFold(a.Code, "stale"):
		return errors.New("only lists can be stale: want DescribeInvocations=stale:2s or DescribeInvocationResults=stale:2s")
	case !known:
		return fmt.Errorf("unknown code %s%s", a.Code, a.suggestion())
	case a.Detail != "":
		return fmt.Errorf("%s takes nothing after a colon", a.Code)
	case entry.Scope != catalogue.ScopeAPI && ofCall:
		return fmt.Errorf("%s is an error of tasks or files, not of calls: want task=%[1]s or file=%[1]s", a.Code)
	case entry.Scope != catalogue.ScopeInstance && !ofCall:
		return fmt.Errorf("%s is an error of calls, not of tasks or files: want an action such as RunCommand=%[1]s", a.Code)
	}
	a.Code = entry.Code
	message := entry.Meaning
	if len(entry.Messages) > 0 {
		message = entry.Messages[0]
	}
	if !ofCall {
		a.kind, a.failure = faultFail, &failure{assist.Status(entry.Status), entry.Code, message}
		return nil
	}
	a.kind, a.refusal = faultRefuse, assist.Refusal(httpStatus(entry, a.Action), entry.Code, message)
	if ofInstance {
		a.kind, a.refusal = faultRefuseInstance, assist.Refusal(httpStatus(entry, "RunCommand"), entry.Code, message)
	}
	a.refusal.AccessDeniedDetail = accessDeniedDetail(entry.Code, a.Action)
	if a.refusal.Throttled() {
		a.refusal.RetryAfter = throttleHint
	}
	return nil
}

// suggestion returns ": did you mean CODE?" for a code that is probably misspelled, or an empty string. It only suggests codes
// that the fault may have.
func (a *armedFault) suggestion() string {
	for _, code := range catalogue.Nearest(a.Code, 10) {
		if near := (&armedFault{Fault: Fault{Action: a.Action, Code: code}}); near.readCode() == nil {
			return ": did you mean " + code + "?"
		}
	}
	return ""
}

// instanceCode reports whether a call is refused with the code because of one of its instances.
func instanceCode(code string) bool {
	return strings.HasPrefix(code, "InvalidInstance.") || code == "InvalidInstanceStatus"
}

func actionNamed(name string) (string, bool) {
	for action := range operations() {
		if strings.EqualFold(action, name) {
			return action, true
		}
	}
	return "", false
}

// httpStatus returns the documented HTTP status of a code for the action, else for all actions, else for any action.
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
