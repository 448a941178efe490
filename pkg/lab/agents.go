package lab

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
)

const (
	// deliveryPatience is how long the service tries to reach an agent.
	deliveryPatience = 60 * time.Second
	// maxProcesses is the number of scripts that run at once on this machine. Further ones wait.
	maxProcesses = 1000
)

// agents run the tasks of instances. job.go is the life of one run.
type agents struct {
	store     stores
	sites     sites
	runner    scriptRunner
	scheduler *scheduler
	faults    *faults
	dirs      instanceDirs
	sharedDir sharedDir
	account   string
	log       *slog.Logger
	patience  time.Duration
	slots     chan struct{} // of this machine

	mu          sync.Mutex
	closed      bool
	jobs        map[taskRef]*job
	repetitions map[taskRef]*repetition // those that have not ended
	executions  []Execution
	work        sync.WaitGroup
}

// scriptRunner is the part of a [runner.Runner] that agents use.
type scriptRunner interface {
	Run(ctx context.Context, s runner.Script, out *runner.Output) runner.Outcome
	KillAll()
	Close()
}

func newAgents(scripts scriptRunner, l *Lab) *agents {
	return &agents{
		store: l.served.stores(), sites: l.served, account: l.identity.Account, log: l.log,
		faults:    l.faults,
		runner:    scripts,
		dirs:      l.dirs,
		scheduler: newScheduler(l.clock),
		patience:  deliveryPatience,
		slots:     make(chan struct{}, maxProcesses),
		jobs:      map[taskRef]*job{},

		repetitions: map[taskRef]*repetition{},
	}
}

// launch starts the tasks of an invocation, which the store has already. After close it does nothing.
func (a *agents) launch(inv *invocation, hosts []*host) {
	for i, h := range hosts {
		if h.enrolled != nil {
			h.enrolled.assign(inv, taskRef{inv.InvokeId, i})
			continue
		}
		a.start(&job{invocation: inv, ref: taskRef{inv.InvokeId, i}, run: 1, host: h})
	}
}

// schedule starts the repetitions of an invocation on hosts, whose tasks the store has already, from the index first on.
func (a *agents) schedule(inv *invocation, hosts []*host, first int, now time.Time) {
	for i, h := range hosts {
		if h.enrolled != nil {
			h.enrolled.assign(inv, taskRef{inv.InvokeId, first + i})
			continue
		}
		p := a.newRepetition(inv, taskRef{inv.InvokeId, first + i}, h)
		if f := checkAgentVersion(inv, h.get()); f != nil {
			p.refuse(f)
			continue
		}
		if p.Frequency == nil {
			h.runAtStart(p)
			continue
		}
		p.mu.Lock()
		fires := p.await(inv.Created, now)
		p.mu.Unlock()
		if !fires {
			p.refuse(neverFires())
		}
	}
}

// stop stops a task and its repetition: a waiting task becomes Cancelled, a running one is killed and becomes Terminated. A
// finished task stays as it is.
func (a *agents) stop(ref taskRef) {
	if h := a.sites.host(a.store.task(ref).InstanceId); h != nil && h.enrolled != nil {
		h.enrolled.stop(ref)
		return
	}
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
	if a.store.task(ref).Status.Terminal() {
		a.forgetRepetition(ref)
	}
}

// outputOf returns the output of a run so far: the latest of a task or one of its history.
func (a *agents) outputOf(inv *invocation, index int, t *task) (kept []byte, dropped int64) {
	if t.Simulated {
		return a.simulatedOutput(inv, t), 0
	}
	ref := taskRef{inv.InvokeId, index}
	if !t.inProgress() {
		return t.Output, t.Dropped
	}
	if j := a.job(ref); j != nil && j.run == t.Repeats {
		reported := j.reported()
		a.store.noteOutput(ref, j.run, reported)
		return reported, 0
	}
	for _, run := range a.store.task(ref).runs() {
		if run.Repeats == t.Repeats { // it has finished since t was read
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

func (a *agents) executed() []Execution {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.executions)
}

func (a *agents) isClosed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closed
}

// close ends all tasks and returns once none of their processes is left.
func (a *agents) close() {
	for _, h := range a.sites.allManaged() {
		if h.enrolled != nil {
			h.enrolled.close()
		}
	}
	a.endJobs()
	a.runner.Close()
	a.sharedDir.remove()
}

// endAll is like close, but leaves the runner to other agents.
func (a *agents) endAll() {
	a.endJobs()
	a.runner.KillAll()
	a.sharedDir.remove()
}

func (a *agents) endJobs() {
	a.mu.Lock()
	a.closed = true
	for _, j := range a.jobs {
		j.stop(errClosed)
	}
	a.mu.Unlock()
	a.scheduler.close()
	a.work.Wait()
}

// newRunner returns the runner of a lab's scripts. It first kills the processes that a killed lab left in the same data
// directory.
func newRunner(binDir string, alone bool, l *Lab) *runner.Runner {
	var r *runner.Runner
	if l.storage.Persistent() {
		r = runner.NewAfter(binDir, l.identity.Mark)
	} else {
		r = runner.New(binDir)
	}
	r.Alone = alone
	return r
}
