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

// find gives the id of a run that was named on the command line.
func (rs *runStore) find(text string) (journal.Dir, string, error) {
	dir, err := runsDir()
	if err != nil {
		return dir, "", err
	}
	id, err := dir.Find(text)
	return dir, id, err
}

// read reads a run that was named on the command line. It must be closed.
func (rs *runStore) read(text string) (*journal.Record, error) {
	dir, id, err := rs.find(text)
	if err != nil {
		return nil, err
	}
	return dir.Read(id)
}

// readHead reads a run for what is known of it, without its outputs.
func (rs *runStore) readHead(text string) (*journal.Record, error) {
	record, err := rs.read(text)
	if err != nil {
		return nil, err
	}
	return record, record.Close()
}

// shortestName returns last for the newest run, and the id of another one.
func (rs *runStore) shortestName(runID string) string {
	if dir, err := runsDir(); err == nil {
		if newest, err := dir.Find("last"); err == nil && newest == runID {
			return "last"
		}
	}
	return runID
}

// prune forgets the runs that are older than the user keeps them. It is nothing to fail for.
func (rs *runStore) prune(dir journal.Dir) {
	if rs.config.KeepDays == 0 || len(rs.problems()) > 0 { // how long they are kept may be what cannot be read
		return
	}
	if _, err := dir.Prune(time.Now().AddDate(0, 0, -rs.config.KeepDays)); err != nil && rs.config.Verbose {
		rs.note("old runs could not be removed: %s", rs.explain(err))
	}
}

// taken returns a function that reports whether another run has an invocation, by the journals on this machine.
func (rs *runStore) taken(w waitedRun) func(invokeID string) bool {
	dir, err := runsDir()
	if err != nil {
		return nil
	}
	return func(invokeID string) bool { return dir.Taken(w.runID, invokeID) }
}

// submittedHere returns a function that reports whether a run of this machine has submitted an invocation at a site.
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

// freePause is between two looks at whether a run is free.
const freePause = 300 * time.Millisecond

// openWhenFree opens a run once no other process is at it.
func (rs *runStore) openWhenFree(ctx context.Context, dir journal.Dir, id string) (*journal.Journal, *journal.Record, error) {
	for told := false; ; told = true {
		j, record, err := dir.Open(id)
		if _, busy := errors.AsType[*journal.InUseError](err); !busy {
			return j, record, err
		}
		if !told && !rs.config.Quiet {
			rs.note("another muster process is at run %s: waiting for it", id)
		}
		if err := sleep.For(ctx, freePause); err != nil {
			return nil, nil, fmt.Errorf("wait for the process at run %s: %w", id, err)
		}
	}
}
