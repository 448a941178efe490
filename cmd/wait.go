package cmd

import (
	"context"
	"io"
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
