package cmd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/sleep"
)

// findRun gives the id of a run that was named on the command line.
func (a *app) findRun(text string) (journal.Dir, string, error) {
	dir, err := a.runsDir()
	if err != nil {
		return dir, "", err
	}
	id, err := dir.Find(text)
	return dir, id, err
}

// readRun reads a run that was named on the command line. It must be closed.
func (a *app) readRun(text string) (*journal.Record, error) {
	dir, id, err := a.findRun(text)
	if err != nil {
		return nil, err
	}
	return dir.Read(id)
}

// readWhole reads a run for what is known of it, without its outputs.
func (a *app) readWhole(text string) (*journal.Record, error) {
	record, err := a.readRun(text)
	if err != nil {
		return nil, err
	}
	return record, record.Close()
}

// shortestName returns last for the newest run, and the id of another one.
func (a *app) shortestName(runID string) string {
	if dir, err := a.runsDir(); err == nil {
		if newest, err := dir.Find("last"); err == nil && newest == runID {
			return "last"
		}
	}
	return runID
}

// prune forgets the runs that are older than the user keeps them. It is nothing to fail for.
func (a *app) prune(dir journal.Dir) {
	if a.config.KeepDays == 0 || len(a.problems()) > 0 { // how long they are kept may be what cannot be read
		return
	}
	if _, err := dir.Prune(time.Now().AddDate(0, 0, -a.config.KeepDays)); err != nil && a.config.Verbose {
		a.note("old runs could not be removed: %s", a.explain(err))
	}
}

// takenBy returns a function that reports whether another run has an invocation, by the journals on this machine.
func (a *app) takenBy(w wait) func(invokeID string) bool {
	dir, err := a.runsDir()
	if err != nil {
		return nil
	}
	return func(invokeID string) bool { return dir.Taken(w.runID, invokeID) }
}

// submittedHere returns a function that reports whether a run of this machine has submitted an invocation at a site.
func (a *app) submittedHere(site fleet.Site) func(invokeID string) bool {
	return func(invokeID string) bool {
		dir, err := a.runsDir()
		if err != nil {
			return false
		}
		_, at, ok := dir.SubmittedBy(invokeID)
		return ok && at.RegionId == site.RegionId
	}
}

// freePause is between two looks at whether a run is free.
const freePause = 300 * time.Millisecond

// openWhenFree opens a run once no other process is at it.
func (a *app) openWhenFree(ctx context.Context, dir journal.Dir, id string) (*journal.Journal, *journal.Record, error) {
	for told := false; ; told = true {
		j, record, err := dir.Open(id)
		if _, busy := errors.AsType[*journal.InUseError](err); !busy {
			return j, record, err
		}
		if !told && !a.config.Quiet {
			a.note("another muster process is at run %s: waiting for it", id)
		}
		if err := sleep.For(ctx, freePause); err != nil {
			return nil, nil, fmt.Errorf("wait for the process at run %s: %w", id, err)
		}
	}
}
