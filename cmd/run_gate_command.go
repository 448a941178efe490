package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"muster/pkg/duration"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// gateGrace is the time that a gate command may take to end when told to, and for which its children may keep its output open.
const gateGrace = 2 * time.Second

// gateCommand decides about the next wave by running a command on this machine.
type gateCommand struct {
	printer  *printer
	wait     waitedRun
	progress *term.Progress

	report *os.File // of the wave; stdin of the command
	named  bool     // it has a name, and is removed when it is closed
	waves  int
}

// Show writes the wave's report to an unnamed temporary file.
func (g *gateCommand) Show(wave int, s *fleet.State) (err error) {
	g.waves = s.Waves()
	if g.report, err = os.CreateTemp("", "muster-wave-*.json"); err != nil {
		return fmt.Errorf("store the report of wave %d for the gate: %w", wave, err)
	}
	g.named = os.Remove(g.report.Name()) != nil // where an open file cannot be removed
	report := render.NewRun(s, g.wait.journal, nil).Wave(wave)
	err = render.Write(g.report, render.JSON, report, render.Style{})
	if err == nil {
		_, err = g.report.Seek(0, io.SeekStart)
	}
	if err != nil {
		g.discard()
		return fmt.Errorf("write the report of wave %d for the gate: %w", wave, err)
	}
	return nil
}

// discard closes the report, and removes it if that was not possible before.
func (g *gateCommand) discard() {
	_ = g.report.Close()
	if g.named {
		_ = os.Remove(g.report.Name())
	}
}

// Ask runs the command, and reports the last line of its output.
func (g *gateCommand) Ask(ctx context.Context, wave int) (string, error) {
	defer g.discard()
	g.say("running the gate after wave %d", wave)
	limited, cancel := context.WithTimeout(ctx, g.wait.plan.GateTimeout)
	defer cancel()
	said := new(tail)
	command := shellCommand(limited, g.wait.plan.Gate)
	command.Stdin, command.Stdout, command.Stderr = g.report, said, said
	command.Env = append(g.printer.environ(), "MUSTER_GATE_RUN_ID="+g.wait.runID,
		"MUSTER_GATE_WAVE="+strconv.Itoa(wave), "MUSTER_GATE_WAVES="+strconv.Itoa(g.waves))
	command.WaitDelay = gateGrace
	err := runGroup(command)
	last := said.lastLine()
	if last != "" {
		last = ": " + last
	}
	exit, exited := errors.AsType[*exec.ExitError](err)
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case limited.Err() != nil:
		return g.close("the gate did not finish within %s after wave %d%s", duration.Format(g.wait.plan.GateTimeout), wave, last), nil
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		g.say("the gate passed after wave %d%s", wave, last)
		return "", nil
	case exited && exit.Exited():
		return g.close("the gate exited with %d after wave %d%s", exit.ExitCode(), wave, last), nil
	case exited:
		return g.close("the gate was killed by a signal (%s) after wave %d%s", strings.TrimPrefix(exit.Error(), "signal: "), wave, last), nil
	}
	return g.close("the gate failed after wave %d: %v%s", wave, err, last), nil
}

func (g *gateCommand) say(format string, args ...any) {
	if !g.printer.config.Quiet {
		g.progress.Do(func() { g.printer.note(format, args...) })
	}
}

// close reports why the gate is closed, and returns that.
func (g *gateCommand) close(format string, args ...any) string {
	reason := fmt.Sprintf(format, args...)
	g.progress.Do(func() { g.printer.note("%s", reason) })
	return reason
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

// maxTail is the number of bytes kept.
const maxTail = 4096

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-maxTail):]
	return len(p), nil
}

// lastLine returns the last line that is not blank, sanitized for a terminal and at most 200 characters long.
func (t *tail) lastLine() string {
	text := strings.TrimSpace(strings.ToValidUTF8(string(t.text), "\uFFFD"))
	line := []rune(term.Sanitize(strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])))
	if len(line) > 200 {
		return string(line[:199]) + "…"
	}
	return string(line)
}
