package runner

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"slices"
)

// start starts the script with the first of its command lines that works, and returns the error of the last one if none
// does. *killed becomes true when the script is killed because ctx is done.
func (r *Runner) start(ctx context.Context, s Script, out *Output, killed *bool) (*exec.Cmd, *capture, error) {
	switch {
	case s.Hostname != "" && r.hostnameErr != nil:
		return nil, nil, r.hostnameErr
	case len(s.Launcher) == 0 && r.shellErr != nil:
		return nil, nil, r.shellErr
	}
	if r.Alone {
		r.groups.subreaper.start()
	}
	if err := r.watchdog.start(ctx); err != nil {
		return nil, nil, err
	}
	var startErr error
	for _, argv := range r.commandLines(s) {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		if argv[0] == r.shell {
			cmd.Args[0] = "sh" // the name in the shell's own messages
		}
		cmd.Dir = s.Dir
		cmd.Env = r.environment(s)
		cmd.SysProcAttr = processAttributes()
		s.As.setCredential(cmd.SysProcAttr)
		cmd.WaitDelay = outputGrace
		cmd.Cancel = func() error {
			err := killProcess(cmd.Process, s.KillTree || errors.Is(context.Cause(ctx), ErrClosed))
			*killed = err == nil
			return err
		}
		capture, err := newCapture(cmd, out)
		if err != nil {
			return nil, nil, err
		}
		s.As.chownPipe(cmd.Stdout)
		if startErr = r.starter.start(ctx, cmd, s.Hostname); startErr == nil {
			capture.start()
			return cmd, capture, nil
		}
		capture.cancel()
		if ctx.Err() != nil {
			break
		}
	}
	return nil, nil, startErr
}

// commandLines returns the command lines to try for a script, the cheapest first.
//
// The agent runs sh -c path. If sh is bash, that executes the path, and if the file has no magic number, the shell reads it.
// The other command lines here do the same without a shell that only does that. If sh is dash, it remains the parent of the
// script, and a TerminationMode of Process would not reach any script. If a file cannot be executed, only the shell reports
// it in the right words.
func (r *Runner) commandLines(s Script) [][]string {
	if len(s.Launcher) > 0 {
		return [][]string{s.Launcher}
	}
	asAgent := []string{r.shell, "-c", quoteForShell(s.Path)}
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
