package fleet

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
)

// fanOut sends a wave to at most Plan.Fanout instances at a time, at all sites together. It sends the next ones as others end,
// in calls as large as the number that ended since the last call.
type fanOut struct {
	run    *run
	limit  int           // the largest number of instances at a time
	begun  []Batch       // batches of an earlier process whose calls may have been accepted; they are sent again unchanged
	queues []queue       // instances that have been in no call
	call   int           // the largest number of instances per call
	number int           // the number of the last call
	done   chan struct{} // has an element when a call has been answered

	// The fields below are guarded by the run's lock.
	reserved int          // instances of calls in flight
	inFlight map[Site]int // calls in flight
	filled   bool         // the limit was reached once
	waits    bool         // for the end of a polling round after round
	round    int
}

// queue is the instances of one site that are left to send to.
type queue struct {
	site Site
	ids  []string
}

// submit sends the wave. It returns false if nothing more may be sent.
func (f *fanOut) submit(ctx, calls context.Context, plan Plan, number int) (bool, error) {
	r := f.run
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

// newFanOut returns the fan-out of a wave, without what was sent before the run was resumed.
func newFanOut(r *run, plan Plan, wave Wave) *fanOut {
	f := &fanOut{run: r, limit: plan.Fanout, number: len(plan.Batches()), done: make(chan struct{}, 1), inFlight: map[Site]int{}}
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
	r.withState(func(s *State) {
		for token, b := range s.batches {
			if n, err := strconv.Atoi(strings.TrimPrefix(token, plan.RunId+"-")); err == nil {
				f.number = max(f.number, n)
			}
			if len(b.InstanceIds) == 0 || !unsent[instanceKey{b.Site, b.InstanceIds[0]}] || s.isHalf(token) {
				continue // of another wave, or sent together with its other half
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

// next returns the next call that may be made now, and the number of instances that it adds to those running; 0 if none may be
// made.
func (f *fanOut) next() (batch Batch, size int) {
	f.run.withState(func(s *State) {
		free := f.limit - f.reserved - s.running
		if batch, size = f.nextBegun(s, free); size == 0 {
			batch, size = f.nextQueued(s, free)
		}
		if size > 0 {
			f.reserved += size
			f.inFlight[batch.Site]++
			f.waits = false
		}
	})
	return batch, size
}

// nextBegun returns the next of the calls that an earlier process began. A call that is larger than the limit, because the
// limit was higher then, waits until nothing else runs.
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

// nextQueued returns a call to instances that have been in none.
func (f *fanOut) nextQueued(s *State, free int) (Batch, int) {
	q := f.longestQueue()
	if q == nil || free <= 0 {
		return Batch{}, 0
	}
	size := min(f.call, len(q.ids))
	if free < size && !f.mayBePartial() {
		return Batch{}, 0
	}
	size = min(size, free)
	f.filled = f.filled || size == free
	f.number++
	batch := Batch{ClientToken: fmt.Sprintf("%s-%d", s.RunId, f.number), Site: q.site, InstanceIds: q.ids[:size:size]}
	q.ids = q.ids[size:]
	return batch, size
}

// longestQueue returns the queue with the most instances among the sites that can take another call, or nil.
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

func (f *fanOut) busy(site Site) bool { return f.inFlight[site] >= max(f.run.engine.Concurrency, 1) }

// mayBePartial reports whether a call may have fewer instances than fit into one: at the beginning, and when a polling round
// has shown which instances ended together.
func (f *fanOut) mayBePartial() bool {
	switch {
	case !f.filled:
		return true
	case !f.waits:
		f.waits, f.round = true, f.run.rounds
		return false
	}
	return f.run.rounds > f.round
}

// answered releases what a call had reserved: its instances are running now, or have ended.
func (f *fanOut) answered(batch Batch, size int) {
	f.run.withState(func(*State) {
		f.reserved -= size
		f.inFlight[batch.Site]--
	})
	signal(f.done)
}
