package lab

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
)

const (
	// deliveryPatience is how long the service tries to reach an agent.
	deliveryPatience = 60 * time.Second
	// maxProcesses is how many scripts run at once on this machine; further ones wait.
	maxProcesses = 1000
)

// Why a job's context was cancelled.
var (
	errStopRequested = errors.New("stopped by StopInvocation")
	errInterrupted   = errors.New("the instance went down")
	errClosed        = errors.New("the lab was closed")
)

// agents carry out tasks on instances: each is delivered, waits for its turn, runs, and is settled in the store.
type agents struct {
	store     *store
	inventory *inventory
	runner    scripts
	scheduler *scheduler
	faults    *faults
	dir       string // a directory for each instance is in it
	others    othersDir
	region    string
	account   string
	log       *slog.Logger
	patience  time.Duration
	slots     chan struct{} // as many as may run on this machine

	mu         sync.Mutex
	closed     bool
	jobs       map[taskRef]*job
	executions []Execution
	work       sync.WaitGroup
}

// scripts runs them; a runner does.
type scripts interface {
	Run(ctx context.Context, s runner.Script, out *runner.Output) runner.Outcome
	Close()
}

// job is a run of a task that has not ended.
type job struct {
	*invocation
	ref        taskRef
	run        int64 // the task's Repeats while it runs
	host       *host
	repetition *repetition // nil when the task runs once
	stop       context.CancelCauseFunc
	output     *runner.Output // nil when it is simulated
	fate       fate

	delivered bool // and so in its host's queue
	slots     []chan struct{}
	began     time.Time
	turn      int64 // the task's
}

// written is what a job has written so far.
func (j *job) written() (kept []byte, dropped int64) {
	if j.output == nil {
		return nil, 0
	}
	return j.output.Kept()
}

func newAgents(dir string, alone bool, l *Lab) *agents {
	return &agents{
		store: l.own.store, inventory: l.own.inventory, region: l.own.region, account: l.identity.Account, log: l.log,
		faults:    l.faults,
		runner:    l.newRunner(filepath.Join(dir, "bin"), alone),
		dir:       filepath.Join(dir, "instances"),
		scheduler: newScheduler(l.clock),
		patience:  deliveryPatience,
		slots:     make(chan struct{}, maxProcesses),
		jobs:      map[taskRef]*job{},
	}
}

// launch sets an invocation's tasks going; the store knows them already. After close it does nothing.
func (a *agents) launch(inv *invocation, hosts []*host) {
	for i, h := range hosts {
		a.start(&job{invocation: inv, ref: taskRef{inv.InvokeId, i}, run: 1, host: h})
	}
}

func (a *agents) start(j *job) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	var ctx context.Context
	ctx, j.stop = context.WithCancelCause(context.Background())
	if j.host.get().Simulation == nil {
		j.output = runner.NewOutput(time.Now)
	}
	j.fate = a.faults.fateOf(faultOfTask, j.host.get().InstanceId)
	a.jobs[j.ref] = j
	a.work.Add(1)
	go a.live(j, func() bool { return a.perform(ctx, j) })
}

// live has a part of a job's life happen, which ends with it unless the job goes on by itself.
func (a *agents) live(j *job, part func() (goesOn bool)) {
	goesOn := false
	defer func() {
		if fault := recover(); fault != nil {
			a.log.Error("a task panicked", "invocation", j.InvokeId, "panic", fmt.Sprint(fault))
			j.host.leave(j)
			a.fail(j, broke(fmt.Errorf("panic: %v", fault)))
		}
		if !goesOn {
			a.forget(j)
		}
	}()
	goesOn = part()
}

func (a *agents) forget(j *job) {
	defer a.work.Done()
	for _, slots := range j.slots {
		<-slots
	}
	if j.delivered {
		j.host.release()
	}
	j.stop(nil)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.jobs[j.ref] == j { // and not the next run's
		delete(a.jobs, j.ref)
	}
}

// stop ends a task: one that waits is Cancelled, one that runs is killed and then Terminated. One that has ended stays as
// it is, and none runs again.
func (a *agents) stop(ref taskRef) {
	stopping := a.store.change(ref, func(t *task) bool {
		switch t.Status {
		case assist.StatusPending, assist.StatusScheduled:
			t.Status = assist.StatusCancelled
		case assist.StatusRunning:
			t.Status = assist.StatusStopping
		default:
			return false
		}
		t.Stopped = time.Now()
		return true
	})
	if j := a.job(ref); stopping && j != nil {
		j.stop(errStopRequested)
	}
}

// outputOf gives what a run has written so far: a task's latest, or one of its history.
func (a *agents) outputOf(inv *invocation, index int, t *task) (kept []byte, dropped int64) {
	if t.Simulated {
		return a.simulatedOutput(inv, t), 0
	}
	ref := taskRef{inv.InvokeId, index}
	if t.Status != assist.StatusRunning && t.Status != assist.StatusStopping {
		return t.Output, t.Dropped
	}
	if j := a.job(ref); j != nil && j.run == t.Repeats {
		kept, dropped = j.written()
		a.store.told(ref, j.run, kept, dropped)
		return kept, dropped
	}
	for _, run := range a.store.task(ref).runs() {
		if run.Repeats == t.Repeats { // it has ended since t was read
			if run.Simulated {
				return a.simulatedOutput(inv, run), 0
			}
			return run.Output, run.Dropped
		}
	}
	return t.Output, t.Dropped
}

func (a *agents) job(ref taskRef) *job {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.jobs[ref]
}

func (a *agents) started() []Execution {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.executions)
}

func (a *agents) isClosed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

// close ends all tasks, and returns when no process of theirs is left.
func (a *agents) close() {
	a.mu.Lock()
	a.closed = true
	for _, j := range a.jobs {
		j.stop(errClosed)
	}
	a.mu.Unlock()
	a.scheduler.close()
	a.work.Wait()
	a.runner.Close()
	a.others.remove()
}
