package lab

import (
	"errors"
	"fmt"
)

// FaultError reports that a lab cannot have a fault, although the fault itself is valid.
type FaultError struct {
	Fault Fault
	Err   error
}

func (e *FaultError) Error() string { return fmt.Sprintf("fault %q: %v", e.Fault, e.Err) }

func (e *FaultError) Unwrap() error { return e.Err }

func noSuchInstance(f Fault) error {
	return &FaultError{f, errors.New("the lab has no such instance")}
}

// instanceFault is a fault assigned to an instance.
type instanceFault struct {
	*armedFault
	sent int // commands and files sent to the instance so far
}

// checkFaults returns an error if a fault names an instance that the lab does not have.
func (all sites) checkFaults(list []Fault) error {
	for _, f := range list {
		if f.namesInstance() && all.host(f.Action) == nil {
			return noSuchInstance(f)
		}
	}
	return nil
}

// applyToInstances assigns faults to the instances that can be reached now, at most one to each, and takes instances offline
// that have to be offline from the start.
func (f *faults) applyToInstances(hosts []*host) {
	for _, h := range hosts {
		if it := h.get(); it.connected() && f.assign(it.InstanceId, false) {
			h.set(func(it *Instance) { it.Online = false })
		}
	}
}

// assignToKept is like applyToInstances, except that no instance goes offline.
func (f *faults) assignToKept(hosts []*host) {
	for _, h := range hosts {
		if it := h.get(); it.connected() {
			f.assign(it.InstanceId, true)
		}
	}
}

// assign assigns the first fault that occurs on an instance. It reports whether the instance has to go offline at once, which no
// fault demands of one that is kept as it is.
func (f *faults) assign(instanceID string, kept bool) (offline bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, a := range f.armed {
		if kept && a.kind == faultOffline && a.nth == 0 {
			continue
		}
		if a.Action != instanceID && a.Action != targetInstance || !a.draw((*armedFault).sequence) {
			continue
		}
		if a.kind == faultOffline && a.nth == 0 {
			f.counts[a.String()]++
			return true
		}
		if f.instances == nil {
			f.instances = map[string]*instanceFault{}
		}
		f.instances[instanceID] = &instanceFault{armedFault: a}
		return false
	}
	return false
}

// refuseInstance returns the refusal of a call for an instance with such a fault, or nil.
func (f *faults) refuseInstance(instanceID string) error {
	if f.none.Load() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.instances[instanceID]; a != nil && a.kind == faultRefuseInstance {
		f.counts[a.String()]++
		return a.refusal
	}
	return nil
}

// takeOfflineIfDue counts a command or file that is sent to a host. It takes the host offline if a fault demands that this
// command or file finds it offline.
func (f *faults) takeOfflineIfDue(h *host) {
	if !f.none.Load() && f.dueOffline(h.get().InstanceId) {
		h.set(func(it *Instance) { it.Online = false })
	}
}

func (f *faults) dueOffline(instanceID string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.instances[instanceID]
	if a == nil || a.kind != faultOffline {
		return false
	}
	if a.sent++; a.sent != a.nth {
		return false
	}
	f.counts[a.String()]++
	return true
}
