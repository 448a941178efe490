package lab

import (
	"math/rand/v2"
	"slices"
)

// taskFaults are the faults injected into one task or file. A nil fault is not injected.
type taskFaults struct {
	fail *armedFault // the task or file fails; excludes the others
	hang *armedFault
	loss *armedFault // of the result
}

// forTask draws the faults of the next task or file of an instance; target is targetTask or targetFile. Whether a fault with a
// Share occurs depends only on the seed, the instance and how many tasks or files the instance has had. So if a run is
// repeated, the same instances fail, whatever the order of events.
func (f *faults) forTask(target, instanceID string) taskFaults {
	if f.none.Load() {
		return taskFaults{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.any(target) {
		return taskFaults{}
	}
	key := target + " " + instanceID
	nth := f.sent[key]
	f.sent[key]++
	rng := func(a *armedFault) *rand.Rand { return newRand(a.seed, "%s %s %d", a, instanceID, nth) }
	if fail := f.draw(target, rng, faultFail); fail != nil {
		return taskFaults{fail: fail}
	}
	return taskFaults{hang: f.draw(target, rng, faultHang), loss: f.draw(target, rng, faultLoseResult)}
}

// any reports whether any fault affects a target. f.mu is held.
func (f *faults) any(target string) bool {
	return slices.ContainsFunc(f.armed, func(a *armedFault) bool { return a.Action == target })
}

// occurs reports whether a fault is injected into a task, and counts it.
func (f *faults) occurs(a *armedFault) bool {
	if a == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[a.String()]++
	return true
}
