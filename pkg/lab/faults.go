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

// faults are the faults that a lab injects.
type faults struct {
	seed uint64
	none atomic.Bool // no faults at all: a fast path for the tasks of large labs

	mu        sync.Mutex
	armed     []*armedFault
	counts    map[string]int            // how often each fault has occurred, by its String
	sent      map[string]int            // tasks and files so far, by target and instance id
	instances map[string]*instanceFault // by instance id
}

func newFaults(seed uint64) *faults {
	f := &faults{seed: seed, counts: map[string]int{}, sent: map[string]int{}}
	f.none.Store(true)
	return f
}

// set replaces the faults. The counts so far are kept.
func (f *faults) set(list []Fault) error {
	var all []*armedFault
	seen := map[Fault]bool{}
	for _, one := range list {
		armed, err := one.arm(f.seed)
		if err != nil {
			return err
		}
		if seen[armed.Fault] {
			return &FaultError{armed.Fault, errors.New("given twice")}
		}
		seen[armed.Fault] = true
		all = append(all, armed)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed, f.sent, f.instances = all, map[string]int{}, nil
	f.none.Store(len(all) == 0)
	return nil
}

// trigger returns the first fault of the given kinds that occurs on a call, and counts it. It returns nil if none does.
func (f *faults) trigger(action string, kinds ...faultKind) *armedFault {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.draw(action, (*armedFault).sequence, kinds...)
	if a != nil {
		f.counts[a.String()]++
	}
	return a
}

// draw returns the first fault of the given kinds that occurs on a target, or nil. f.mu is held.
func (f *faults) draw(target string, rng func(*armedFault) *rand.Rand, kinds ...faultKind) *armedFault {
	for _, a := range f.armed {
		if a.Action == target && slices.Contains(kinds, a.kind) && a.draw(rng) {
			return a
		}
	}
	return nil
}

// draw reports whether the fault occurs this time. It draws a random number from rng only if the fault has a Share.
func (a *armedFault) draw(rng func(*armedFault) *rand.Rand) bool {
	if a.Times > 0 && a.left == 0 || a.Share > 0 && rng(a).IntN(100) >= a.Share {
		return false
	}
	a.left--
	return true
}

// inject injects the faults of an action into a call. It returns the refusal, or nil, and sets how the reply is delivered.
func (f *faults) inject(action string, p *reply) error {
	if armed := f.trigger(action, faultDelay); armed != nil {
		p.delay = armed.delay
	}
	if err := f.checkQuota(action); err != nil {
		return err
	}
	if armed := f.trigger(action, faultRefuse); armed != nil {
		return armed.refusal
	}
	if armed := f.trigger(action, faultDrop, faultCut); armed != nil {
		p.broken = armed.kind
	}
	return nil
}

// checkQuota returns the refusal of a call that exceeds the quota of its action, or nil.
func (f *faults) checkQuota(action string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.armed {
		if a.Action != action || a.kind != faultQuota {
			continue
		}
		if left := a.quota.take(time.Now()); left > 0 {
			f.counts[a.String()]++
			return a.quota.refusal(left)
		}
	}
	return nil
}

// list returns how often each fault has occurred: first the current faults, then those that were replaced.
func (f *faults) list() []FaultCount {
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

// FaultCountsRequest asks a lab how often its faults have occurred. This action exists only in labs, not in the service.
type FaultCountsRequest struct{}

// FaultCountsResponse has the current faults of the lab, and those that were replaced.
type FaultCountsResponse struct {
	RequestId string
	Faults    []FaultCount
}

// FaultCount is how often a fault has occurred.
type FaultCount struct {
	Fault string // as ParseFault parses it
	Count int64
}

// Action returns the name of the action.
func (*FaultCountsRequest) Action() string { return "LabFaultCounts" }

// Repeatable returns true, because the action only reads.
func (*FaultCountsRequest) Repeatable() bool { return true }

func faultCounts(c call, _ *FaultCountsRequest) (*FaultCountsResponse, error) {
	return &FaultCountsResponse{Faults: c.faults.list()}, nil
}
