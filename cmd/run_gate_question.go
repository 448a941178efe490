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

// gateQuestion asks the user at the terminal whether to send the next wave.
type gateQuestion struct {
	printer  *printer
	wait     waitedRun
	progress *term.Progress
	keyboard *term.Keyboard
	next     string // the question
}

// Show prints how a wave ended, on stderr like the question.
func (g *gateQuestion) Show(wave int, s *fleet.State) error {
	g.progress.Suspend()
	waiting := 0
	for i := range s.Targets {
		if s.Targets[i].Wave == wave+1 {
			waiting++
		}
	}
	g.next = fmt.Sprintf("send wave %d of %d, to %s? [y/N] ", wave+1, s.Waves(), plural(waiting, "instance"))
	run := render.NewRun(s, g.wait.journal, nil)
	g.wait.lines.omitFromWave(run)
	return run.WriteWave(g.printer.streams.Err, g.printer.errStyle(), wave)
}

// Ask asks until the answer is yes or no. Enter and the end of input mean no.
func (g *gateQuestion) Ask(ctx context.Context, wave int) (string, error) {
	defer g.progress.Resume()
	no := fmt.Sprintf("wave %d was declined", wave+1)
	answer, err := g.keyboard.Ask(ctx, g.next, func(answer string) bool {
		return slices.Contains([]string{"y", "yes", "n", "no", ""}, strings.ToLower(answer))
	})
	switch {
	case errors.Is(err, io.EOF):
		return no, nil
	case err == nil && !strings.HasPrefix(strings.ToLower(answer), "y"):
		return no, nil
	}
	return "", err
}
