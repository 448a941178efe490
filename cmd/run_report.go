package cmd

import (
	"errors"
	"fmt"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// printRun prints the report of a run, unless its events are on stdout already, and writes the files of --output-dir. If those
// cannot be written, a note says so; the returned error is about stdout only.
func (f *outputFlags) printRun(p *printer, runs *runStore, state *fleet.State, outputs fleet.Outputs, report *render.Run, streamed bool) error {
	if f.path != "" {
		if err := writeOutputDir(f.path, state, outputs, report); err != nil {
			p.note("--output-dir: %s", p.explain(err))
		}
	}
	if streamed {
		return nil
	}
	end, err := f.compare(runs, report)
	if err != nil {
		p.note("the report shows outputs instead of changes: %s", p.explain(err))
		return p.print(report)
	}
	return errors.Join(p.print(report), end())
}

// compare makes a report show what has changed since the run of --diff-run. Call end after printing it.
func (f *outputFlags) compare(runs *runStore, report *render.Run) (end func() error, err error) {
	if f.diffRun == "" {
		return func() error { return nil }, nil
	}
	earlier, err := runs.read(f.diffRun)
	if err != nil {
		return nil, fmt.Errorf("--diff-run: %w", err)
	}
	report.Against(earlier.State, earlier)
	return earlier.Close, nil
}

// reportError reports that the report of a run, or some of its events, could not be printed.
type reportError struct {
	err       error
	code      int    // the run's own exit code
	submitted bool   // the run was not waited for
	runID     string // of the journal that has everything; may be empty
}

func (e *reportError) Error() string {
	text := fmt.Sprintf("the run ended with exit code %d, but its report could not be written: %v", e.code, e.err)
	if e.submitted {
		text = fmt.Sprintf("the run was submitted, but its report could not be written: %v", e.err)
	}
	if e.runID != "" {
		text += "; see muster runs show " + e.runID
	}
	return text
}

func (e *reportError) Unwrap() error { return e.err }

// unreported returns the error of a run whose report could not be printed. It is the run's own error, if there is one, so that the
// exit code is the run's.
func unreported(p *printer, w waitedRun, state *fleet.State, err, outcome error) error {
	failed := &reportError{err: err, code: exitCode(outcome), submitted: state.Finished.IsZero()}
	if w.kept {
		failed.runID = state.RunId
	}
	if outcome == nil {
		return failed
	}
	p.printOneError(failed, failed.code)
	return outcome
}
