package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// waitFlags say how long to wait.
type waitFlags struct {
	timeout time.Duration
}

func (f *waitFlags) add(flags *pflag.FlagSet) {
	flags.DurationVar(&f.timeout, "wait-timeout", 0, "stop waiting after this `time`, such as 30m, and exit with 5; what was sent goes on")
}

func (f *waitFlags) context(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, f.timeout, fleet.ErrWaitTimeout)
}

// await lets the engine work, shows how far it is, and reports how it ended.
func (a *app) await(ctx context.Context, s *session, work func(context.Context, *fleet.Engine) (*fleet.State, error)) error {
	progress := a.streams.StartProgress()
	defer progress.Stop()
	view := newProgressView(progress.Update)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	engine := &fleet.Engine{
		API: s.client, Concurrency: a.config.Concurrency, PageSize: a.config.PageSize,
		Sink: func(event fleet.Event) {
			view.apply(event)
			if err := a.stream(event); err != nil {
				cancel(err)
			}
		},
	}
	state, err := work(ctx, engine)
	progress.Stop()
	if term.IsBrokenPipe(err) {
		return &outcomeError{exitInterrupted}
	}
	return a.conclude(s, state, err)
}

// stream prints events as they happen, where they are what the user wants to see.
func (a *app) stream(event fleet.Event) error {
	if a.config.Output != string(render.NDJSON) {
		return nil
	}
	return render.Line(a.streams.Out, event)
}

// conclude prints the report, and says where to go on with what is not settled. An error before anything was sent is
// just an error.
func (a *app) conclude(s *session, state *fleet.State, err error) error {
	if err != nil && len(state.Invocations) == 0 {
		if errors.Is(err, fleet.ErrWaitTimeout) {
			return fmt.Errorf("nothing was submitted: %w", err)
		}
		return err
	}
	if a.config.Output != string(render.NDJSON) {
		if printErr := a.print(render.NewRun(state, s.calls.Counts())); printErr != nil {
			return errors.Join(err, printErr)
		}
	}
	if err != nil {
		a.wayBack(s, state)
		return err
	}
	if !state.Succeeded() {
		return &outcomeError{exitUnsuccess}
	}
	return nil
}

// wayBack names what is still running, and the command that waits for it.
func (a *app) wayBack(s *session, state *fleet.State) {
	if s.lab {
		return // it ends with this process
	}
	var open []string
	for _, invocation := range state.Invocations {
		if !invocation.InvocationStatus.Terminal() {
			open = append(open, invocation.InvokeId)
		}
	}
	if len(open) == 0 {
		return
	}
	command := "muster watch --region " + state.RegionId
	if a.config.Origin("profile") == "flag --profile" {
		command += " --profile " + a.config.Profile
	}
	a.note("still running; go on waiting with: %s %s", command, strings.Join(open, " "))
}

// progressView is one line of how far a run is. It belongs to the engine's sink.
type progressView struct {
	state  *fleet.State
	update func(string)
}

func newProgressView(update func(string)) *progressView {
	return &progressView{state: fleet.NewState(), update: update}
}

func (v *progressView) apply(event fleet.Event) {
	if event.Event == fleet.OutputEvent {
		event.Result = &fleet.Result{TargetStatus: event.Result.TargetStatus} // the text is not shown here
	}
	v.state.Apply(event)
	v.update(v.line())
}

func (v *progressView) line() string {
	counts := v.state.Counts()
	parts := []string{fmt.Sprintf("%d/%d", v.state.Ended(), counts["Total"])}
	for _, cause := range fleet.Causes() {
		if n := counts[string(cause)]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, cause))
		}
	}
	return strings.Join(parts, "  ")
}

func callLines(counts map[string]int) []string {
	var lines []string
	for _, action := range slices.Sorted(maps.Keys(counts)) {
		lines = append(lines, fmt.Sprintf("%5d calls of %s", counts[action], action))
	}
	return lines
}
