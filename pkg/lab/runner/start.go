package runner

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"slices"
)

// start tries what may run the script, and tells of the last way's failure.
func (r *Runner) start(ctx context.Context, s Script, out *Output, killed *bool) (*exec.Cmd, *capture, error) {
	switch {
	case s.Hostname != "" && r.noNames != nil:
		return nil, nil, r.noNames
	case len(s.Launcher) == 0 && r.noShell != nil:
		return nil, nil, r.noShell
	}
	if r.Alone {
		r.groups.subreaper.begin()
	}
	if err := r.watchdog.begin(ctx); err != nil {
		return nil, nil, err
	}
	var failure error
	for _, argv := range r.ways(s) {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		if argv[0] == r.shell {
			cmd.Args[0] = "sh" // its name in its own messages
		}
		cmd.Dir = s.Dir
		cmd.Env = r.environment(s)
		cmd.SysProcAttr = processAttributes()
		s.As.become(cmd.SysProcAttr)
		cmd.WaitDelay = outputGrace
		cmd.Cancel = func() error {
			err := killProcess(cmd.Process, s.KillTree || errors.Is(context.Cause(ctx), errRunnerClosed))
			*killed = err == nil
			return err
		}
		capture, err := newCapture(cmd, out)
		if err != nil {
			return nil, nil, err
		}
		s.As.own(cmd.Stdout)
		if failure = r.starter.start(ctx, cmd, s.Hostname); failure == nil {
			capture.started()
			return cmd, capture, nil
		}
		capture.abandon()
		if ctx.Err() != nil {
			break
		}
	}
	return nil, nil, failure
}

// ways lists command lines for a script, the cheapest first. The agent runs sh -c path. Where sh is bash that is an exec
// of the path and, for a file without a magic number, the shell reading it: the same as the others here, which save
// starting a shell only for that. Where sh is dash it stays as the script's parent, and a TerminationMode of Process
// would reach no script. If an exec fails, only the shell has the right words for it.
func (r *Runner) ways(s Script) [][]string {
	if len(s.Launcher) > 0 {
		return [][]string{s.Launcher}
	}
	asAgent := []string{r.shell, "-c", shellWord(s.Path)}
	switch {
	case bytes.HasPrefix(s.Content, []byte("#!")):
		return [][]string{{s.Path}, asAgent}
	case bytes.IndexByte(s.Content, 0) < 0:
		return [][]string{{r.shell, s.Path}}
	}
	return [][]string{asAgent}
}

func (r *Runner) environment(s Script) []string {
	env := slices.Clip(r.env)
	if s.As != nil {
		env = s.As.environment(env, r.groups.env())
	}
	for _, v := range []struct{ name, value string }{{"HOME", s.Home}, {"PWD", s.Dir}, {"HOSTNAME", s.Hostname}} {
		if v.value != "" {
			env = append(env, v.name+"="+v.value)
		}
	}
	return append(env, s.Env...)
}
