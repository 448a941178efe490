package lab

import (
	"math/rand/v2"
	"slices"
)

// fate is what is to go wrong with one task or file: where all is nil, nothing.
type taskFaults struct {
	fail *armedFault // it ends so, and the rest does not come to it
	hang *armedFault
	loss *armedFault // of its result
}

// forTask decides what is to go wrong with the next task or file of an instance. Whether a fault with a Share takes it
// depends on the seed, the instance, and how many the instance has had, and on nothing else, so that the same again has
// the same instances fail however they overtake one another.
func (f *faults) forTask(what, instanceID string) taskFaults {
	if f.quiet.Load() {
		return taskFaults{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.concern(what) {
		return taskFaults{}
	}
	key := what + " " + instanceID
	nth := f.sent[key]
	f.sent[key]++
	dice := func(a *armedFault) *rand.Rand { return newRand(a.seed, "%s %s %d", a, instanceID, nth) }
	if end := f.first(what, dice, faultFailTask); end != nil {
		return taskFaults{fail: end}
	}
	return taskFaults{hang: f.first(what, dice, faultHangTask), loss: f.first(what, dice, faultLoseResult)}
}

// concern tells whether there are any faults of what is named; f.mu is held.
func (f *faults) concern(what string) bool {
	return slices.ContainsFunc(f.armed, func(a *armedFault) bool { return a.Action == what })
}

// happens counts a fault that was decided on, and tells whether there is one.
func (f *faults) occurs(a *armedFault) bool {
	if a == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[a.String()]++
	return true
}
