package lab

import "time"

// hostTimer calls a function after some time, with the lock of an enrolled host held. That lock guards the timer, too.
type hostTimer struct{ timer *time.Timer }

// set makes the timer call a function, unless it is set again or stopped before, or the host is closed; e.mu is held.
func (t *hostTimer) set(e *enrolledHost, wait time.Duration, expire func()) {
	t.stop()
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if t.timer == timer && !e.closed {
			expire()
		}
	})
	t.timer = timer
}

// stop stops the timer; the lock of its host is held.
func (t *hostTimer) stop() {
	if t.timer != nil {
		t.timer.Stop()
		t.timer = nil
	}
}
