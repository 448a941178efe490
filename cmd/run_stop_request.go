package cmd

import (
	"context"
	"sync"
	"time"

	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/term"
)

// askProcessToStop asks the muster process that is working on a run, if any, to send nothing more.
func askProcessToStop(p *printer, record *journal.Record) error {
	if !record.Running {
		return nil
	}
	dir, err := runsDir()
	if err != nil {
		return err
	}
	if err := dir.RequestStop(record.RunId); err != nil {
		return err
	}
	if !p.config.Quiet {
		p.note("run %s is in use by another muster process, which was asked to send nothing more", record.RunId)
	}
	return nil
}

// requestPause is the time between two checks for a stop request.
const requestPause = 300 * time.Millisecond

// handleStopRequests stops a run if another process asks for it, until end is called.
func handleStopRequests(p *printer, w waitedRun, control *fleet.Control, progress *term.Progress) (end func()) {
	if !w.kept {
		return func() {}
	}
	var noted sync.Once
	requested := func() bool {
		asked := w.journal.StopRequested()
		if asked {
			noted.Do(func() {
				progress.Do(func() { p.note("stopping what was sent: muster runs stop requested it") })
			})
		}
		return asked
	}
	control.Asked = requested
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		ticks := time.NewTicker(requestPause)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
				if requested() {
					control.Stop()
					return
				}
			}
		}
	}()
	return func() { cancel(); <-done }
}
