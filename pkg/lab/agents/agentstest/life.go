package agentstest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	maxRunning = 10
	maxWaiting = 50
)

// life is an agent from its start to its end.
type life struct {
	*Agent
	ctx       context.Context
	end       context.CancelFunc
	coldStart bool
	queue     chan *task

	mu         sync.Mutex
	tasks      map[string]*task // waiting or running
	schedules  map[string]*periodic
	fetching   bool // is allowed
	startup    bool // the list for the start was fetched
	connection *connection
	dropNext   bool
	beats      int // heartbeats that were answered
	beat       chan struct{}
}

// run runs f in a goroutine that Close waits for.
func (l *life) run(f func()) {
	l.running.Go(f)
}

// wait waits for n seconds of the agent. It reports false if the agent was ended.
func (l *life) wait(n float64) bool { return wait(l.ctx, l.seconds(n)) }

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// begin does what an agent does at its start, in its order.
func (l *life) begin() {
	l.beat = make(chan struct{}, 1)
	for range maxRunning {
		l.run(l.work)
	}
	l.run(func() {
		channel := l.connect()
		l.run(func() { l.keepChannel(channel) })
		interval := l.heartbeat()
		l.mu.Lock()
		l.fetching = true
		startup := !l.startup
		l.startup = true
		answered := l.beats > 0
		l.mu.Unlock()
		if startup && answered {
			l.fetchTasks(fmt.Sprintf("startup&cold_start=%t", l.coldStart), "")
		} else if startup {
			l.mu.Lock()
			l.startup = false // it comes with the next kick that names no task
			l.mu.Unlock()
		}
		l.keepHeartbeat(interval)
	})
}

// work runs waiting tasks, one after another.
func (l *life) work() {
	for {
		select {
		case t := <-l.queue:
			t.execute()
		case <-l.ctx.Done():
			return
		}
	}
}

func (l *life) keepHeartbeat(interval time.Duration) {
	for wait(l.ctx, interval) {
		interval = l.heartbeat()
	}
}

// heartbeat sends a heartbeat and returns the time until the next.
func (l *life) heartbeat() time.Duration {
	l.mu.Lock()
	n := l.beats
	l.mu.Unlock()
	target := fmt.Sprintf("/luban/api/heart-beat?uptime=%d&timestamp=%d&pid=1&process_uptime=1&index=%d&seq_no=%d", 1000, time.Now().UnixMilli(), n, n)
	if n == 0 {
		target += fmt.Sprintf("&virt_type=kvm&os_version=%s&az=&machineid=%s&cold_start=%t", url.QueryEscape("Linux_#1 SMP_x86_64"), l.o.MachineId, l.coldStart)
	}
	chance := l.seconds(55 + 10*rand.Float64())
	answer, err := l.call(l.ctx, http.MethodGet, target, "", nil, requestTimeout)
	if err != nil {
		return chance
	}
	l.mu.Lock()
	l.beats++
	l.mu.Unlock()
	select {
	case l.beat <- struct{}{}:
	default:
	}
	var next struct {
		NextInterval int64 `json:"nextInterval"`
	}
	if json.Unmarshal(answer, &next) != nil || next.NextInterval < 55000 || next.NextInterval > 65000 {
		return chance
	}
	return l.seconds(float64(next.NextInterval) / 1000)
}
