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

// waitFlags say how long to wait.
type waitFlags struct {
	timeout time.Duration
}

func (f *waitFlags) add(flags *pflag.FlagSet) {
	groupWaiting.add(flags, func(flags *pflag.FlagSet) {
		flags.Var(durationFrom0(&f.timeout), "wait-timeout", "stop waiting after this long; exit code 5, and nothing is stopped; 0 waits until the end")
	})
}

func (f *waitFlags) context(ctx context.Context) (context.Context, context.CancelFunc) {
	if f.timeout <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeoutCause(ctx, f.timeout, fleet.ErrWaitTimeout)
}

// engineFunc is what an engine is to do.
type engineFunc func(context.Context, *fleet.Engine) (*fleet.State, error)

// waitedRun is a run, or a watch, that is waited for.
type waitedRun struct {
	sites       sites
	journal     *journal.Journal // has the outputs, too
	runID       string           // empty for a watch
	watchedRun  string           // the run that a watch is of; empty where ids were given
	kept        bool             // the journal is one to come back to
	advised     bool             // how to go on has been said
	stop        bool             // on an interrupt where nobody can be asked
	files       outputFlags      // where outputs go besides
	commandType string           // of a saved command; empty where it is not known
	plan        fleet.Plan       // without values in a watch
	lines       *linePrinter     // nil where nobody follows
	do          engineFunc
}

// waitResult is how a wait ended.
type waitResult struct {
	state   *fleet.State
	err     error
	chosen  interruptChoice
	hurried bool  // there is no time for a report
	unsaid  error // events that could not be printed
}

// await lets the engine work, shows how far it is, and reports how it ended.
func (rn *runner) await(ctx context.Context, w waitedRun) error {
	w.lines = newLinePrinter(rn.printer, w.files)
	end := rn.follow(ctx, w)
	if term.IsBrokenPipe(end.err) {
		rn.printRemainder(w, end)
		return end.outcome()
	}
	return rn.conclude(w, end)
}

// follow lets the engine work, shows how far it is, and attends to interrupts.
func (rn *runner) follow(ctx context.Context, w waitedRun) waitResult {
	progress := rn.streams.StartProgress()
	defer progress.Stop()
	told := periodicRuns{}
	events := &eventPrinter{printer: rn.printer}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	engine := rn.engine(w, func(event fleet.Event, state *fleet.State) {
		w.lines.show(event, state, progress, cancel)
		if rn.config.Output == string(render.Table) {
			if lines := told.finished(event, state); len(lines) > 0 {
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
	onlooker := &keyListener{control: engine.Control, keyboard: keyboard, progress: progress, style: rn.errStyle}
	defer onlooker.start()()
	engine.Gate = &gateQuestion{printer: rn.printer, wait: w, progress: progress, keyboard: keyboard}
	engine.Check = &gateCommand{printer: rn.printer, wait: w, progress: progress}
	attendant := newInterruptHandler(rn.printer, engine, w, keyboard, progress, cancel)
	endAttention := attendant.start()
	defer handleStopRequests(rn.printer, w, engine.Control, progress)()
	state, err := w.do(ctx, engine)
	chosen, hurried := endAttention()
	return waitResult{state, err, chosen, hurried, events.err()}
}

// noTerminal is what to say where keyboard is nil.
const noTerminal = "there is nobody to ask (no terminal, or CI is set)"

// engine is the engine on some sites.
func (rn *runner) engine(w waitedRun, sink func(fleet.Event, *fleet.State)) *fleet.Engine {
	engine := &fleet.Engine{
		APIs: w.sites.apis(), Sink: sink, Secrets: rn.secrets, Follow: w.lines != nil, Control: fleet.NewControl(),
		Concurrency: rn.config.MaxCalls(), Limiters: w.sites.flights(), PageSize: rn.config.PageSize, NoOutput: w.files.none, Patience: rn.patience, Taken: rn.runs.taken(w),
	}
	if w.journal != nil {
		engine.Journal = w.journal
		if rn.wrapJournal != nil {
			engine.Journal = rn.wrapJournal(w.journal)
		}
	}
	return engine
}

// withOutputs runs something with a journal that is there for the outputs alone.
func withOutputs(do func(*journal.Journal) error) (err error) {
	j, err := journal.Temporary()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	return do(j)
}
