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
	attended chan os.Signal
	watchers map[*func()]struct{} // see watch
}

// doubled is how soon a SIGTERM after another one is the same: timeout(1) signals its child, and then its process group, in
// which that is, too.
const doubled = 100 * time.Millisecond

// deliver works until the process ends.
func (i *interrupts) deliver(signals <-chan os.Signal, end func()) {
	var last time.Time
	for received := range signals {
		if received == syscall.SIGTERM && time.Since(last) < doubled {
			continue
		}
		if received == syscall.SIGTERM {
			last = time.Now()
		}
		i.mu.Lock()
		attended, watchers := i.attended, slices.Collect(maps.Keys(i.watchers))
		i.mu.Unlock()
		for _, watcher := range watchers {
			(*watcher)()
		}
		if attended == nil {
			end()
			return
		}
		select {
		case attended <- received:
		default: // there is one already that has not been seen yet
		}
	}
}

// attend gives the signals to its caller, until done.
func (i *interrupts) attend() (received <-chan os.Signal, done func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.attended = make(chan os.Signal, 2)
	return i.attended, func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.attended = nil
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
