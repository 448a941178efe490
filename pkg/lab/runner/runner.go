package runner

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// outputGrace is how long after a script's end the output is still read. A child that the script left behind may hold
// it open for longer, and what that writes then is lost.
const outputGrace = 200 * time.Millisecond

// Script is one run of a command on an instance.
type Script struct {
	Content  []byte
	Path     string   // absolute; the file to write Content to, removed at the end; never made from a command's name
	Launcher []string // what runs the file, with Path in its place; empty: sh -c Path
	Dir      string
	Home     string
	As       *OSUser  // who runs it; nil: the lab's own user
	Env      []string // besides the lab's own environment, HOME, PWD and HOSTNAME
	Hostname string   // what the script takes for the name of its machine; empty: the lab's own
	Timeout  time.Duration
	KillTree bool // on timeout and stop, end the script's descendants too
}

type Ending int

const (
	Exited   Ending = iota // by itself or by somebody's signal
	TimedOut               // killed for its Timeout
	Stopped                // killed because the context was cancelled or the runner closed
	Broken                 // never started, or lost: Err tells
)

type Outcome struct {
	End               Ending
	ExitCode          int // 128+n for a script that signal n ended; 1 after a timeout
	Started, Finished time.Time
	Err               error
}

var (
	errTimeout      = errors.New("the script ran for longer than its timeout")
	errRunnerClosed = errors.New("the lab has been closed")
)

// Runner runs scripts the way the official agent does, as many at once as it is asked to. Processes do not outlive it.
type Runner struct {
	shell    string
	noShell  error
	noNames  error // why scripts would not see their Hostname
	env      []string
	starter  *starter
	groups   *groups
	watchdog *watchdog
	Alone    bool // nothing else in this process has children with sessions of their own

	mu     sync.Mutex
	closed bool
	live   map[*context.CancelCauseFunc]struct{}
	runs   sync.WaitGroup
}

// New makes a runner that must be closed. binDir is a directory of its own for commands that scripts find first.
func New(binDir string) *Runner {
	return newWith(newStarter(true), binDir)
}

// NewAfter makes a runner after one of the same mark that may have been killed. What that left behind is ended.
func NewAfter(binDir, mark string) *Runner {
	groups := newGroups(mark)
	groups.end()
	return newOf(newStarter(true), binDir, groups)
}

func newWith(starter *starter, binDir string) *Runner {
	return newOf(starter, binDir, newGroups(rand.Text()))
}

func newOf(starter *starter, binDir string, groups *groups) *Runner {
	r := &Runner{starter: starter, groups: groups, live: make(map[*context.CancelCauseFunc]struct{})}
	r.env = append(withoutKeys(os.Environ()), r.groups.env()...)
	if r.shell, r.noShell = exec.LookPath("sh"); r.noShell != nil {
		r.noShell = fmt.Errorf("looking for a shell to run scripts with: %w", r.noShell)
	}
	r.watchdog = newWatchdog(starter, r.shell, groups.own)
	if !starter.namesHosts {
		if err := installHostname(binDir); err != nil {
			r.noNames = fmt.Errorf("installing a hostname command for scripts: %w", err)
		}
		r.env = append(r.env, "PATH="+binDir)
		if path := os.Getenv("PATH"); path != "" { // an empty part would be the working directory
			r.env[len(r.env)-1] += string(os.PathListSeparator) + path
		}
	}
	return r
}

// withoutKeys leaves out what the lab's user has for clients of the API: no instance has those keys.
func withoutKeys(env []string) []string {
	return slices.DeleteFunc(env, func(variable string) bool {
		return strings.HasPrefix(variable, "ALIBABA_CLOUD_") || strings.HasPrefix(variable, "ALIBABACLOUD_") || strings.HasPrefix(variable, "ALICLOUD_")
	})
}

// run returns when the script has ended, by itself or because of its timeout or ctx. What it writes goes to out.
func (r *Runner) Run(ctx context.Context, s Script, out *Output) Outcome {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	leave, err := r.enter(cancel)
	if err != nil {
		return Outcome{End: Broken, Err: err}
	}
	defer leave()

	defer os.Remove(s.Path)
	if err := s.write(); err != nil {
		return Outcome{End: Broken, Err: fmt.Errorf("writing the script: %w", err)}
	}

	killed := false // written by Cancel, which has returned when Wait has
	cmd, capture, err := r.start(ctx, s, out, &killed)
	switch {
	case err != nil && ctx.Err() != nil:
		return Outcome{End: Stopped, Err: context.Cause(ctx)}
	case err != nil:
		return Outcome{End: Broken, Err: fmt.Errorf("starting the script: %w", err)}
	}
	o := Outcome{Started: time.Now()}
	if s.Timeout > 0 {
		defer time.AfterFunc(s.Timeout, func() { cancel(errTimeout) }).Stop()
	}
	err = cmd.Wait()
	o.Finished = time.Now()
	unread := capture.finish(outputGrace)
	r.groups.leave(cmd.Process.Pid)

	if cmd.ProcessState == nil {
		o.End, o.Err = Broken, fmt.Errorf("waiting for the script: %w", err)
		return o
	}
	code, byItself := exitCode(cmd.ProcessState)
	_, plain := errors.AsType[*exec.ExitError](err)
	switch cause := context.Cause(ctx); {
	case killed && !byItself && errors.Is(cause, errTimeout):
		o.End, o.ExitCode, o.Err = TimedOut, 1, cause
	case killed && !byItself:
		o.End, o.ExitCode, o.Err = Stopped, code, cause
	case unread != nil && !killed:
		o.End, o.ExitCode, o.Err = Broken, code, fmt.Errorf("reading the script's output: %w", unread)
	case err == nil || plain || errors.Is(err, exec.ErrWaitDelay) || killed:
		o.End, o.ExitCode = Exited, code
	default:
		o.End, o.ExitCode, o.Err = Broken, code, fmt.Errorf("waiting for the script: %w", err)
	}
	return o
}

// write makes the script's file. That of another user is nobody else's to read.
func (s *Script) write() error {
	if s.As == nil {
		return writeExecutable(s.Path, s.Content, 0o755)
	}
	if err := writeExecutable(s.Path, s.Content, 0o700); err != nil {
		return err
	}
	return os.Lchown(s.Path, int(s.As.uid), int(s.As.gid))
}

// Close stops the scripts that run, ends the processes that earlier ones left behind, and waits for all of them.
func (r *Runner) Close() {
	r.mu.Lock()
	first := !r.closed
	r.closed = true
	for cancel := range r.live {
		(*cancel)(errRunnerClosed)
	}
	r.mu.Unlock()
	r.runs.Wait()
	if first {
		r.groups.end()
		r.watchdog.dismiss()
		r.groups.subreaper.end()
		r.starter.close()
	}
}

func (r *Runner) enter(cancel context.CancelCauseFunc) (leave func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errRunnerClosed
	}
	r.live[&cancel] = struct{}{}
	r.runs.Add(1)
	return func() {
		r.mu.Lock()
		delete(r.live, &cancel)
		r.mu.Unlock()
		r.runs.Done()
	}, nil
}
