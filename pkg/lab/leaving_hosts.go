package lab

import (
	"maps"
	"sync"
	"time"
)

// leavingTime is how long the agent of a host that a client has deregistered may give up its own registration.
const leavingTime = time.Hour

// leavingHosts are hosts that a client has deregistered, and whose agents still have a registration. They are lost when the lab ends: then
// the registration must be given up on the host.
type leavingHosts struct {
	mu    sync.Mutex
	hosts map[string]leavingHost
}

type leavingHost struct {
	*enrolledHost
	until time.Time
}

// add notes a host that was deregistered.
func (l *leavingHosts) add(instanceID string, e *enrolledHost) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hosts == nil {
		l.hosts = map[string]leavingHost{}
	}
	maps.DeleteFunc(l.hosts, func(_ string, h leavingHost) bool { return time.Now().After(h.until) })
	l.hosts[instanceID] = leavingHost{e, time.Now().Add(leavingTime)}
}

// get returns such a host, or nil.
func (l *leavingHosts) get(instanceID string) *enrolledHost {
	l.mu.Lock()
	defer l.mu.Unlock()
	if h, ok := l.hosts[instanceID]; ok && time.Now().Before(h.until) {
		return h.enrolledHost
	}
	return nil
}

// remove forgets a host that has given up its registration. It reports false if there is no such host.
func (l *leavingHosts) remove(instanceID string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.hosts[instanceID]
	delete(l.hosts, instanceID)
	return ok
}
