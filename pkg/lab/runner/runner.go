// Package runner runs scripts as processes of this machine, like the official agent.
//
// A [Runner] writes a script to a file, starts it in a session of its own, collects what it writes in an [Output], and kills
// it on a timeout or when its context is cancelled. It also finds and kills the processes that scripts leave behind:
//
//   - On Unix, descendants that stay in the script's process group are found by the group.
//   - On Linux, descendants in other sessions are found by a variable in their environment, or because they were reparented
//     to this process, which can be a child subreaper.
//   - If this process crashes or is killed, on Linux the kernel kills its scripts (Pdeathsig) and a watchdog process kills
//     the rest.
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

// outputGrace is how long output is still read after a script has finished. A child that the script left behind can hold the
// pipe open for longer; what it writes later is lost.
const outputGrace = 200 * time.Millisecond

// Script is one run of a command on an instance.
type Script struct {
	Content  []byte
	Path     string   // absolute path of the file for Content, removed after the run; never derived from a command's name
	Launcher []string // the arguments that run the file, including Path; empty: sh -c Path
	Dir      string
	Home     string
	As       *OSUser  // the user to run it as; nil: the lab's own
	Env      []string // in addition to the lab's own environment, HOME, PWD and HOSTNAME
	Hostname string   // the host name that the script sees; empty: the lab's own
	Timeout  time.Duration
	KillTree bool // on a timeout or stop, also kill the script's descendants
	Shell    Shell
}

// Ending is the way a script ended.
type Ending int

// The endings of a script.
const (
	Exited   Ending = iota // it exited, or a signal from elsewhere killed it
	TimedOut               // the runner killed it after its Timeout
	Stopped                // the runner killed it because the context was cancelled or the runner closed
	Broken                 // it could not be started, or its outcome is unknown; Err is the reason
)

// Outcome is the result of a script.
type Outcome struct {
	End               Ending
	ExitCode          int // see [Shell] for a script that a signal killed; 1 after a timeout
	Started, Finished time.Time
	Err               error
}

var errTimeout = errors.New("the script ran for longer than its timeout")

// ErrClosed is the cause with which Close and KillAll end scripts, and a cause with which the context of a script can be cancelled:
// none of its processes continues.
var ErrClosed = errors.New("the lab is closed")

// Runner runs scripts like the official agent, with no limit on how many run at once. It is safe for concurrent use.
// Processes do not outlive it.
type Runner struct {
	shell       string
	shellErr    error // why there is no shell
	hostnameErr error // why scripts would not see their Hostname
	env         []string
	starter     *starter
	groups      *processGroups
	watchdog    *watchdog

	// Alone means that no other code in this process starts children in sessions of their own. On Linux the runner may then
	// adopt, and kill, what its scripts orphan. Set it before the first Run.
	Alone bool

	mu     sync.Mutex
	closed bool
	live   map[*context.CancelCauseFunc]struct{}
	runs   sync.WaitGroup
}

// New returns a Runner, which must be closed. It may write commands for scripts to binDir, which no one else uses and which
// comes first in the PATH of scripts.
func New(binDir string) *Runner {
	return newRunner(newStarter(true), binDir, newProcessGroups(rand.Text()))
}

// NewAfter is like New, for a process that follows others with the same mark. It kills what a killed one left behind.
func NewAfter(binDir, mark string) *Runner {
	groups := newProcessGroups(mark)
	groups.killAll()
	return newRunner(newStarter(true), binDir, groups)
}

func newRunner(starter *starter, binDir string, groups *processGroups) *Runner {
	r := &Runner{starter: starter, groups: groups, live: make(map[*context.CancelCauseFunc]struct{})}
	r.env = append(withoutKeys(os.Environ()), r.groups.env()...)
	if r.shell, r.shellErr = FindShell(); r.shellErr != nil {
		r.shellErr = fmt.Errorf("looking for a shell to run scripts with: %w", r.shellErr)
	}
	r.watchdog = newWatchdog(starter, r.shell, groups.own)
	if !starter.setsHostnames {
		if err := installHostname(binDir); err != nil {
			r.hostnameErr = fmt.Errorf("installing a hostname command for scripts: %w", err)
		}
		r.env = append(r.env, "PATH="+binDir)
		if path := os.Getenv("PATH"); path != "" { // an empty element would mean the working directory
			r.env[len(r.env)-1] += string(os.PathListSeparator) + path
		}
	}
	return r
}

// FindShell returns the path of the program that runs scripts: the sh in the PATH, or busybox, which is a shell if it is called sh.
func FindShell() (string, error) {
	path, err := exec.LookPath("sh")
	if err == nil {
		return path, nil
	}
	if busybox, missing := exec.LookPath("busybox"); missing == nil {
		return busybox, nil
	}
	return "", err
}

// withoutKeys removes the variables for clients of the API, such as access keys of the lab's user, and the lab's own
// key: no instance has them.
func withoutKeys(env []string) []string {
	return slices.DeleteFunc(env, func(variable string) bool {
		return strings.HasPrefix(variable, "ALIBABA_CLOUD_") || strings.HasPrefix(variable, "ALIBABACLOUD_") || strings.HasPrefix(variable, "ALICLOUD_") ||
			strings.HasPrefix(variable, "MUSTER_LAB_ACCESS_KEY_")
	})
}

// Run runs a script and returns when it has finished, timed out or been stopped by ctx or Close. It writes the script's output
// to out.
func (r *Runner) Run(ctx context.Context, s Script, out *Output) Outcome {
	if s.outlivesShell() {
		return r.runBehindShell(ctx, s, out)
	}
	return r.run(ctx, s, out)
}

func (r *Runner) run(ctx context.Context, s Script, out *Output) Outcome {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	unregister, err := r.register(cancel)
	if err != nil {
		return Outcome{End: Broken, Err: err}
	}
	defer unregister()

	defer os.Remove(s.Path)
	if err := s.write(); err != nil {
		return Outcome{End: Broken, Err: fmt.Errorf("writing the script: %w", err)}
	}

	killed := false // written by cmd.Cancel, which has returned when Wait returns
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
	captureErr := capture.finish(outputGrace)
	r.groups.track(cmd.Process.Pid)

	if cmd.ProcessState == nil {
		o.End, o.Err = Broken, fmt.Errorf("waiting for the script: %w", err)
		return o
	}
	code, exited := exitCode(cmd.ProcessState)
	_, isExitError := errors.AsType[*exec.ExitError](err)
	switch cause := context.Cause(ctx); {
	case killed && !exited && errors.Is(cause, errTimeout):
		o.End, o.ExitCode, o.Err = TimedOut, 1, cause
	case killed && !exited:
		o.End, o.ExitCode, o.Err = Stopped, code, cause
	case captureErr != nil && !killed:
		o.End, o.ExitCode, o.Err = Broken, code, fmt.Errorf("reading the script's output: %w", captureErr)
	case err == nil || isExitError || errors.Is(err, exec.ErrWaitDelay) || killed:
		o.End, o.ExitCode = Exited, code
		if signal := signalOf(cmd.ProcessState); signal != 0 {
			o.ExitCode = s.reportSignal(signal, out)
		}
	default:
		o.End, o.ExitCode, o.Err = Broken, code, fmt.Errorf("waiting for the script: %w", err)
	}
	return o
}

// write writes the script's file. If the script runs as another user, only that user can read the file.
func (s *Script) write() error {
	if s.As == nil {
		return writeExecutable(s.Path, s.Content, 0o755)
	}
	if err := writeExecutable(s.Path, s.Content, 0o700); err != nil {
		return err
	}
	return os.Lchown(s.Path, int(s.As.uid), int(s.As.gid))
}

// Close stops all running scripts, kills the processes that earlier scripts left behind, and waits for all of them. Later
// calls of Run fail.
func (r *Runner) Close() {
	r.mu.Lock()
	first := !r.closed
	r.closed = true
	r.mu.Unlock()
	r.endRuns()
	if first {
		r.groups.killAll()
		r.watchdog.stop()
		r.groups.subreaper.stop()
		r.starter.close()
	}
}

// KillAll is like Close, except that the runner can run further scripts. No call of Run may begin before it returns.
func (r *Runner) KillAll() {
	r.endRuns()
	r.groups.killAll()
}

// endRuns ends all scripts that are running.
func (r *Runner) endRuns() {
	r.mu.Lock()
	for cancel := range r.live {
		(*cancel)(ErrClosed)
	}
	r.mu.Unlock()
	r.runs.Wait()
}

// register makes Close call cancel and wait until unregister has been called. It fails if the runner is closed.
func (r *Runner) register(cancel context.CancelCauseFunc) (unregister func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, ErrClosed
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
