package assist

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ConcurrencyLimiter limits the number of concurrent calls of each action. The limit is adaptive: it starts at Initial, grows by one
// with each response that is not late, shrinks by one with each late response, and is halved when the service throttles the action.
// After that, it grows by one when as many responses have arrived as the limit is.
type ConcurrencyLimiter struct {
	Initial int           // the first limit, if Max is not lower
	Max     int           // the highest limit; 0 means no limit
	Notes   ThrottleNotes // shared with other processes; may be nil
	Expect  func(n int)   // called with the expected number of concurrent calls, before there are as many; may be nil

	mu      sync.Mutex
	windows map[string]*window
}

// ThrottleNotes are shared by processes that make calls for the same account. They must be safe for concurrent use.
type ThrottleNotes interface {
	// Throttled notes that the service throttled an action, and the new limit of concurrent calls.
	Throttled(action string, limit int)
	// Latest returns the latest note of an action. ok is false if there is none in the last minute.
	Latest(action string) (limit int, at time.Time, ok bool)
}

// notesInterval is how often the notes of other processes are read.
const notesInterval = time.Second

const (
	// A response is late if it takes longer than twice the fastest response of its action and lateMargin.
	lateMargin = 50 * time.Millisecond
	// Each late response raises the fastest time by 1/fastestDecay of the difference. If a link has become slower permanently, it is
	// fully used again after some hundred responses.
	fastestDecay = 400
)

// Limit returns a Caller that limits the concurrent calls to next. A call waits for a slot until its context, or that of [While],
// ends. The wait does not count towards RetryPolicy.Elapsed.
func (l *ConcurrencyLimiter) Limit(next Caller) Caller {
	if l.Max <= 0 {
		return next
	}
	return CallerFunc(func(ctx context.Context, request Request, response any) error {
		w := l.window(request.Action())
		if held, _ := ctx.Value(slotKey{}).(*window); held != w {
			if err := w.enter(ctx); err != nil {
				return err
			}
			defer w.leave()
		}
		sent := time.Now()
		err := next.Call(ctx, request, response)
		w.expectSoon(w.update(sent, err))
		return err
	})
}

type slotKey struct{}

// Slot is the permission for one concurrent call of an action.
type Slot struct{ w *window }

// Acquire waits for a slot, for callers that do something between that and the call. Call [Slot.Release] after the call. A nil
// limiter does not limit calls.
func (l *ConcurrencyLimiter) Acquire(ctx context.Context, action string) (Slot, error) {
	if l == nil || l.Max <= 0 {
		return Slot{}, nil
	}
	w := l.window(action)
	return Slot{w}, w.enter(ctx)
}

// Context returns a context for the call, with which it does not wait for another slot.
func (s Slot) Context(ctx context.Context) context.Context {
	if s.w == nil {
		return ctx
	}
	return context.WithValue(ctx, slotKey{}, s.w)
}

// Release frees the slot for another call.
func (s Slot) Release() {
	if s.w != nil {
		s.w.leave()
	}
}

// window returns the window of an action.
func (l *ConcurrencyLimiter) window(action string) *window {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.windows == nil {
		l.windows = map[string]*window{}
	}
	w := l.windows[action]
	if w == nil {
		w = &window{action: action, notes: l.Notes, expect: l.Expect, initial: l.Initial, max: l.Max, limit: min(l.Initial, l.Max)}
		l.windows[action] = w
	}
	w.raise(min(l.firstLimit(), l.Max))
	return w
}

// firstLimit returns the first limit of an action. It may be more than Initial if the link has carried more concurrent calls of
// another action, up to maxFirstLimit.
func (l *ConcurrencyLimiter) firstLimit() int {
	first := l.Initial
	for _, w := range l.windows {
		if limit, smooth := w.proven(); smooth {
			first = max(first, min(limit, maxFirstLimit))
		}
	}
	return max(first, 1)
}

// maxFirstLimit is far below what the service accepts in a burst.
const maxFirstLimit = 32

// window limits the concurrent calls of one action.
type window struct {
	action  string
	notes   ThrottleNotes
	expect  func(n int)
	initial int
	max     int

	mu        sync.Mutex
	limit     int
	responses int // since the limit grew, once it has been halved
	inFlight  int
	waiting   []chan struct{} // each closed when the call may proceed; the oldest first
	fastest   time.Duration   // of all responses
	halved    time.Time       // zero if the limit was never halved
	late      bool            // whether a response was late
	expected  int             // the latest argument of expect
	notesRead time.Time       // when the notes were last read
}

// enter waits for a slot.
func (w *window) enter(ctx context.Context) error {
	sending := sendingOf(ctx)
	if sending.Err() != nil {
		return &unsentError{context.Cause(sending)}
	}
	w.readNotes()
	slot, soon := w.queue()
	if slot == nil {
		return nil
	}
	w.expectSoon(soon)
	began := time.Now()
	defer func() { retryStateOf(ctx).exclude(time.Since(began)) }()
	var ended context.Context
	select {
	case <-slot:
		return nil
	case <-sending.Done():
		ended = sending
	case <-ctx.Done():
		ended = ctx
	}
	w.dequeue(slot)
	return &unsentError{context.Cause(ended)}
}

// queue takes a slot, or joins the queue and returns a channel that is closed when there is a slot. soon is as in [window.soon].
func (w *window) queue() (slot chan struct{}, soon int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.inFlight < w.limit && len(w.waiting) == 0 {
		w.inFlight++
		return nil, 0
	}
	slot = make(chan struct{})
	w.waiting = append(w.waiting, slot)
	return slot, w.soon()
}

// soon returns the number of concurrent calls to expect after the limit has grown, if that is more than before, otherwise 0.
func (w *window) soon() int {
	n := min(2*w.limit, w.inFlight+len(w.waiting), w.max)
	if len(w.waiting) == 0 || n <= w.expected || !w.smooth() {
		return 0
	}
	w.expected = n
	return n
}

func (w *window) expectSoon(soon int) {
	if soon > 0 && w.expect != nil {
		w.expect(soon)
	}
}

// dequeue leaves the queue. It passes on the slot that the call may have received meanwhile.
func (w *window) dequeue(slot chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, other := range w.waiting {
		if other == slot {
			w.waiting = append(w.waiting[:i], w.waiting[i+1:]...)
			return
		}
	}
	w.inFlight--
	w.admit()
}

// leave frees a slot.
func (w *window) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inFlight--
	w.admit()
}

// admit assigns free slots to waiting calls. The lock is held.
func (w *window) admit() {
	for len(w.waiting) > 0 && w.inFlight < w.limit {
		close(w.waiting[0])
		w.waiting = w.waiting[1:]
		w.inFlight++
	}
}

// update adapts the limit to the outcome of a call. It returns the result of [window.soon].
func (w *window) update(sent time.Time, err error) (soon int) {
	took := time.Since(sent)
	w.mu.Lock()
	defer w.mu.Unlock()
	refused, ok := errors.AsType[*Error](err)
	switch {
	case ok && refused.Throttled():
		if !sent.Before(w.halved) { // otherwise the call was sent before the limit was halved
			w.limit, w.halved, w.responses = max(w.limit/2, 1), time.Now(), 0
			if w.notes != nil {
				w.notes.Throttled(w.action, w.limit)
			}
		}
		return 0
	case err != nil && !ok:
		return 0 // a lost call says nothing about the capacity of the service
	}
	w.adapt(took)
	w.admit()
	return w.soon()
}

// adapt adapts the limit to the time that a response took. The lock is held.
func (w *window) adapt(took time.Duration) {
	if w.fastest == 0 || took < w.fastest {
		w.fastest = took
	}
	switch {
	case took > 2*w.fastest+lateMargin:
		w.late = true
		w.fastest += (took - w.fastest) / fastestDecay
		w.limit = max(w.limit-1, min(w.initial, w.limit))
	case w.limit < w.max:
		if w.responses++; w.halved.IsZero() || w.responses >= w.limit {
			w.limit, w.responses = w.limit+1, 0
		}
	}
}

// readNotes adopts a lower limit that another process has noted.
func (w *window) readNotes() {
	if w.notes == nil || !w.notesDue() {
		return
	}
	limit, at, ok := w.notes.Latest(w.action)
	w.mu.Lock()
	defer w.mu.Unlock()
	if ok && at.After(w.halved) {
		w.limit, w.halved, w.responses = max(min(w.limit, limit), 1), at, 0
	}
}

// notesDue reports whether the notes are due to be read, and records that they are.
func (w *window) notesDue() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.notesRead) < notesInterval {
		return false
	}
	w.notesRead = time.Now()
	return true
}

// proven returns the limit, and whether it never had to be lowered.
func (w *window) proven() (limit int, smooth bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.limit, w.smooth()
}

func (w *window) smooth() bool { return w.halved.IsZero() && !w.late }

// raise raises the limit, unless it had to be lowered.
func (w *window) raise(limit int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.smooth() && limit > w.limit {
		w.limit = limit
		w.admit()
	}
}
