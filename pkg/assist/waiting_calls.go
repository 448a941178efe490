package assist

import (
	"cmp"
	"slices"
	"sync"
)

// WaitingCalls tracks calls that wait after a failure. Set RetryPolicy.Waiting to its Note method. It is safe for concurrent use.
type WaitingCalls struct {
	mu    sync.Mutex
	calls map[Request]Waiting
}

// Note records a wait or the end of a call.
func (w *WaitingCalls) Note(waiting Waiting) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if waiting.Until.IsZero() {
		delete(w.calls, waiting.Request)
		return
	}
	if w.calls == nil {
		w.calls = map[Request]Waiting{}
	}
	w.calls[waiting.Request] = waiting
}

// Now returns the waiting call of each action that is sent next, sorted by action.
func (w *WaitingCalls) Now() []Waiting {
	w.mu.Lock()
	defer w.mu.Unlock()
	next := map[string]Waiting{}
	for _, waiting := range w.calls {
		action := waiting.Request.Action()
		if known, ok := next[action]; !ok || waiting.Until.Before(known.Until) {
			next[action] = waiting
		}
	}
	all := make([]Waiting, 0, len(next))
	for _, waiting := range next {
		all = append(all, waiting)
	}
	slices.SortFunc(all, func(a, b Waiting) int { return cmp.Compare(a.Request.Action(), b.Request.Action()) })
	return all
}
