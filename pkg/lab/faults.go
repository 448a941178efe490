package lab

import (
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// faults are those that a lab has been told to have.
type faults struct {
	seed  uint64
	quiet atomic.Bool // there are none, which every task of a large lab asks

	mu       sync.Mutex
	armed    []*armedFault
	counts   map[string]int
	sent     map[string]int       // tasks and files so far, by what they are and the instance's id
	stricken map[string]*stricken // by the instance's id
}

func newFaults(seed uint64) *faults {
	f := &faults{seed: seed, counts: map[string]int{}, sent: map[string]int{}}
	f.quiet.Store(true)
	return f
}

// set puts other faults in place of those that there are. What has been counted stays.
func (f *faults) set(list []Fault) error {
	var all []*armedFault
	seen := map[Fault]bool{}
	for _, one := range list {
		armed, err := one.arm(f.seed)
		if err != nil {
			return err
		}
		if seen[armed.Fault] {
			return &FaultError{armed.Fault, errors.New("it is there twice")}
		}
		seen[armed.Fault] = true
		all = append(all, armed)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed, f.sent, f.stricken = all, map[string]int{}, nil
	f.quiet.Store(len(all) == 0)
	return nil
}

// fire gives the first fault of some kinds that now happens to a call, or nil.
func (f *faults) trigger(action string, kinds ...faultKind) *armedFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.first(action, (*armedFault).inTurn, kinds...)
	if a != nil {
		f.counts[a.String()]++
	}
	return a
}

// first gives the first fault of some kinds that takes its chance with what is named, or nil; f.mu is held.
func (f *faults) first(what string, dice func(*armedFault) *rand.Rand, kinds ...faultKind) *armedFault {
	for _, a := range f.armed {
		if a.Action == what && slices.Contains(kinds, a.kind) && a.strikes(dice) {
			return a
		}
	}
	return nil
}

// strikes tells whether a fault takes a chance that it has, by the dice for that one.
func (f *armedFault) strikes(dice func(*armedFault) *rand.Rand) bool {
	if f.Times > 0 && f.left == 0 || f.Share > 0 && dice(f).IntN(100) >= f.Share {
		return false
	}
	f.left--
	return true
}

// meet gives the refusal of a call, or nil, and notes how its answer is to fare.
func (f *faults) inject(action string, p *reply) error {
	if armed := f.trigger(action, faultDelayReply); armed != nil {
		p.delay = armed.delay
	}
	if err := f.ration(action); err != nil {
		return err
	}
	if armed := f.trigger(action, faultRefuseCall); armed != nil {
		return armed.refused
	}
	if armed := f.trigger(action, faultDropReply, faultCutReply); armed != nil {
		p.broken = armed.kind
	}
	return nil
}

// ration refuses a call that is beyond its action's quota.
func (f *faults) ration(action string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.armed {
		if a.Action != action || a.kind != faultLimitCalls {
			continue
		}
		if left := a.quota.take(time.Now()); left > 0 {
			f.counts[a.String()]++
			return a.quota.refuse(left)
		}
	}
	return nil
}

// counted tells how often each fault has happened: first those that there are, then those that there were.
func (f *faults) counted() []FaultCount {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []FaultCount{}
	rest := maps.Clone(f.counts)
	for _, a := range f.armed {
		list = append(list, FaultCount{a.String(), int64(f.counts[a.String()])})
		delete(rest, a.String())
	}
	for _, text := range slices.Sorted(maps.Keys(rest)) {
		list = append(list, FaultCount{text, int64(rest[text])})
	}
	return list
}

// SetFaults puts other faults in place of those that the lab has, and begins to count their Times. The error is about one
// that makes no sense; then all stay as they are.
func (l *Lab) SetFaults(list []Fault) error {
	if err := l.checkFaultInstances(list); err != nil {
		return err
	}
	if err := l.faults.set(list); err != nil {
		return err
	}
	l.applyInstanceFaults()
	return nil
}

// FaultList tells how often each fault has happened: first those that the lab has, then those that it had.
func (l *Lab) FaultList() []FaultCount { return l.faults.counted() }

// FaultCounts tells how often each fault has happened, by its String. One that has not is not among them.
func (l *Lab) FaultCounts() map[string]int {
	l.faults.mu.Lock()
	defer l.faults.mu.Unlock()
	return maps.Clone(l.faults.counts)
}

// FaultCountsRequest asks a lab how often its faults have happened. It is an action of the lab's own, which the service
// does not have.
type FaultCountsRequest struct{}

// FaultCountsResponse tells of the faults that the lab has, and of those that it had.
type FaultCountsResponse struct {
	RequestId string
	Faults    []FaultCount
}

// FaultCount is how often a fault has happened.
type FaultCount struct {
	Fault string // as ParseFault reads it
	Count int64
}

// Action is the lab's name for the call.
func (*FaultCountsRequest) Action() string { return "LabFaultCounts" }

// Repeatable holds for everything that only reads.
func (*FaultCountsRequest) Repeatable() bool { return true }

func faultCounts(c call, _ *FaultCountsRequest) (*FaultCountsResponse, error) {
	return &FaultCountsResponse{Faults: c.faults.counted()}, nil
}
