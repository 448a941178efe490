package lab

import (
	"math/rand/v2"
	"slices"
)

// fate is what is to go wrong with one task or file: where all is nil, nothing.
type fate struct {
	end  *armedFault // it ends so, and the rest does not come to it
	hang *armedFault
	loss *armedFault // of its result
}

// fateOf decides what is to go wrong with the next task or file of an instance. Whether a fault with a Share takes it
// depends on the seed, the instance, and how many the instance has had, and on nothing else, so that the same again has
// the same instances fail however they overtake one another.
func (f *faults) fateOf(what, instanceID string) fate {
	if f.quiet.Load() {
		return fate{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.concern(what) {
		return fate{}
	}
	key := what + " " + instanceID
	nth := f.sent[key]
	f.sent[key]++
	dice := func(a *armedFault) *rand.Rand { return diceOf(a.seed, "%s %s %d", a, instanceID, nth) }
	if end := f.first(what, dice, ends); end != nil {
		return fate{end: end}
	}
	return fate{hang: f.first(what, dice, hangs), loss: f.first(what, dice, loses)}
}

// concern tells whether there are any faults of what is named; f.mu is held.
func (f *faults) concern(what string) bool {
	return slices.ContainsFunc(f.armed, func(a *armedFault) bool { return a.Action == what })
}

// happens counts a fault that was decided on, and tells whether there is one.
func (f *faults) happens(a *armedFault) bool {
	if a == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[a.String()]++
	return true
}
