package lab

import (
	"errors"
	"fmt"
)

// FaultError is why a lab cannot have a fault that makes sense by itself.
type FaultError struct {
	Fault Fault
	Err   error
}

func (e *FaultError) Error() string { return fmt.Sprintf("fault %q: %v", e.Fault, e.Err) }

func (e *FaultError) Unwrap() error { return e.Err }

func noSuchInstance(f Fault) error {
	return &FaultError{f, errors.New("the lab has no such instance")}
}

// stricken is what is to happen to an instance.
type stricken struct {
	*armedFault
	sent int // commands and files that were on their way to it
}

// checkFaultInstances refuses faults of instances that the lab has not.
func (l *Lab) checkFaultInstances(list []Fault) error {
	for _, f := range list {
		if f.namesInstance() && l.own.inventory.byID[f.Action] == nil {
			return noSuchInstance(f)
		}
	}
	return nil
}

// applyInstanceFaults decides which instances that can be reached now the faults are of, one at most for each, and takes
// those offline that are to be so from the start.
func (l *Lab) applyInstanceFaults() {
	for _, h := range l.own.inventory.hosts {
		if it := h.get(); it.connected() && l.faults.assignInstanceFault(it.InstanceId) {
			h.set(func(it *Instance) { it.Online = false })
		}
	}
}

// assignInstanceFault tells whether an instance is to go offline at once.
func (f *faults) assignInstanceFault(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.armed {
		if a.Action != id && a.Action != targetInstance || !a.strikes((*armedFault).inTurn) {
			continue
		}
		if a.kind == faultDisconnect && a.nth == 0 {
			f.counts[a.String()]++
			return true
		}
		if f.stricken == nil {
			f.stricken = map[string]*stricken{}
		}
		f.stricken[id] = &stricken{armedFault: a}
		return false
	}
	return false
}

// shun gives why a call is refused for an instance that is to be refused, or nil.
func (f *faults) refuseInstance(id string) error {
	if f.quiet.Load() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.stricken[id]; s != nil && s.kind == faultRefuseInstance {
		f.counts[s.String()]++
		return s.refused
	}
	return nil
}

// depart takes an instance offline, once, if what is on its way to it is what is to find it so.
func (f *faults) takeOfflineIfDue(h *host) {
	if !f.quiet.Load() && f.dueOffline(h.get().InstanceId) {
		h.set(func(it *Instance) { it.Online = false })
	}
}

func (f *faults) dueOffline(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stricken[id]
	if s == nil || s.kind != faultDisconnect {
		return false
	}
	if s.sent++; s.sent != s.nth {
		return false
	}
	f.counts[s.String()]++
	return true
}
