package identity

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/sleep"
)

const (
	// early is how long before their end keys are renewed, at most; of keys with a short life it is a third of that.
	early = 5 * time.Minute
	// slack is how long before their end keys are not used any more: a call has to arrive.
	slack = 3 * time.Second
	// patience is how long keys that have ended are tried to be renewed before the caller hears of it.
	patience = 30 * time.Second
	// The pause after a renewal that failed doubles from the first of these to the second.
	firstPause, longestPause = time.Second, 15 * time.Second
)

// renewed keeps the keys of a source, and renews them in good time: while they are good, in the background, so that a source that
// is slow or fails for a while delays nothing. There is never more than one renewal at a time. Keys without an end are fetched
// once.
type renewed struct {
	source *source
	notify func(string)

	mu      sync.Mutex
	keys    assist.Keys
	have    bool
	renewAt time.Time
	flight  *flight
	pause   time.Duration // after the latest failure
	failed  error
}

// flight is a renewal under way.
type flight struct {
	done chan struct{} // closed at its end
	err  error
}

func newRenewed(s *source, notify func(string)) *renewed {
	if notify == nil {
		notify = func(string) {}
	}
	return &renewed{source: s, notify: notify}
}

func (r *renewed) get(ctx context.Context) (assist.Keys, error) {
	began := time.Now()
	for {
		keys, good, flight := r.look(ctx)
		if good {
			return keys, nil
		}
		select {
		case <-flight.done:
		case <-ctx.Done():
			return assist.Keys{}, context.Cause(ctx)
		}
		if flight.err == nil || errors.Is(flight.err, context.Canceled) && ctx.Err() == nil {
			continue // in the second case somebody else gave up, with whose context the renewal ended
		}
		if err := r.mayWait(ctx, began, flight.err); err != nil {
			return assist.Keys{}, err
		}
	}
}

// look returns the keys if they are good, and begins a renewal if one is due.
func (r *renewed) look(ctx context.Context) (keys assist.Keys, good bool, under *flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	good = r.have && (r.keys.Expiration.IsZero() || now.Before(r.keys.Expiration.Add(-slack)))
	due := !r.have || !r.keys.Expiration.IsZero() && !now.Before(r.renewAt)
	if due && r.flight == nil {
		r.flight = &flight{done: make(chan struct{})}
		// A renewal in the background outlives the call that finds it due; one that is waited for ends with who waits.
		renewal := context.WithoutCancel(ctx)
		if !good {
			renewal = ctx
		}
		go r.renew(renewal, r.flight)
	}
	return r.keys, good, r.flight
}

func (r *renewed) renew(ctx context.Context, f *flight) {
	keys, err := r.source.fetch(ctx)
	if err == nil {
		err = assist.CheckKeys(r.source.name, keys.AccessKeyId, keys.AccessKeySecret, keys.SecurityToken)
	}
	now := time.Now()
	if err == nil && !keys.Expiration.IsZero() && !now.Before(keys.Expiration.Add(-slack)) {
		err = fmt.Errorf("the keys that it gave ended at %s", keys.Expiration.UTC().Format(time.RFC3339))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	defer close(f.done)
	r.flight = nil
	if err != nil {
		f.err = r.source.failed(err)
		r.postpone(now, f.err)
		return
	}
	if r.failed != nil {
		r.notify("the keys of " + r.source.name + " have been renewed")
	}
	r.keys, r.have, r.failed, r.pause = keys, true, nil, 0
	r.renewAt = keys.Expiration.Add(-min(early, keys.Expiration.Sub(now)/3))
}

// postpone has a renewal that failed tried again after a pause, and tells of the first one while there are keys.
func (r *renewed) postpone(now time.Time, err error) {
	r.pause = min(max(2*r.pause, firstPause), longestPause)
	r.renewAt = now.Add(r.pause)
	if r.have && r.failed == nil && !errors.Is(err, context.Canceled) {
		r.notify(fmt.Sprintf("%v; going on with the keys in hand until %s, and trying again", err, r.keys.Expiration.Local().Format(time.TimeOnly)))
	}
	r.failed = err
}

// mayWait waits before another try, or returns why there is none: keys that nobody ever had are not waited for.
func (r *renewed) mayWait(ctx context.Context, began time.Time, err error) error {
	r.mu.Lock()
	had, wait := r.have, time.Until(r.renewAt)
	r.mu.Unlock()
	if !had || time.Since(began)+wait > patience {
		return err
	}
	return sleep.For(ctx, wait)
}
