package assist

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Flights bounds how many calls of an action are on their way at the same time. The bound adapts: it begins at Least, grows by
// one with each answer that comes no later than others did, and is halved when the service throttles the action. From then on
// it grows by one with as many answers as it is.
type Flights struct {
	Least int // to begin with; a lower Most counts
	Most  int // at most; 0 is no bound at all

	mu      sync.Mutex
	windows map[string]*window
}

// slowAnswers is how much later than the fastest answer of its action one may come before it counts as late: twice, and for
// short times this much more.
const slowAnswers = 50 * time.Millisecond

// Bound keeps the calls that go through to next within the bounds. A call that waits for its turn waits no longer than its
// context, or that of While, and the wait does not count against its patience.
func (f *Flights) Bound(next Caller) Caller {
	if f.Most <= 0 {
		return next
	}
	return CallerFunc(func(ctx context.Context, request Request, response any) error {
		w := f.window(request.Action())
		if taken, _ := ctx.Value(turnKey{}).(*window); taken != w {
			if err := w.enter(ctx); err != nil {
				return err
			}
			defer w.leave()
		}
		sent := time.Now()
		err := next.Call(ctx, request, response)
		w.learn(sent, err)
		return err
	})
}

type turnKey struct{}

// Turn is a place among the calls of an action that are on their way.
type Turn struct{ w *window }

// Take waits for the turn of a call before the call is made, for callers that have something to do in between. A nil Flights
// lets all calls through.
func (f *Flights) Take(ctx context.Context, action string) (Turn, error) {
	if f == nil || f.Most <= 0 {
		return Turn{}, nil
	}
	w := f.window(action)
	return Turn{w}, w.enter(ctx)
}

// Context returns a context for the call. It does not wait again.
func (t Turn) Context(ctx context.Context) context.Context {
	if t.w == nil {
		return ctx
	}
	return context.WithValue(ctx, turnKey{}, t.w)
}

// End gives the place to the next call.
func (t Turn) End() {
	if t.w != nil {
		t.w.leave()
	}
}

func (f *Flights) window(action string) *window {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.windows == nil {
		f.windows = map[string]*window{}
	}
	w := f.windows[action]
	if w == nil {
		w = &window{most: f.Most, limit: min(f.begin(), f.Most)}
		f.windows[action] = w
	}
	return w
}

// begin returns the first bound of an action: a link that has carried more calls of another action at a time than Least
// carries them from the beginning, up to mostAtOnce.
func (f *Flights) begin() int {
	first := f.Least
	for _, w := range f.windows {
		if limit, smooth := w.proven(); smooth {
			first = max(first, min(limit, mostAtOnce))
		}
	}
	return max(first, 1)
}

// mostAtOnce bounds with how many calls at a time an action begins. It is far below what the service lets through in a burst.
const mostAtOnce = 32

// window is how many calls of one action may be on their way.
type window struct {
	most int

	mu      sync.Mutex
	limit   int
	grown   int // answers since the limit grew, once it has been halved
	flying  int
	waiting []chan struct{} // closed when it is a call's turn, the oldest first
	fastest time.Duration   // of the answers that came
	halved  time.Time       // zero if it never was
}

// enter waits for the call's turn.
func (w *window) enter(ctx context.Context) error {
	sending := sendingOf(ctx)
	if sending.Err() != nil {
		return &unsentError{context.Cause(sending)}
	}
	turn := w.line()
	if turn == nil {
		return nil
	}
	began := time.Now()
	defer func() { patienceOf(ctx).exclude(time.Since(began)) }()
	var ended context.Context
	select {
	case <-turn:
		return nil
	case <-sending.Done():
		ended = sending
	case <-ctx.Done():
		ended = ctx
	}
	w.giveUp(turn)
	return &unsentError{context.Cause(ended)}
}

// line takes a place, or returns what is closed when there is one.
func (w *window) line() chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.flying < w.limit && len(w.waiting) == 0 {
		w.flying++
		return nil
	}
	turn := make(chan struct{})
	w.waiting = append(w.waiting, turn)
	return turn
}

// giveUp leaves the line, and hands on the place that may have been given meanwhile.
func (w *window) giveUp(turn chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, other := range w.waiting {
		if other == turn {
			w.waiting = append(w.waiting[:i], w.waiting[i+1:]...)
			return
		}
	}
	w.flying--
	w.admit()
}

// leave gives a place to whoever is next in line.
func (w *window) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flying--
	w.admit()
}

// admit lets in whoever is next in line.
func (w *window) admit() {
	for len(w.waiting) > 0 && w.flying < w.limit {
		close(w.waiting[0])
		w.waiting = w.waiting[1:]
		w.flying++
	}
}

// learn adapts the limit to how a call went.
func (w *window) learn(sent time.Time, err error) {
	took := time.Since(sent)
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.admit()
	var refused *Error
	switch {
	case errors.As(err, &refused) && refused.Throttled():
		if sent.After(w.halved) { // those that were on their way then are of the same cause
			w.limit, w.halved, w.grown = max(w.limit/2, 1), time.Now(), 0
		}
		return
	case err != nil && !errors.As(err, &refused):
		return // lost on the way, which says nothing of how much the service takes
	}
	if w.fastest == 0 || took < w.fastest {
		w.fastest = took
	}
	late := took > 2*w.fastest+slowAnswers
	if late || w.limit >= w.most {
		return
	}
	if w.grown++; w.halved.IsZero() || w.grown >= w.limit {
		w.limit, w.grown = w.limit+1, 0
	}
}

// proven returns the limit, and reports whether it never had to be halved.
func (w *window) proven() (limit int, smooth bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.limit, w.halved.IsZero()
}
