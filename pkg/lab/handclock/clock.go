// Package handclock is a lab.Clock that stands still until it is set, for tests of schedules. It is no synthetic time: what
// a script takes, and what a test waits, is the machine's.
package handclock

import (
	"sync"
	"time"
)

// Clock is for any number of goroutines.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	alarms map[chan time.Time]time.Time
}

// New gives a clock that shows a time.
func New(now time.Time) *Clock { return &Clock{now: now, alarms: map[chan time.Time]time.Time{}} }

// Now is what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Alarm gives a channel that hears when the clock shows a time, or a later one. Stop is to be called in the end.
func (c *Clock) Alarm(at time.Time) (rings <-chan time.Time, stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	alarm := make(chan time.Time, 1)
	c.alarms[alarm] = at
	c.ring()
	return alarm, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.alarms, alarm)
	}
}

// Advance sets the clock forward, or back where d is negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.ring()
}

func (c *Clock) ring() {
	for alarm, at := range c.alarms {
		if !at.After(c.now) {
			alarm <- c.now
			delete(c.alarms, alarm)
		}
	}
}
