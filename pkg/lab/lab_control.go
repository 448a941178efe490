package lab

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"muster/pkg/lab/runner"
)

// Key returns the access key that signs calls to the lab.
func (l *Lab) Key() (id, secret string) { return l.identity.Key.Id, l.identity.Key.Secret }

// Region returns the first region that the lab serves.
func (l *Lab) Region() string { return l.identity.Region }

// Regions returns all regions that the lab serves, the first one first.
func (l *Lab) Regions() []string { return l.identity.regions() }

// Data returns the absolute path of the data directory, or "" if the lab stores nothing.
func (l *Lab) Data() string { return l.data }

// Size returns the number of instances.
func (l *Lab) Size() int { return len(l.hosts()) }

// hosts returns the hosts of all instances.
func (l *Lab) hosts() []*host {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	return l.served.hosts()
}

// LacksShell reports whether there is neither sh nor busybox in the PATH, although some instances really run scripts. Their shell
// scripts end with ExecutionException.
func (l *Lab) LacksShell() bool {
	if _, err := runner.FindShell(); err == nil {
		return false
	}
	return slices.ContainsFunc(l.hosts(), func(h *host) bool {
		it := h.get()
		return it.Simulation == nil
	})
}

// Failed returns a channel that is closed when the data directory cannot be written, as on a full disk. From then on the lab
// answers every call with an error, and Close returns the reason. It is nil for a lab without a data directory.
func (l *Lab) Failed() <-chan struct{} { return l.storage.Failed() }

// Calls returns the number of calls since the lab was started or reset by action, refused ones included, unknown actions excluded.
func (l *Lab) Calls() map[string]int {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	counts := make(map[string]int, len(l.calls))
	for action, n := range l.calls {
		counts[action] = n
	}
	return counts
}

func (l *Lab) count(action string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls[action]++
}

// Execution is one start of a script on an instance, simulated ones included.
type Execution struct {
	InstanceId string
	InvokeId   string
	Start      time.Time
}

// Executions returns all starts of scripts since the lab was started or reset, in their order.
func (l *Lab) Executions() []Execution {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	return l.agents.executed()
}

// SetInstance changes an instance. When it is no longer Running, its scripts are interrupted; when it comes online, it gets
// the deliveries that waited; when it is Running again, NextRebootOnly and EveryReboot commands run.
func (l *Lab) SetInstance(id string, change func(*Instance)) error {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	h := l.served.host(id)
	if h == nil {
		return fmt.Errorf("instance %q: the lab has no such instance", id)
	}
	h.set(change)
	return l.storage.Flush()
}

// Reboot restarts an instance, which interrupts its scripts. The error says why if it is not Running.
func (l *Lab) Reboot(id string) error {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	h := l.served.host(id)
	if h == nil {
		return fmt.Errorf("instance %q: the lab has no such instance", id)
	}
	switch it := h.get(); {
	case it.Managed != nil:
		return fmt.Errorf("instance %q: a managed instance cannot be rebooted", id)
	case !it.running():
		return fmt.Errorf("instance %q: it is %s, and cannot be rebooted", id, it.Status)
	}
	h.reboot()
	return l.storage.Flush()
}

// RegisterHost adds a host to the managed instances of the lab, and returns the id of its instance. The error is a [RegistrationError] if the
// activation does not allow it. The registration is durable before RegisterHost returns.
func (l *Lab) RegisterHost(r HostRegistration) (instanceID string, err error) {
	h, err := registerHost(l, r, func(*host) {})
	if err != nil {
		return "", err
	}
	return h.get().InstanceId, nil
}

// DeregisterHost removes a managed instance, as DeregisterManagedInstance does, and makes it durable.
func (l *Lab) DeregisterHost(instanceID string) error {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	release := l.storage.Hold()
	h := l.served.host(instanceID)
	ok := h != nil && h.isManaged() && deregister(l, siteAt(l, h.get().RegionId), h)
	release()
	if !ok {
		return fmt.Errorf("instance %q: the lab has no such managed instance", instanceID)
	}
	return l.storage.Flush()
}

// SetFaults replaces the faults of the lab, and counts their Times from the start. If it returns an error, because a fault is
// invalid, the faults stay as they were.
func (l *Lab) SetFaults(list []Fault) error {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	if err := l.served.checkFaults(list); err != nil {
		return err
	}
	if err := l.faults.set(list); err != nil {
		return err
	}
	l.faults.applyToInstances(l.served.hosts())
	return nil
}

// FaultList returns how often each fault has occurred: first the current faults of the lab, then those that were replaced.
func (l *Lab) FaultList() []FaultCount {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	return l.faults.list()
}

// FaultCounts returns how often each fault has occurred, by its String. Faults that have not occurred are left out.
func (l *Lab) FaultCounts() map[string]int {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	l.faults.mu.Lock()
	defer l.faults.mu.Unlock()
	return maps.Clone(l.faults.counts)
}

// ReadFile reads a file that was sent to an instance. name is its path on the instance.
func (l *Lab) ReadFile(instanceID, name string) ([]byte, error) {
	l.resetting.RLock()
	defer l.resetting.RUnlock()
	h := l.served.host(instanceID)
	if h == nil {
		return nil, fmt.Errorf("instance %q: the lab has no such instance", instanceID)
	}
	root, err := os.OpenRoot(l.agents.dirs.rootfs(instanceID))
	if err != nil {
		return nil, fmt.Errorf("instance %q: no file was sent to it: %w", instanceID, err)
	}
	defer func() { _ = root.Close() }()
	local, ok := h.get().rootfsPath(name)
	if !ok {
		return nil, fmt.Errorf("read %s: %w", name, fs.ErrInvalid)
	}
	return root.ReadFile(local)
}

// StopRequest asks the program that runs a lab to end it. This action exists only in labs, not in the service.
type StopRequest struct{}

// StopResponse is the response to a [StopRequest]. The lab still answers calls for a moment.
type StopResponse struct{ RequestId string }

// Action returns the name of the action.
func (*StopRequest) Action() string { return "LabStop" }

// Repeatable returns true, because a lab ends once.
func (*StopRequest) Repeatable() bool { return true }

// StopRequested returns a channel that is closed when a client has called LabStop. The lab does not close itself.
func (l *Lab) StopRequested() <-chan struct{} { return l.stopRequested }

func requestStop(c call, _ *StopRequest) (*StopResponse, error) {
	c.stopOnce.Do(func() { close(c.stopRequested) })
	return new(StopResponse), nil
}

// EnrolledHosts returns the number of real hosts that are registered.
func (l *Lab) EnrolledHosts() int {
	n := 0
	for _, h := range l.hosts() {
		if h.enrolled != nil {
			n++
		}
	}
	return n
}
