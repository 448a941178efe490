package assist

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Flights bounds how many calls of an action are on their way at the same time. The bound adapts: it begins at Least, grows by
// one with each answer that comes no later than others did, shrinks by one with each that does, and is halved when the service
// throttles the action. From then on it grows by one with as many answers as it is.
type Flights struct {
	Least  int         // to begin with; a lower Most counts
	Most   int         // at most; 0 is no bound at all
	Others FlightNotes // what other processes have found out; it may be nil
	Ahead  func(n int) // told how many calls of an action may be on their way soon, before they are; it may be nil

	mu      sync.Mutex
	windows map[string]*window
}

// FlightNotes are shared by the processes that call in the name of one account. It is used by several goroutines at once.
type FlightNotes interface {
	// Throttled notes that the service throttled an action, and how many calls may be on their way from then on.
	Throttled(action string, limit int)
	// Latest returns the latest note of an action; ok is false where there is none of the last minute.
	Latest(action string) (limit int, at time.Time, ok bool)
}

// askOthers is how often the notes of other processes are looked at.
const askOthers = time.Second

const (
	// slowAnswers is how much later than the fastest answer of its action one may come before it counts as late: twice, and for
	// short times this much more.
	slowAnswers = 50 * time.Millisecond
	// forgetting is by what part of the difference a late answer brings the fastest nearer, so that a link that has become longer for
	// good is used as fully as before after some hundred answers.
	forgetting = 400
)

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
		w.tell(w.learn(sent, err))
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
		w = &window{action: action, others: f.Others, ahead: f.Ahead, least: f.Least, most: f.Most, limit: min(f.Least, f.Most)}
		f.windows[action] = w
	}
	w.widen(min(f.begin(), f.Most))
	return w
}

// begin returns the bound that an action may have before its own answers tell more: a link that carries more calls of another
// action at a time than Least carries as many of this one, up to mostAtOnce.
func (f *Flights) begin() int {
	first := f.Least
	for _, w := range f.windows {
		if limit, smooth := w.proven(); smooth {
			first = max(first, min(limit, mostAtOnce))
		}
	}
	return max(first, 1)
}

// mostAtOnce is how many calls at a time an action may have on the word of others. It is far below what the service lets through
// in a burst.
const mostAtOnce = 32

// window is how many calls of one action may be on their way.
type window struct {
	action string
	others FlightNotes
	ahead  func(n int)
	least  int
	most   int

	mu      sync.Mutex
	limit   int
	grown   int // answers since the limit grew, once it has been halved
	flying  int
	waiting []chan struct{} // closed when it is a call's turn, the oldest first
	fastest time.Duration   // of the answers that came
	halved  time.Time       // zero if it never was
	late    bool            // answers came late
	told    int             // to ahead
	asked   time.Time       // when the notes of others were looked at
}

// enter waits for the call's turn.
func (w *window) enter(ctx context.Context) error {
	sending := sendingOf(ctx)
	if sending.Err() != nil {
		return &unsentError{context.Cause(sending)}
	}
	w.hearOthers()
	turn, soon := w.line()
	if turn == nil {
		return nil
	}
	w.tell(soon)
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

// line takes a place, or returns what is closed when there is one, and how many calls may be on their way by then, if those are
// more than before.
func (w *window) line() (turn chan struct{}, soon int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.flying < w.limit && len(w.waiting) == 0 {
		w.flying++
		return nil, 0
	}
	turn = make(chan struct{})
	w.waiting = append(w.waiting, turn)
	return turn, w.soon()
}

// soon returns how many calls may be on their way when the limit has grown, if those are more than before; otherwise 0.
func (w *window) soon() int {
	n := min(2*w.limit, w.flying+len(w.waiting), w.most)
	if len(w.waiting) == 0 || n <= w.told || !w.smooth() {
		return 0
	}
	w.told = n
	return n
}

func (w *window) tell(soon int) {
	if soon > 0 && w.ahead != nil {
		w.ahead(soon)
	}
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

// learn adapts the limit to how a call went, and returns what soon does.
func (w *window) learn(sent time.Time, err error) (soon int) {
	took := time.Since(sent)
	w.mu.Lock()
	defer w.mu.Unlock()
	refused, ok := errors.AsType[*Error](err)
	switch {
	case ok && refused.Throttled():
		if !sent.Before(w.halved) { // those that were on their way then are of the same cause
			w.limit, w.halved, w.grown = max(w.limit/2, 1), time.Now(), 0
			if w.others != nil {
				w.others.Throttled(w.action, w.limit)
			}
		}
		return 0
	case err != nil && !ok:
		return 0 // lost on the way, which says nothing of how much the service takes
	}
	w.adapt(took)
	w.admit()
	return w.soon()
}

// adapt takes the time of an answer.
func (w *window) adapt(took time.Duration) {
	if w.fastest == 0 || took < w.fastest {
		w.fastest = took
	}
	switch {
	case took > 2*w.fastest+slowAnswers:
		w.late = true
		w.fastest += (took - w.fastest) / forgetting
		w.limit = max(w.limit-1, min(w.least, w.limit))
	case w.limit < w.most:
		if w.grown++; w.halved.IsZero() || w.grown >= w.limit {
			w.limit, w.grown = w.limit+1, 0
		}
	}
}

// hearOthers takes a lower limit over from another process.
func (w *window) hearOthers() {
	if w.others == nil || !w.mayHear() {
		return
	}
	limit, at, ok := w.others.Latest(w.action)
	w.mu.Lock()
	defer w.mu.Unlock()
	if ok && at.After(w.halved) {
		w.limit, w.halved, w.grown = max(min(w.limit, limit), 1), at, 0
	}
}

// mayHear reports whether it is time to look at the notes of others again, and takes that as done.
func (w *window) mayHear() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.asked) < askOthers {
		return false
	}
	w.asked = time.Now()
	return true
}

// proven returns the limit, and reports whether it never had to be lowered.
func (w *window) proven() (limit int, smooth bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.limit, w.smooth()
}

func (w *window) smooth() bool { return w.halved.IsZero() && !w.late }

// widen raises the limit, unless it had to be lowered.
func (w *window) widen(limit int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.smooth() && limit > w.limit {
		w.limit = limit
		w.admit()
	}
}
