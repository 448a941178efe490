package lab

import (
	"slices"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// The limits of the official agent.
const (
	maxRunning = 10
	maxWaiting = 50
)

// host is an instance at work: its state, and the tasks on it.
type host struct {
	index     int // in its inventory
	instances *instanceIndex
	storage   keep.Storage
	slots     chan struct{} // one for each task that may run at once
	enrolled  *enrolledHost // nil if it is not a real host

	mu         sync.Mutex
	gone       bool        // it has left the inventory
	instance   *Instance   // immutable; replaced when it changes
	added      *Instance   // the instance as it was added
	lastSeen   time.Time   // the last heartbeat of an agent that is offline
	onTheWay   []*delivery // in their order
	taken      int         // tasks that were delivered and have not finished
	running    []*job
	reported   int           // tasks that the agent of an enrolled host has reported to run
	installing bool          // the agent will be there after the next start
	invoked    time.Time     // when a task last started
	done       int64         // tasks that were started and have finished
	waiting    []*repetition // those that wait for a start
}

// newHost returns the host of an instance that it adds to an index.
func newHost(v *instanceIndex, it Instance) *host {
	return &host{index: v.add(&it), instances: v, storage: keep.NoStorage{}, slots: make(chan struct{}, maxRunning), instance: &it, added: &it}
}

// get returns the instance as it is now. The caller must not change it.
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
	if h.enrolled != nil && !before.connected() && next.connected() {
		h.enrolled.notify()
	}
	if !next.running() {
		h.interrupt()
	}
	if starts {
		h.start()
	}
}

// replace makes next the instance, in the index and on disk too; h.mu is held.
func (h *host) replace(next *Instance) {
	h.instance = next
	if h.gone {
		return
	}
	h.instances.replace(h.index, next)
	h.storage.Write(h.kept())
}

// forget removes the record of the host, whose later changes are not kept.
func (h *host) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = true
	h.storage.Write(keep.Remove(ofInstance, h.instance.InstanceId))
}

// isGone reports whether the host has left the inventory.
func (h *host) isGone() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.gone
}

// kept returns the record of the host; h.mu is held.
func (h *host) kept() keep.Change {
	kept := keptInstance{Index: h.index, Instance: h.instance, Installing: h.installing, LastSeen: h.lastSeen}
	if h.added != h.instance {
		kept.Added = h.added
	}
	return keep.Set(ofInstance, h.instance.InstanceId, kept)
}

// reset forgets all tasks, none of which is left. With restore, the instance returns to the state in which it was added.
func (h *host) reset(restore bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.invoked, h.done, h.reported, h.waiting = time.Time{}, 0, 0, nil
	if !restore || h.enrolled != nil || h.instance == h.added && !h.installing && h.lastSeen.IsZero() {
		return
	}
	h.installing, h.lastSeen = false, time.Time{}
	h.replace(h.added)
}

// interrupt kills all scripts, as a machine does that goes down.
func (h *host) interrupt() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, j := range h.running {
		j.stop(errInterrupted)
	}
}

// enter adds a job to those that are killed when the machine goes down. It reports false if the machine is down.
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

// leave removes a job whose script has finished. It does nothing the second time.
func (h *host) leave(j *job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(h.running, j); i >= 0 {
		h.running = slices.Delete(h.running, i, i+1)
		h.done++
	}
}

// taskStarted counts a task that the agent of an enrolled host runs.
func (h *host) taskStarted() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reported++
	h.invoked = time.Now()
}

// taskEnded counts a task that the agent of an enrolled host no longer runs.
func (h *host) taskEnded() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reported--
	h.done++
}

// agentStatus returns the agent's part of DescribeCloudAssistantStatus.
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
		ActiveTaskCount:       int64(len(h.running) + h.reported),
		OSType:                it.agentOS(),
	}
	if it.connected() {
		status.CloudAssistantStatus = "true"
		status.LastHeartbeatTime = assist.FormatTime(time.Now().Truncate(time.Minute)) // it comes every minute
	}
	return status
}
