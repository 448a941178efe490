package cmd

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/render"
	"muster/pkg/term"
)

// waitFlags choose how long to wait.
type waitFlags struct {
	timeout time.Duration
}

func (f *waitFlags) add(flags *pflag.FlagSet) {
	groupWaiting.add(flags, func(flags *pflag.FlagSet) {
		flags.Var(nonNegativeDuration(&f.timeout), "wait-timeout", "stop waiting after this long; exit code 5, and nothing is stopped; 0 waits until the end")
	})
}

func (f *waitFlags) context(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, f.timeout, fleet.ErrWaitTimeout)
}

// engineFunc makes an engine send, resume or watch a run.
type engineFunc func(context.Context, *fleet.Engine) (*fleet.State, error)

// waitedRun is a run, or a watch, that is waited for.
type waitedRun struct {
	sites       sites
	journal     *journal.Journal // of events and outputs
	runID       string           // empty for a watch
	watchedRun  string           // the run that is watched; empty if ids were given
	kept        bool             // the journal is permanent
	advised     bool             // how to continue has been reported
	stop        bool             // on an interrupt without a terminal
	files       outputFlags      // how outputs are shown
	commandType string           // of a saved command; may be empty
	plan        fleet.Plan       // empty for a watch
	lines       *linePrinter     // nil without --follow
	do          engineFunc
}

// waitResult is the result of a wait.
type waitResult struct {
	state    *fleet.State
	err      error
	chosen   interruptChoice
	hurried  bool  // a second interrupt: skip the report
	eventErr error // the error of events that could not be printed
}

// await runs the engine, shows its progress, and reports how it ended.
func (rn *runner) await(ctx context.Context, w waitedRun) error {
	w.lines = newLinePrinter(rn.printer, w.files)
	end := rn.follow(ctx, w)
	if term.IsBrokenPipe(end.err) {
		rn.printRemainder(w, end)
		return end.outcome()
	}
	return rn.conclude(w, end)
}

// follow runs the engine, shows its progress, and handles interrupts.
func (rn *runner) follow(ctx context.Context, w waitedRun) waitResult {
	progress := rn.streams.StartProgress()
	defer progress.Stop()
	periodic := periodicRuns{}
	events := &eventPrinter{printer: rn.printer}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	engine := rn.engine(w, func(event fleet.Event, state *fleet.State) {
		w.lines.show(event, state, progress, cancel)
		if note := w.lines.periodicNote(event); note != "" && !rn.config.Quiet && !rn.wantsJSON() {
			progress.Do(func() { rn.note("%s", note) })
		}
		if rn.config.Output == string(render.Table) {
			if lines := periodic.finished(event, state); len(lines) > 0 {
				progress.Do(func() {
					if _, err := io.WriteString(rn.streams.Out, strings.Join(lines, "")); err != nil {
						cancel(err)
					}
				})
			}
		}
		if err := events.write(event); err != nil {
			cancel(err)
		}
	})
	progress.Follow(newLiveView(engine.Control, &rn.waits, rn.errStyle()).frame)
	if !progress.Draws() && !rn.config.Quiet {
		defer startHeartbeat(engine.Control.Look, func(text string) { progress.Do(func() { rn.note("%s", text) }) })()
	}
	keyboard := rn.keyboard()
	listener := &keyListener{control: engine.Control, keyboard: keyboard, progress: progress, style: rn.errStyle}
	defer listener.start()()
	engine.Gate = &gateQuestion{printer: rn.printer, wait: w, progress: progress, keyboard: keyboard}
	engine.Check = &gateCommand{printer: rn.printer, wait: w, progress: progress}
	handler := newInterruptHandler(rn.printer, engine, w, keyboard, progress, cancel)
	endHandling := handler.start()
	defer handleStopRequests(rn.printer, w, engine.Control, progress)()
	state, err := w.do(ctx, engine)
	chosen, hurried := endHandling()
	return waitResult{state, err, chosen, hurried, events.err()}
}

// noTerminal explains why there is no keyboard.
const noTerminal = "there is no one to ask (no terminal, or CI is set)"

// engine returns an engine for the sites of a run.
func (rn *runner) engine(w waitedRun, sink func(fleet.Event, *fleet.State)) *fleet.Engine {
	engine := &fleet.Engine{
		APIs: w.sites.apis(), Sink: sink, Secrets: rn.secrets, Follow: w.lines != nil, Control: fleet.NewControl(),
		Concurrency: rn.config.MaxCalls(), Limiters: w.sites.limiters(), PageSize: rn.config.PageSize, NoOutput: w.files.none, Patience: rn.patience, Taken: rn.runs.taken(w),
	}
	if w.journal != nil {
		engine.Journal = w.journal
		if rn.wrapJournal != nil {
			engine.Journal = rn.wrapJournal(w.journal)
		}
	}
	return engine
}

// withOutputs calls do with a temporary journal, which stores outputs.
func withOutputs(do func(*journal.Journal) error) (err error) {
	j, err := journal.Temporary()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	return do(j)
}
