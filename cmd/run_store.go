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

// runStore finds and reads the journals of this user's runs.
type runStore struct{ *printer }

// find returns the id of a run that was named on the command line.
func (rs *runStore) find(text string) (journal.Dir, string, error) {
	dir, err := runsDir()
	if err != nil {
		return dir, "", err
	}
	id, err := dir.Find(text)
	return dir, id, err
}

// read reads a run that was named on the command line. The caller must close it.
func (rs *runStore) read(text string) (*journal.Record, error) {
	dir, id, err := rs.find(text)
	if err != nil {
		return nil, err
	}
	return dir.Read(id)
}

// readHead reads a run without its outputs.
func (rs *runStore) readHead(text string) (*journal.Record, error) {
	record, err := rs.read(text)
	if err != nil {
		return nil, err
	}
	return record, record.Close()
}

// shortestName returns "last" for the newest run, and the id otherwise.
func (rs *runStore) shortestName(runID string) string {
	if dir, err := runsDir(); err == nil {
		if newest, err := dir.Find("last"); err == nil && newest == runID {
			return "last"
		}
	}
	return runID
}

// prune removes runs older than --keep-days. Errors do not matter.
func (rs *runStore) prune(dir journal.Dir) {
	if rs.config.KeepDays == 0 || len(rs.problems()) > 0 { // --keep-days itself may be unreadable
		return
	}
	if _, err := dir.Prune(time.Now().AddDate(0, 0, -rs.config.KeepDays)); err != nil && rs.config.Verbose {
		rs.note("old runs could not be removed: %s", rs.explain(err))
	}
}

// taken returns a function that reports whether another run on this machine has an invocation.
func (rs *runStore) taken(w waitedRun) func(invokeID string) bool {
	dir, err := runsDir()
	if err != nil {
		return nil
	}
	return func(invokeID string) bool { return dir.Taken(w.runID, invokeID) }
}

// submittedHere returns a function that reports whether a run on this machine submitted an invocation at a site.
func (rs *runStore) submittedHere(site fleet.Site) func(invokeID string) bool {
	return func(invokeID string) bool {
		dir, err := runsDir()
		if err != nil {
			return false
		}
		_, at, ok := dir.SubmittedBy(invokeID)
		return ok && at.RegionId == site.RegionId
	}
}

// freePause is the time between two attempts to open a run.
const freePause = 300 * time.Millisecond

// openWhenFree opens a run once no other process is using it.
func (rs *runStore) openWhenFree(ctx context.Context, dir journal.Dir, id string) (*journal.Journal, *journal.Record, error) {
	for noted := false; ; noted = true {
		j, record, err := dir.Open(id)
		if _, busy := errors.AsType[*journal.InUseError](err); !busy {
			return j, record, err
		}
		if !noted && !rs.config.Quiet {
			rs.note("run %s is in use by another muster process: waiting for it", id)
		}
		if err := sleep.For(ctx, freePause); err != nil {
			return nil, nil, fmt.Errorf("wait for the process that is using run %s: %w", id, err)
		}
	}
}
