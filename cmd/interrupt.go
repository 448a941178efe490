package cmd

import (
	"maps"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// interrupts hand the signals that ask a process to end to whoever attends to them. Where nobody does, they end the
// command.
type interrupts struct {
	mu       sync.Mutex
	captured chan os.Signal
	watchers map[*func()]struct{} // see watch
}

// duplicateWindow is how soon a SIGTERM after another one is the same: timeout(1) signals its child, and then its process group, in
// which that is, too.
const duplicateWindow = 100 * time.Millisecond

// dispatch works until the process ends.
func (i *interrupts) dispatch(signals <-chan os.Signal, end func()) {
	var last time.Time
	for received := range signals {
		if received == syscall.SIGTERM && time.Since(last) < duplicateWindow {
			continue
		}
		if received == syscall.SIGTERM {
			last = time.Now()
		}
		i.mu.Lock()
		captured, watchers := i.captured, slices.Collect(maps.Keys(i.watchers))
		i.mu.Unlock()
		for _, watcher := range watchers {
			(*watcher)()
		}
		if captured == nil {
			end()
			return
		}
		select {
		case captured <- received:
		default: // there is one already that has not been seen yet
		}
	}
}

// capture gives the signals to its caller, until done.
func (i *interrupts) capture() (received <-chan os.Signal, done func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.captured = make(chan os.Signal, 2)
	return i.captured, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.captured = nil
	}
}

// watch calls a function at every signal, whoever attends to it, until done.
func (i *interrupts) watch(received func()) (done func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.watchers == nil {
		i.watchers = map[*func()]struct{}{}
	}
	i.watchers[&received] = struct{}{}
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.watchers, &received)
	}
}
