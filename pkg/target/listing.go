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

// listing lists the ECS instances of a request. A page names the next one, so that one walk takes as many round trips as there
// are pages. A long list is cut into parts that the service can filter, which are walked side by side.
//
// That the parts have everybody between them is not assumed, but counted: before the parts are walked the service is asked how
// many instances the request has, and the parts must have as many that were created before that. Where they have fewer, the one
// walk that began the list goes on to its end. Pages by PageNumber could be asked for side by side, too, but instances that come
// and go meanwhile shift them.
type listing struct {
	api     API
	request assist.DescribeInstancesRequest
	walk    walk
	workers int

	mu    sync.Mutex
	visit func(i Instance, at int) bool // see source
}

// listed is an instance, and what lists are cut by.
type listed struct {
	Instance
	zoneID, chargeType string
	created            time.Time // to the minute
}

const (
	pageOfInstances = assist.MaxDescribedInstances
	// sampled is how many instances are looked at to cut the rest of a list.
	sampled = 2 * pageOfInstances
	// worthCutting is how many instances a list must have to be cut.
	worthCutting = 3 * pageOfInstances
	// mostCounted bounds what a count is believed: no walk of pages goes further.
	mostCounted = 1_000_000
)

// errEnough ends a walk whose visitor has seen enough.
var errEnough = errors.New("enough")

func (l *listing) list(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	next, stop := iter.Pull2(l.walk(ctx, l.request))
	defer stop()

	count := new(counting)
	var sample []listed
	for at := 0; ; at++ {
		if at == pageOfInstances && l.mayCut(sample) {
			count = l.count(ctx)
			defer count.abandon(cancel)
		}
		if at == sampled {
			if done, err := l.sideBySide(ctx, sample, count); done || err != nil {
				return enough(err)
			}
		}
		i, err, more := next()
		if err != nil || !more {
			return err
		}
		if at < sampled {
			sample = append(sample, i)
		}
		if !l.tell(&i, l.order(&i, at, count)) {
			return nil
		}
	}
}

func (l *listing) tell(i *listed, at int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.visit(i.Instance, at)
}

func enough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// mayCut reports whether the first page allows for a list to be cut: the parts are put into the order of the whole, which is that
// of creation, and nothing of it may change while they are walked.
func (l *listing) mayCut(page []listed) bool {
	return l.request.InstanceIds == nil && l.request.Status == "" && !page[0].created.IsZero() && slices.IsSortedFunc(page, func(a, b listed) int { return b.created.Compare(a.created) })
}

// order returns the place of an instance among the others: its number in the one walk, and the time of its creation, the newest
// first, where parts are walked.
func (l *listing) order(i *listed, number int, count *counting) int {
	if !count.cut {
		return number
	}
	return byCreation(i)
}

// byCreation is less than any number in a walk.
func byCreation(i *listed) int { return -int(i.created.Unix() / 60) }

// counting is a question for how many instances there are.
type counting struct {
	done   chan struct{} // nil if nobody asked
	answer assist.InstanceCount
	err    error
	cut    bool // the list was cut
}

func (l *listing) count(ctx context.Context) *counting {
	c := &counting{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.answer, c.err = l.api.CountInstances(ctx, l.request)
	}()
	return c
}

// wait returns how many instances there are; 0 where nobody knows: the one walk tells what is wrong.
func (c *counting) wait() int {
	<-c.done
	if c.err != nil {
		return 0
	}
	return c.answer.Total
}

// abandon ends a question whose answer nobody needs.
func (c *counting) abandon(cancel func()) {
	cancel()
	<-c.done
}

// sideBySide lists what is left by parts, if that is worth it. It is not done where the parts did not have everybody.
func (l *listing) sideBySide(ctx context.Context, sample []listed, count *counting) (done bool, err error) {
	if count.done == nil {
		return false, nil
	}
	total := count.wait()
	if total <= worthCutting || total > mostCounted {
		return false, nil
	}
	known := newCensus(count.answer)
	if slices.ContainsFunc(sample, func(i listed) bool { return !known.old(&i) }) {
		return false, nil // they could not be told from those that come meanwhile
	}
	for _, parts := range cuts(l.request, sample, total) {
		if !count.cut {
			count.cut = true
			for i := range sample {
				l.tell(&sample[i], byCreation(&sample[i]))
			}
		}
		complete, err := l.walkParts(ctx, parts, known)
		if complete || err != nil {
			return complete, err
		}
	}
	return false, nil
}

// walkParts walks parts of the list, and reports whether everybody has been seen. A part that the service refuses is as one
// that lacks somebody.
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
				if !l.tell(&i, byCreation(&i)) {
					return errEnough
				}
			}
			return nil
		})
	}
	err = group.Wait()
	var refused *assist.Error
	if errors.As(err, &refused) && !refused.Throttled() && !refused.Temporary() {
		return false, nil
	}
	return err == nil && known.complete(), err
}

// census tells whether everybody who was counted has been seen. It counts those alone who were there then: whoever was created
// since could stand in for one who is missing.
type census struct {
	total int
	at    time.Time
	seed  maphash.Seed

	mu   sync.Mutex
	seen map[uint64]struct{} // ids, hashed: two that are the same make one too few, and never one too many
}

func newCensus(count assist.InstanceCount) *census {
	return &census{total: count.Total, at: count.At, seed: maphash.MakeSeed(), seen: make(map[uint64]struct{}, count.Total)}
}

// old reports whether an instance was there when all were counted: the service tells creation times in whole minutes.
func (c *census) old(i *listed) bool {
	return !i.created.IsZero() && !i.created.Add(time.Minute).After(c.at)
}

func (c *census) add(i *listed) {
	if !c.old(i) {
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
