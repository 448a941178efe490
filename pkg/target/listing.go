package target

import (
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// listing lists the ECS instances of a request. Each page names the next one, so that one walk takes as many round trips as
// there are pages. A long list is therefore partitioned by properties that the service can filter by, and the parts are walked
// in parallel.
//
// The parts are not assumed to be complete: before they are walked, the service is asked for the number of instances of the
// request, and the parts must have as many instances that were created before that. If they have fewer, the walk that began the
// list continues to its end. Pages by PageNumber could be requested in parallel, too, but instances that are created or
// released meanwhile shift them.
type listing struct {
	api     API
	request assist.DescribeInstancesRequest
	walk    walk
	workers int

	mu    sync.Mutex
	visit func(i Instance, at int) bool // see source
}

// listed is an instance and the properties that lists are partitioned by.
type listed struct {
	Instance
	zoneID, chargeType string
	created            time.Time // to the minute
}

const (
	pageOfInstances = assist.MaxDescribedInstances
	// sampled is the number of instances that are listed before the rest of a list is partitioned.
	sampled = 2 * pageOfInstances
	// maxUnpartitioned is the length up to which a list is not partitioned.
	maxUnpartitioned = 3 * pageOfInstances
	// maxCounted is the largest plausible count: no walk of pages goes further.
	maxCounted = 1_000_000
)

// errEnough ends a walk whose visitor needs no more instances.
var errEnough = errors.New("enough")

func (l *listing) list(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next, stop := iter.Pull2(l.walk(ctx, l.request))
	defer stop()

	count := new(countCall)
	var sample []listed
	for at := 0; ; at++ {
		if at == pageOfInstances && l.mayPartition(sample) {
			count = l.count(ctx)
			defer count.abandon(cancel)
		}
		if at == sampled {
			if done, err := l.listParts(ctx, sample, count); done || err != nil {
				return ignoreEnough(err)
			}
		}
		i, err, more := next()
		if err != nil || !more {
			return err
		}
		if at < sampled {
			sample = append(sample, i)
		}
		if !l.pass(&i, l.order(&i, at, count)) {
			return nil
		}
	}
}

func (l *listing) pass(i *listed, at int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.visit(i.Instance, at)
}

func ignoreEnough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// mayPartition reports whether a list can be partitioned, judging by its first page. The list must be in the order of creation,
// because the parts are merged in that order, and its filters must not depend on anything that can change during the walk.
func (l *listing) mayPartition(page []listed) bool {
	return l.request.InstanceIds == nil && l.request.Status == "" && !page[0].created.IsZero() && slices.IsSortedFunc(page, func(a, b listed) int { return b.created.Compare(a.created) })
}

// order returns the position of an instance among the others: its index in a single walk, and its creation time, newest first,
// in a partitioned list.
func (l *listing) order(i *listed, number int, count *countCall) int {
	if !count.partitioned {
		return number
	}
	return byCreation(i)
}

// byCreation returns a position by creation time, which is lower than any index in a walk.
func byCreation(i *listed) int { return -int(i.created.Unix() / 60) }

// countCall is a call that counts the instances of a list.
type countCall struct {
	done        chan struct{} // nil if the call was not made
	answer      assist.InstanceCount
	err         error
	partitioned bool // the list was partitioned
}

func (l *listing) count(ctx context.Context) *countCall {
	c := &countCall{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.answer, c.err = l.api.CountInstances(ctx, l.request)
	}()
	return c
}

// wait returns the number of instances, or 0 if the call failed. An error is not returned, because the single walk then reports
// it.
func (c *countCall) wait() int {
	<-c.done
	if c.err != nil {
		return 0
	}
	return c.answer.Total
}

// abandon cancels the call.
func (c *countCall) abandon(cancel func()) {
	cancel()
	<-c.done
}

// listParts lists the rest of the instances by parts in parallel, if that is worth it. It returns false if the parts were not
// complete, and the walk has to continue.
func (l *listing) listParts(ctx context.Context, sample []listed, count *countCall) (done bool, err error) {
	if count.done == nil {
		return false, nil
	}
	total := count.wait()
	if total <= maxUnpartitioned || total > maxCounted {
		return false, nil
	}
	known := newCensus(count.answer)
	if slices.ContainsFunc(sample, func(i listed) bool { return !known.existed(&i) }) {
		return false, nil // they cannot be distinguished from instances that are created meanwhile
	}
	for _, parts := range partitions(l.request, sample, total) {
		if !count.partitioned {
			count.partitioned = true
			for i := range sample {
				l.pass(&sample[i], byCreation(&sample[i]))
			}
		}
		complete, err := l.walkParts(ctx, parts, known)
		if complete || err != nil {
			return complete, err
		}
	}
	return false, nil
}

// walkParts walks the parts of the list, and reports whether all counted instances have been seen. A part that the service
// refuses counts as incomplete.
func (l *listing) walkParts(ctx context.Context, parts []assist.DescribeInstancesRequest, known *census) (complete bool, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(l.workers, 1))
	for _, part := range parts {
		group.Go(func() error {
			for i, err := range l.walk(ctx, part) {
				if err != nil {
					return err
				}
				known.add(&i)
				if !l.pass(&i, byCreation(&i)) {
					return errEnough
				}
			}
			return nil
		})
	}
	err = group.Wait()
	if refused, ok := errors.AsType[*assist.Error](err); ok && !refused.Throttled() && !refused.Temporary() {
		return false, nil
	}
	return err == nil && known.complete(), err
}

// census records which of the counted instances have been seen. It ignores instances that were created after the count, because
// they would hide missing ones.
type census struct {
	total int
	at    time.Time
	seed  maphash.Seed

	mu   sync.Mutex
	seen map[uint64]struct{} // hashes of ids; a collision makes the number too small, and never too large
}

func newCensus(count assist.InstanceCount) *census {
	return &census{total: count.Total, at: count.At, seed: maphash.MakeSeed(), seen: make(map[uint64]struct{}, count.Total)}
}

// existed reports whether an instance existed at the time of the count. The service reports creation times in whole minutes.
func (c *census) existed(i *listed) bool {
	return !i.created.IsZero() && !i.created.Add(time.Minute).After(c.at)
}

func (c *census) add(i *listed) {
	if !c.existed(i) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[maphash.String(c.seed, i.InstanceId)] = struct{}{}
}

func (c *census) complete() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.seen) >= c.total
}
