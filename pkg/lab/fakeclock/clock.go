// Package fakeclock provides a lab.Clock that stands still until a test moves it. It drives schedules only: scripts and tests
// still take real time.
package fakeclock

import (
	"sync"
	"time"
)

// Clock is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	alarms map[chan time.Time]time.Time
}

// New returns a clock that shows the given time.
func New(now time.Time) *Clock { return &Clock{now: now, alarms: map[chan time.Time]time.Time{}} }

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Alarm returns a channel that receives once the clock shows the given time or a later one. Call stop to release the alarm.
func (c *Clock) Alarm(at time.Time) (fires <-chan time.Time, stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	alarm := make(chan time.Time, 1)
	c.alarms[alarm] = at
	c.fire()
	return alarm, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.alarms, alarm)
	}
}

// Advance moves the clock forward by d, or back if d is negative.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.fire()
}

// fire fires the alarms that are due. c.mu is held.
func (c *Clock) fire() {
	for alarm, at := range c.alarms {
		if !at.After(c.now) {
			alarm <- c.now
			delete(c.alarms, alarm)
		}
	}
}
