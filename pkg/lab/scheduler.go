package lab

import (
	"slices"
	"sync"
	"time"
)

// maxAlarm is the longest time until the scheduler notices that the clock was set or that the machine has slept.
const maxAlarm = time.Minute

// scheduler calls functions when they are due, one after the other, in one goroutine.
type scheduler struct {
	clock Clock

	mu     sync.Mutex
	queue  []appointment // the earliest first
	going  bool
	closed bool
	sooner chan struct{} // receives when there is a new first one
	done   chan struct{}
	work   sync.WaitGroup
}

type appointment struct {
	due time.Time
	do  func()
}

func newScheduler(clock Clock) *scheduler {
	return &scheduler{clock: clock, sooner: make(chan struct{}, 1), done: make(chan struct{})}
}

// at calls do when due has come. do must not take long; it may call at. After close nothing is called.
func (s *scheduler) at(due time.Time, do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	i, _ := slices.BinarySearchFunc(s.queue, due, func(a appointment, due time.Time) int {
		if a.due.After(due) {
			return 1
		}
		return -1 // after those due at the same time
	})
	s.queue = slices.Insert(s.queue, i, appointment{due, do})
	if !s.going {
		s.going = true
		s.work.Go(s.loop)
	}
	if i == 0 {
		select {
		case s.sooner <- struct{}{}:
		default: // the loop will look anyway
		}
	}
}

func (s *scheduler) loop() {
	for {
		now := s.clock.Now()
		due, next := s.take(now)
		for _, do := range due {
			do()
		}
		if len(due) > 0 {
			continue
		}
		var rings <-chan time.Time
		stop := func() {}
		if !next.IsZero() {
			if soon := now.Add(maxAlarm); next.After(soon) {
				next = soon
			}
			rings, stop = s.clock.Alarm(next)
		}
		select {
		case <-rings:
		case <-s.sooner:
		case <-s.done:
			stop()
			return
		}
		stop()
	}
}

// take removes and returns what is due, and returns the time of the next appointment.
func (s *scheduler) take(now time.Time) (due []func(), next time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for n < len(s.queue) && !s.queue[n].due.After(now) {
		due = append(due, s.queue[n].do)
		n++
	}
	s.queue = slices.Delete(s.queue, 0, n)
	if len(s.queue) > 0 {
		next = s.queue[0].due
	}
	return due, next
}

// close drops all appointments and waits for the one in progress.
func (s *scheduler) close() {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.done)
	}
	s.queue = nil
	s.mu.Unlock()
	s.work.Wait()
}
