package fleet

import "time"

// Journal stores a run's events, so that another process can resume it.
type Journal interface {
	// Append adds an event. Calls of Append do not overlap.
	Append(Event) error
	// Sync returns when all appended events are on disk. It may be called concurrently.
	Sync() error
}

// JournalError reports that an event could not be stored. Nothing is sent after it.
type JournalError struct{ Err error }

func (e *JournalError) Error() string { return "write the run's journal: " + e.Err.Error() }

func (e *JournalError) Unwrap() error { return e.Err }

// emit applies an event and passes it on. An event that cannot be stored is still applied, because it has happened.
func (r *run) emit(event Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.emitLocked(event)
}

// emitLocked is emit for callers that hold the lock.
func (r *run) emitLocked(event Event) error {
	event.Time = time.Now()
	r.engine.Secrets.mask(&event)
	ends := event.Event == Settled || event.Event == Interrupted
	if ends {
		r.state.Apply(event)
		event.Status, event.Counts = r.state.Status(), r.state.Counts()
	}
	if journal := r.engine.Journal; journal != nil && r.broken == nil && event.Event.journaled() {
		if err := journal.Append(event); err != nil {
			r.breakJournal(err)
		}
	}
	if r.broken != nil && event.Result != nil {
		r.holdOutput(event.Result)
	}
	if event.Event == Submitting && r.broken != nil {
		return r.broken // it is not sent
	}
	if !ends {
		r.state.Apply(event)
	}
	if r.engine.Sink != nil {
		r.engine.Sink(event, r.state)
	}
	signal(r.moved)
	return r.journalErr()
}

// outputHolder is a Journal that keeps outputs for the report when it can no longer be written.
type outputHolder interface{ KeepOutput(OutputKey, Output) }

func (r *run) holdOutput(result *Result) {
	if holder, ok := r.engine.Journal.(outputHolder); ok {
		holder.KeepOutput(result.OutputKey(), result.Output)
	}
}

// sync returns when all events are on disk. It also fails if a later event could not be stored.
func (r *run) sync() error {
	if r.engine.Journal == nil {
		return nil
	}
	err := r.engine.Journal.Sync()
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.breakJournal(err)
	}
	return r.journalErr()
}

// breakJournal stops storing events. It keeps the first error.
func (r *run) breakJournal(err error) {
	if r.broken == nil {
		r.broken = &JournalError{err}
	}
}

func (r *run) journalErr() error {
	if r.broken != nil {
		return r.broken
	}
	return nil
}

// brokenJournal returns the error of a journal that can no longer be written, or nil.
func (r *run) brokenJournal() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.journalErr()
}

// signal wakes a goroutine that waits for an element of a channel with room for one. It does nothing if there is one already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
