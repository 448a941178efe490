package runner

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"time"
)

// Shell is the program that is sh on an instance. The script is run by this machine's sh in any case; a Shell only decides how the
// official agent reports it, whose command line is sh -c PATH.
type Shell string

// The shells. Bash, the default, and busybox replace themselves by the script. Dash remains its parent.
const (
	Bash    Shell = "bash"
	Dash    Shell = "dash"
	Busybox Shell = "busybox"
)

// ErrDown is a cause with which the context of a script can be cancelled: its machine went down, so that nothing of it continues.
var ErrDown = errors.New("the instance went down")

// behindShell reports whether the script is not the process that the agent started, but its child.
func (s *Script) behindShell() bool { return s.Shell == Dash && len(s.Launcher) == 0 }

// outlivesShell reports whether a timeout or stop ends only the shell, and the script continues.
func (s *Script) outlivesShell() bool { return s.behindShell() && !s.KillTree }

// reportSignal returns the exit code of a script that a signal ended: -1, which is Go's own, or 128+n if a shell reports it, which
// also writes a line to the output.
func (s *Script) reportSignal(signal syscall.Signal, out io.Writer) int {
	if !s.behindShell() {
		return -1
	}
	if signal != syscall.SIGINT && signal != syscall.SIGPIPE {
		word := signal.String()
		_, _ = io.WriteString(out, strings.ToUpper(word[:1])+word[1:]+"\n") // an Output never fails
	}
	return 128 + int(signal)
}

// runBehindShell runs a script that outlives its shell. On a timeout or stop it returns at once. What the script writes from then
// on is lost; it continues until it ends or the runner is closed.
func (r *Runner) runBehindShell(ctx context.Context, s Script, out *Output) Outcome {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if s.Timeout > 0 {
		defer time.AfterFunc(s.Timeout, func() { cancel(errTimeout) }).Stop()
	}
	o := Outcome{Started: time.Now()}
	life, kill := context.WithCancelCause(context.WithoutCancel(ctx))
	ended := make(chan Outcome, 1)
	s.Timeout = 0
	go func() {
		defer kill(nil)
		ended <- r.run(life, s, out)
	}()
	select {
	case o := <-ended:
		return o
	case <-ctx.Done():
	}
	switch o.Err = context.Cause(ctx); {
	case errors.Is(o.Err, ErrDown), errors.Is(o.Err, ErrClosed):
		kill(o.Err)
		return <-ended
	case errors.Is(o.Err, errTimeout):
		o.End, o.ExitCode = TimedOut, 1
	default:
		o.End, o.ExitCode = Stopped, -1
	}
	o.Finished = time.Now()
	return o
}
