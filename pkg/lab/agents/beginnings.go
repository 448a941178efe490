package agents

import (
	"sync"
	"time"
)

// stopDelay is the time for which a stop is held back after a task was handed out, and after its start was reported: only a script that
// runs can be stopped reliably.
const stopDelay = 500 * time.Millisecond

// handedMemory is how long it is remembered when a task was handed out first. A task is handed out again until its host reports it, and a
// stop must not be held back again each time.
const handedMemory = 10 * time.Second

// beginnings remembers which tasks their hosts may be starting right now. It is safe for concurrent use.
type beginnings struct {
	mu    sync.Mutex
	last  map[beginning]time.Time
	swept time.Time
}

type beginning struct{ instanceID, taskID string }

func newBeginnings() *beginnings { return &beginnings{last: make(map[beginning]time.Time)} }

// handedOut notes that a host was told to run a task.
func (b *beginnings) handedOut(instanceID, taskID string) {
	b.note(beginning{instanceID, taskID}, false)
}

// started notes that a host has reported the start of a task.
func (b *beginnings) started(instanceID, taskID string) { b.note(beginning{instanceID, taskID}, true) }

func (b *beginnings) note(key beginning, renew bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if now.Sub(b.swept) >= handedMemory {
		b.swept = now
		for key, last := range b.last {
			if now.Sub(last) >= handedMemory {
				delete(b.last, key)
			}
		}
	}
	if _, known := b.last[key]; renew || !known {
		b.last[key] = now
	}
}

// wait returns for how long a stop has to be held back.
func (b *beginnings) wait(instanceID, taskID string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	last, ok := b.last[beginning{instanceID, taskID}]
	if !ok {
		return 0
	}
	return max(stopDelay-time.Since(last), 0)
}
