package cmd

import (
	"os"
	"sync"
)

// interrupts hand the signals that ask a process to end to whoever attends to them. Where nobody does, they end the
// command.
type interrupts struct {
	mu       sync.Mutex
	attended chan os.Signal
}

// deliver works until the process ends.
func (i *interrupts) deliver(signals <-chan os.Signal, end func()) {
	for received := range signals {
		i.mu.Lock()
		attended := i.attended
		i.mu.Unlock()
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
