package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// gate asks who sits at the terminal whether the next wave may go out.
type gate struct {
	app      *app
	wait     wait
	progress *term.Progress
	keyboard *term.Keyboard
	next     string // what comes next, in words
}

// Show says on stderr, which has the question too, how the wave before ended.
func (g *gate) Show(wave int, s *fleet.State) error {
	g.progress.Suspend()
	waiting := 0
	for i := range s.Targets {
		if s.Targets[i].Wave == wave {
			waiting++
		}
	}
	g.next = fmt.Sprintf("send wave %d of %d, to %s? [y/N] ", wave, s.Waves(), instances(waiting))
	run := render.NewRun(s, g.wait.journal, nil)
	g.wait.lines.leaveOutOfWave(run)
	return run.WriteWave(g.app.streams.Err, g.app.errStyle(), wave-1)
}

// Ask takes the end of the input for a no.
func (g *gate) Ask(ctx context.Context, _ int) (bool, error) {
	defer g.progress.Resume()
	answer, err := g.keyboard.Ask(ctx, g.next, nil)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return slices.Contains([]string{"y", "yes"}, strings.ToLower(answer)), err
}

func instances(n int) string {
	if n == 1 {
		return "1 instance"
	}
	return fmt.Sprintf("%d instances", n)
}
