package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"muster/pkg/assist/catalogue"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/schedule"
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

// work is what an engine is to do.
type work func(context.Context, *fleet.Engine) (*fleet.State, error)

// await lets the engine work, shows how far it is, and reports how it ended.
func (a *app) await(ctx context.Context, s *session, do work) error {
	state, err := a.follow(ctx, s, do)
	if term.IsBrokenPipe(err) {
		return &outcomeError{exitInterrupted}
	}
	return a.conclude(s, state, err)
}

// follow lets the engine work, and shows how far it is.
func (a *app) follow(ctx context.Context, s *session, do work) (*fleet.State, error) {
	progress := a.streams.StartProgress()
	defer progress.Stop()
	view := newProgressView(progress.Update)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	engine := a.engine(s, func(event fleet.Event) {
		view.apply(event)
		if a.config.Output == string(render.Table) {
			if lines := view.finishedRuns(event); len(lines) > 0 {
				progress.Do(func() { _, _ = io.WriteString(a.streams.Out, strings.Join(lines, "")) })
			}
		}
		if err := a.stream(event); err != nil {
			cancel(err)
		}
	})
	return do(ctx, engine)
}

// engine is the engine on a session. Without a sink, events go to stdout where they are what the user wants to see.
func (a *app) engine(s *session, sink func(fleet.Event)) *fleet.Engine {
	if sink == nil {
		sink = func(event fleet.Event) { _ = a.stream(event) } // the state is reported all the same
	}
	return &fleet.Engine{API: s.client, Sink: sink, Concurrency: a.config.Concurrency, PageSize: a.config.PageSize}
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
		if printErr := a.print(a.report(state, s)); printErr != nil {
			return errors.Join(err, printErr)
		}
	}
	a.advise(state)
	if err != nil {
		a.wayBack(s, state)
		return err
	}
	if !state.Succeeded() {
		return &outcomeError{exitUnsuccess}
	}
	return nil
}

// advise says what to do about each code that targets ended with. An exit code speaks for itself.
func (a *app) advise(state *fleet.State) {
	if a.config.Quiet || a.wantsJSON() {
		return
	}
	counts := map[string]int{}
	for i := range state.Targets {
		if code := state.Targets[i].ErrorCode; code != "" && code != "ExitCodeNonzero" {
			counts[code]++
		}
	}
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		if entry, ok := catalogue.Find(code, a.language()); ok {
			a.note("%s (%d): %s", code, counts[code], entry.Short())
		}
	}
}

// report is the document of a run.
func (a *app) report(state *fleet.State, s *session) *render.Run {
	document := render.NewRun(state, s.calls.Counts())
	for i := range document.Invocations {
		invocation := &document.Invocations[i]
		if !invocation.InvocationStatus.Terminal() {
			invocation.NextTime = nextFire(invocation.Frequency, state.LastStart(invocation.InvokeId))
		}
	}
	return document
}

// nextFire is when a periodic command runs next: a rate counts from its last start, anything else goes by the clock.
func nextFire(text string, lastStart time.Time) string {
	frequency, err := schedule.Parse(text)
	if err != nil {
		return "" // there is none
	}
	after := time.Now()
	if frequency.Kind() == schedule.Rate && !lastStart.IsZero() {
		after = lastStart
	}
	if next := frequency.Next(after, time.Local); !next.IsZero() {
		return next.Format(time.RFC3339)
	}
	return ""
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
	seen   map[string]int64 // runs of periodic commands that were told, by invocation and instance
}

func newProgressView(update func(string)) *progressView {
	return &progressView{state: fleet.NewState(), update: update, seen: map[string]int64{}}
}

func (v *progressView) apply(event fleet.Event) {
	if event.Event == fleet.OutputEvent {
		event.Result = &fleet.Result{TargetStatus: event.Result.TargetStatus} // the text is not shown here
	}
	v.state.Apply(event)
	v.update(v.line())
}

// finishedRuns are the runs of a periodic command that an event tells of, a line each.
func (v *progressView) finishedRuns(event fleet.Event) []string {
	if !event.Periodic {
		return nil
	}
	var lines []string
	for _, i := range event.Instances {
		if key := event.InvokeId + i.InstanceId; i.FinishTime != "" && i.Repeats > v.seen[key] {
			v.seen[key] = i.Repeats
			line := fmt.Sprintf("%s  %s  run %d: exit %d", i.FinishTime, i.InstanceId, i.Repeats, i.ExitCode)
			if i.ErrorCode != "" {
				line += "  " + term.Sanitize(i.ErrorCode)
			}
			lines = append(lines, line+"\n")
		}
	}
	return lines
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
