package lab

import (
	"slices"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// What the official agent takes on an instance.
const (
	maxRunning = 10
	maxWaiting = 50
)

// host is an instance in action: its state, and the tasks on it.
type host struct {
	index     int // in its fleet
	instances *instanceIndex
	keep      keep.Keeper
	slots     chan struct{} // as many as may run

	mu         sync.Mutex
	instance   *Instance   // never changed, but replaced
	lastSeen   time.Time   // the last heartbeat of an agent that is not connected
	onTheWay   []*delivery // in the order in which they came
	taken      int         // tasks that were delivered and have not ended
	running    []*job
	installing bool          // an agent that will be there after the next start
	invoked    time.Time     // when a task last started
	done       int64         // tasks that were started and have ended
	waiting    []*repetition // for a start
}

// newHost adds an instance to its fleet's inventory.
func newHost(v *instanceIndex, it Instance) *host {
	return &host{index: v.add(&it), instances: v, keep: keep.NoKeeper{}, slots: make(chan struct{}, maxRunning), instance: &it}
}

// get gives the instance as it is now. It must not be changed.
func (h *host) get() *Instance {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.instance
}

func (h *host) set(change func(*Instance)) {
	h.mu.Lock()
	before := h.instance
	next := *before
	next.Tags.Tag = slices.Clone(next.Tags.Tag)
	change(&next)
	next.InstanceId, next.RegionId, next.Managed = before.InstanceId, before.RegionId, before.Managed
	assist.FillLists(&next.Instance)
	starts := !before.running() && next.running()
	if starts {
		h.booted(&next)
	}
	if before.connected() && !next.connected() {
		h.lastSeen = time.Now()
	}
	h.replace(&next)
	h.handOver()
	h.mu.Unlock()
	if !next.running() {
		h.interrupt()
	}
	if starts {
		h.start()
	}
}

// replace makes next the instance, everywhere; h.mu is held.
func (h *host) replace(next *Instance) {
	h.instance = next
	h.instances.replace(h.index, next)
	h.keep.Write(h.kept())
}

// kept is its record; h.mu is held.
func (h *host) kept() keep.Change {
	return keep.Set(ofInstance, h.instance.InstanceId, keptInstance{h.index, h.instance, h.installing, h.lastSeen})
}

// interrupt ends all scripts, as a machine that goes down does.
func (h *host) interrupt() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, j := range h.running {
		j.stop(errInterrupted)
	}
}

// enter makes a script one of those that end with the machine. It is false when the machine is not running.
func (h *host) enter(j *job) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.instance.running() {
		return false
	}
	h.running = append(h.running, j)
	h.invoked = time.Now()
	return true
}

// leave is for a script that has ended, and does nothing for one that has left.
func (h *host) leave(j *job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(h.running, j); i >= 0 {
		h.running = slices.Delete(h.running, i, i+1)
		h.done++
	}
}

// agentStatus is what DescribeCloudAssistantStatus tells.
func (h *host) agentStatus() assist.InstanceCloudAssistantStatus {
	h.mu.Lock()
	defer h.mu.Unlock()
	it := h.instance
	status := assist.InstanceCloudAssistantStatus{
		InstanceId:            it.InstanceId,
		CloudAssistantStatus:  "false",
		CloudAssistantVersion: it.AgentVersion,
		LastHeartbeatTime:     assist.FormatTime(h.lastSeen),
		LastInvokedTime:       assist.FormatTime(h.invoked),
		InvocationCount:       h.done,
		ActiveTaskCount:       int64(len(h.running)),
		OSType:                it.agentOS(),
	}
	if it.connected() {
		status.CloudAssistantStatus = "true"
		status.LastHeartbeatTime = assist.FormatTime(time.Now().Truncate(time.Minute)) // it comes every minute
	}
	return status
}

// agentOS is an instance's system in DescribeCloudAssistantStatus' words.
func (it *Instance) agentOS() string {
	if it.windows() {
		return "Windows"
	}
	return "Linux"
}
