package fleet

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// fanOut sends a wave to at most Plan.Fanout instances at a time, at all sites together. The next ones are sent as others
// end, in calls that are as large as what ended since the last one.
type fanOut struct {
	run    *run
	limit  int           // instances at a time
	begun  []Batch       // of an earlier process, whose calls may have been taken: they are sent again as they are
	queues []queue       // of what has been in no call
	call   int           // instances in one call at most
	number int           // of the last call
	done   chan struct{} // has an element when a call was answered

	// Under the run's lock.
	reserved int          // instances of calls that have not been answered
	flying   map[Site]int // those calls
	filled   bool         // the limit was reached once
	waits    bool         // for the end of a round of questions after the given one
	round    int
}

// queue is instances of one site.
type queue struct {
	site Site
	ids  []string
}

// submitFanOut sends a wave until all of it has been sent, or nothing more is to be sent, which is false.
func (r *run) submitFanOut(ctx, calls context.Context, plan Plan, number int, wave Wave) (bool, error) {
	f := r.newFanOut(plan, wave)
	group, sending := errgroup.WithContext(ctx)
	for f.left() && sending.Err() == nil && !r.closed() {
		if batch, size := f.next(); size > 0 {
			group.Go(func() error {
				defer f.answered(batch, size)
				return r.submit(sending, calls, plan, number, batch)
			})
			continue
		}
		select {
		case <-r.moved:
		case <-f.done:
		case <-sending.Done():
		}
	}
	err := group.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	return !r.closed() && err == nil, err
}

// newFanOut returns the fan-out of a wave, less what has been sent of it before the run was resumed.
func (r *run) newFanOut(plan Plan, wave Wave) *fanOut {
	f := &fanOut{run: r, limit: plan.Fanout, number: len(plan.Batches()), done: make(chan struct{}, 1), flying: map[Site]int{}}
	for _, batch := range plan.Batches() {
		f.call = max(f.call, len(batch.InstanceIds))
	}
	f.call = min(f.call, f.limit)
	unsent := map[instanceKey]bool{}
	for _, batch := range wave.Batches {
		for _, id := range batch.InstanceIds {
			unsent[instanceKey{batch.Site, id}] = true
		}
	}
	r.look(func(s *State) {
		for token, b := range s.batches {
			if n, err := strconv.Atoi(strings.TrimPrefix(token, plan.RunId+"-")); err == nil {
				f.number = max(f.number, n)
			}
			if len(b.InstanceIds) == 0 || !unsent[instanceKey{b.Site, b.InstanceIds[0]}] || s.isHalf(token) {
				continue // of another wave, or sent along with what it is a half of
			}
			if s.toSend(&b.Batch) > 0 {
				f.begun = append(f.begun, b.Batch)
			}
		}
		for _, b := range s.batches {
			for _, id := range b.InstanceIds {
				delete(unsent, instanceKey{b.Site, id})
			}
		}
	})
	slices.SortFunc(f.begun, func(a, b Batch) int { return strings.Compare(a.ClientToken, b.ClientToken) })
	for _, batch := range wave.Batches {
		q := slices.IndexFunc(f.queues, func(q queue) bool { return q.site == batch.Site })
		if q < 0 {
			q = len(f.queues)
			f.queues = append(f.queues, queue{site: batch.Site})
		}
		for _, id := range batch.InstanceIds {
			if unsent[instanceKey{batch.Site, id}] {
				f.queues[q].ids = append(f.queues[q].ids, id)
			}
		}
	}
	return f
}

// left reports whether something is left to send.
func (f *fanOut) left() bool {
	return len(f.begun) > 0 || slices.ContainsFunc(f.queues, func(q queue) bool { return len(q.ids) > 0 })
}

// next returns the next call that may be made now, and to how many instances it is new; 0 if none may.
func (f *fanOut) next() (batch Batch, size int) {
	f.run.look(func(s *State) {
		free := f.limit - f.reserved - s.running
		if batch, size = f.nextBegun(s, free); size == 0 {
			batch, size = f.nextQueued(s, free)
		}
		if size > 0 {
			f.reserved += size
			f.flying[batch.Site]++
			f.waits = false
		}
	})
	return batch, size
}

// nextBegun returns the next of the calls that an earlier process began. One that is larger than the limit, which was
// another then, waits until nothing else runs.
func (f *fanOut) nextBegun(s *State, free int) (Batch, int) {
	for i, batch := range f.begun {
		size := s.toSend(&batch)
		if !f.busy(batch.Site) && (size <= free || f.reserved+s.running == 0) {
			f.begun = slices.Delete(f.begun, i, i+1)
			return batch, size
		}
	}
	return Batch{}, 0
}

// nextQueued cuts a call from what has been in none.
func (f *fanOut) nextQueued(s *State, free int) (Batch, int) {
	q := f.longestQueue()
	if q == nil || free <= 0 {
		return Batch{}, 0
	}
	size := min(f.call, len(q.ids))
	if free < size && !f.mayBeSmaller() {
		return Batch{}, 0
	}
	size = min(size, free)
	f.filled = f.filled || size == free
	f.number++
	batch := Batch{ClientToken: fmt.Sprintf("%s-%d", s.RunId, f.number), Site: q.site, InstanceIds: q.ids[:size:size]}
	q.ids = q.ids[size:]
	return batch, size
}

// longestQueue returns the queue with most instances, of those whose site can take another call; nil if there is none.
func (f *fanOut) longestQueue() *queue {
	var longest *queue
	for i := range f.queues {
		q := &f.queues[i]
		if len(q.ids) > 0 && !f.busy(q.site) && (longest == nil || len(q.ids) > len(longest.ids)) {
			longest = q
		}
	}
	return longest
}

func (f *fanOut) busy(site Site) bool { return f.flying[site] >= max(f.run.engine.Concurrency, 1) }

// mayBeSmaller reports whether a call may have fewer instances than there is room for in one: at the beginning, and when a
// round of questions has told which instances ended together.
func (f *fanOut) mayBeSmaller() bool {
	switch {
	case !f.filled:
		return true
	case !f.waits:
		f.waits, f.round = true, f.run.rounds
		return false
	}
	return f.run.rounds > f.round
}

// answered gives back what a call had reserved: its instances are under way now, or have ended.
func (f *fanOut) answered(batch Batch, size int) {
	f.run.look(func(*State) {
		f.reserved -= size
		f.flying[batch.Site]--
	})
	signal(f.done)
}

// closed reports whether a gate is closed, so that nothing more is sent.
func (r *run) closed() (closed bool) {
	r.look(func(s *State) { closed = s.Gate != "" })
	return closed
}

// roundEnded tells the fan-out that all ends of a site that can be known are known.
func (r *run) roundEnded() {
	r.mu.Lock()
	r.rounds++
	r.mu.Unlock()
	signal(r.moved)
}

// turnover estimates how long an instance takes with the script, by how many ended in the time since this process began.
// It is 0 where no fan-out waits for ends.
func (r *run) turnover() (estimate time.Duration) {
	r.look(func(s *State) {
		if s.Fanout > 0 && r.submitting {
			ended := max(s.Ended()-r.endedBefore, s.Fanout)
			estimate = time.Duration(int64(time.Since(r.began)) / int64(ended) * int64(s.Fanout))
		}
	})
	return estimate
}
