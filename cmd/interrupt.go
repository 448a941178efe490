package cmd

import (
	"maps"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// interrupts dispatches signals that ask the process to end. Without a receiver, a signal ends the command.
type interrupts struct {
	mu       sync.Mutex
	captured chan os.Signal
	watchers map[*func()]struct{} // see watch
}

// duplicateWindow is the time within which a second SIGTERM counts as the same: timeout(1) signals its child and then its process
// group, which includes the child.
const duplicateWindow = 100 * time.Millisecond

// dispatch runs until signals is closed.
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
		default: // one is waiting already
		}
	}
}

// capture returns a channel that receives the signals until done is called.
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

// watch calls a function at every signal, captured or not, until done is called.
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
