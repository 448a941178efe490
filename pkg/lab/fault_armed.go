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

// What a Fault may be of besides an action of the API.
const (
	targetTask     = "task"
	targetFile     = "file"
	targetInstance = "instance"
)

// throttleHint is how soon a throttled call is told to come again.
const throttleHint = 200 * time.Millisecond

// maxFaultDelay is less than a connection of the lab's server may take.
const maxFaultDelay = 30 * time.Second

// faultKind is what a fault does.
type faultKind int

const (
	faultRefuseCall     faultKind = iota + 1 // a call, with a code
	faultLimitCalls                          // calls, to so many in a time
	faultDelayReply                          // an answer
	faultDropReply                           // the answer to a call that was carried out
	faultCutReply                            // an answer in two
	faultHideRecent                          // what is new
	faultFailTask                            // a task or a file, with a code
	faultHangTask                            // a task
	faultLoseResult                          // a task's result
	faultDisconnect                          // an instance, at once or when something is sent to it
	faultRefuseInstance                      // an instance, in calls that are for it
)

// faultWords are the codes that are not the API's.
func faultWords(action string) map[string]faultKind {
	switch action {
	case targetTask:
		return map[string]faultKind{"hang": faultHangTask, "lost": faultLoseResult}
	case targetFile:
		return nil
	case targetInstance:
		return map[string]faultKind{"offline": faultDisconnect}
	case "DescribeInvocations", "DescribeInvocationResults":
		return map[string]faultKind{"drop": faultDropReply, "cut": faultCutReply, "slow": faultDelayReply, "quota": faultLimitCalls, "stale": faultHideRecent}
	}
	return map[string]faultKind{"drop": faultDropReply, "cut": faultCutReply, "slow": faultDelayReply, "quota": faultLimitCalls}
}

// armedFault is a fault that is known to make sense.
type armedFault struct {
	Fault
	kind    faultKind
	left    int // of Times
	seed    uint64
	dice    *rand.Rand // for chances that come one after the other
	delay   time.Duration
	quota   *quota
	nth     int // what is sent to an instance and finds it offline; 0: it is from the start
	refused *assist.Error
	failure *failure
}

// arm makes a fault ready. Those of the same seed strike the same ones of their chances.
func (f Fault) arm(seed uint64) (*armedFault, error) {
	none := new(armedFault)
	switch name := strings.ToLower(f.Action); name {
	case targetTask, targetFile, targetInstance:
		f.Action = name
	default:
		if f.namesInstance() {
			break
		}
		action, ok := actionNamed(f.Action)
		if !ok {
			return none, fmt.Errorf("fault %q: there is no action %s: want one of the API such as RunCommand, or task, file or instance", f, f.Action)
		}
		f.Action = action
	}
	if f.Times < 0 || f.Share < 0 || f.Share > 100 {
		return none, fmt.Errorf("fault %q: it cannot happen %d times, or %d %% of them", f, f.Times, f.Share)
	}
	if f.namesInstance() && (f.Times > 0 || f.Share > 0) {
		return none, fmt.Errorf("fault %q: it is of one instance, and takes neither *TIMES nor @SHARE%%", f)
	}
	armed := &armedFault{Fault: f}
	word := strings.ToLower(f.Code)
	if armed.kind = faultWords(f.sort())[word]; armed.kind != 0 {
		armed.Code = word
		if err := armed.readDetail(); err != nil {
			return none, fmt.Errorf("fault %q: %w", f, err)
		}
	} else if err := armed.readCode(); err != nil {
		return none, fmt.Errorf("fault %q: %w", f, err)
	}
	armed.left, armed.seed = f.Times, seed
	armed.dice = newRand(seed, "%s", armed)
	return armed, nil
}

// inTurn are the dice that go from one chance to the next.
func (f *armedFault) inTurn() *rand.Rand { return f.dice }

// namesInstance tells a fault of the instance that it names.
func (f Fault) namesInstance() bool {
	return (strings.HasPrefix(f.Action, "i-") || ManagedID(f.Action)) && instanceID().MatchString(f.Action)
}

// sort is the action or what else a fault is of, whichever instance it names.
func (f Fault) sort() string {
	if f.namesInstance() {
		return targetInstance
	}
	return f.Action
}

func (f *armedFault) readDetail() (err error) {
	switch f.kind {
	case faultDisconnect:
		if f.Detail == "" {
			return nil
		}
		if f.nth, err = strconv.Atoi(f.Detail); err != nil || f.nth < 1 {
			return fmt.Errorf("want %s=offline, or %[1]s=offline:1 where the first thing that is sent finds it so", f.Action)
		}
	case faultDelayReply, faultHideRecent:
		if f.delay, err = duration.Parse(f.Detail); err != nil || f.delay <= 0 || f.delay > maxFaultDelay {
			return fmt.Errorf("want %s=%s:500ms, or another duration of at most %s", f.Action, f.Code, duration.Format(maxFaultDelay))
		}
	case faultLimitCalls:
		if f.quota, err = parseQuota(f.Detail); err != nil {
			return fmt.Errorf("want %s=quota:100/m, or another number of calls a second (s) or minute (m)", f.Action)
		}
		if f.Times > 0 || f.Share > 0 {
			return errors.New("a quota holds always, and takes neither *TIMES nor @SHARE%")
		}
	default:
		if f.Detail != "" {
			return fmt.Errorf("%s takes nothing behind a colon", f.Code)
		}
	}
	return nil
}

func (f *armedFault) readCode() error {
	entry, known := catalogue.Find(f.Code, catalogue.English)
	ofCall, ofInstance := f.Action != targetTask && f.Action != targetFile, f.sort() == targetInstance
	switch {
	case ofInstance && (!known || !aboutInstance(entry.Code)):
		return fmt.Errorf("what happens to instances is that they are offline or refused: want %s=offline, or a code such as %[1]s=InvalidInstance.NotFound", f.Action)
	case strings.EqualFold(f.Code, "stale"):
		return errors.New("what is stale are lists: want DescribeInvocations=stale:2s or DescribeInvocationResults=stale:2s")
	case !known:
		return fmt.Errorf("there is no code %s%s", f.Code, f.meant())
	case f.Detail != "":
		return fmt.Errorf("%s takes nothing behind a colon", f.Code)
	case entry.Scope != catalogue.ScopeAPI && ofCall:
		return fmt.Errorf("%s is how an instance's part ends, not why a call is refused: want task=%[1]s or file=%[1]s", f.Code)
	case entry.Scope != catalogue.ScopeInstance && !ofCall:
		return fmt.Errorf("%s is why a call is refused, not how an instance's part ends: want an action such as RunCommand=%[1]s", f.Code)
	}
	f.Code = entry.Code
	message := entry.Meaning
	if len(entry.Messages) > 0 {
		message = entry.Messages[0]
	}
	if !ofCall {
		f.kind, f.failure = faultFailTask, &failure{assist.Status(entry.Status), entry.Code, message}
		return nil
	}
	f.kind, f.refused = faultRefuseCall, assist.Refusal(httpStatus(entry, f.Action), entry.Code, message)
	if ofInstance {
		f.kind, f.refused = faultRefuseInstance, assist.Refusal(httpStatus(entry, "RunCommand"), entry.Code, message)
	}
	f.refused.AccessDeniedDetail = accessDeniedDetail(entry.Code, f.Action)
	if f.refused.Throttled() {
		f.refused.RetryAfter = throttleHint
	}
	return nil
}

// meant names the code that f's is probably a misspelling of, among those that it may have.
func (f *armedFault) meant() string {
	for _, code := range catalogue.Nearest(f.Code, 10) {
		if near := (&armedFault{Fault: Fault{Action: f.Action, Code: code}}); near.readCode() == nil {
			return ": did you mean " + code + "?"
		}
	}
	return ""
}

// aboutInstance tells the codes by which a call is refused for one of its instances.
func aboutInstance(code string) bool {
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
