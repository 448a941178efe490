package assist

import (
	"cmp"
	"slices"
	"sync"
)

// Waits knows which calls wait after a failure, by what its Note hears. It is safe for concurrent use.
type Waits struct {
	mu    sync.Mutex
	calls map[Request]Waiting
}

// Note is for RetryPolicy.Waiting.
func (w *Waits) Note(waiting Waiting) {
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

// Now returns what calls wait for, one for each action, sorted by action: that of the call which is sent next.
func (w *Waits) Now() []Waiting {
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
