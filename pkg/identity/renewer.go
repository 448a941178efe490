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
	// renewBefore is how long before they expire keys are renewed. For short-lived keys it is a third of their lifetime.
	renewBefore = 5 * time.Minute
	// slack is how long before they expire keys are no longer used, because the call has to arrive in time.
	slack = 3 * time.Second
	// patience limits how long expired keys are renewed before the caller gets an error.
	patience = 30 * time.Second
	// The pause after a failed renewal doubles from firstPause to longestPause.
	firstPause, longestPause = time.Second, 15 * time.Second
)

// renewer caches the keys of a source and renews them before they expire. It renews valid keys in the background, so that a
// source that is slow or temporarily fails causes no delay. There is at most one renewal at a time. Keys that never expire are
// fetched once.
type renewer struct {
	source *source
	notify func(string)

	mu      sync.Mutex
	keys    assist.Keys
	have    bool
	renewAt time.Time
	renewal *renewal      // in progress, or nil
	pause   time.Duration // after the latest failure
	failed  error         // of the latest renewal
}

// renewal is a renewal in progress.
type renewal struct {
	done chan struct{} // closed when it finishes
	err  error
}

func newRenewer(s *source, notify func(string)) *renewer {
	if notify == nil {
		notify = func(string) {}
	}
	return &renewer{source: s, notify: notify}
}

func (r *renewer) get(ctx context.Context) (assist.Keys, error) {
	began := time.Now()
	for {
		keys, valid, renewal := r.current(ctx)
		if valid {
			return keys, nil
		}
		select {
		case <-renewal.done:
		case <-ctx.Done():
			return assist.Keys{}, context.Cause(ctx)
		}
		if renewal.err == nil || errors.Is(renewal.err, context.Canceled) && ctx.Err() == nil {
			continue // in the second case the caller that started the renewal gave up
		}
		if err := r.waitForRetry(ctx, began, renewal.err); err != nil {
			return assist.Keys{}, err
		}
	}
}

// current returns the keys and whether they are valid. It starts a renewal if one is due, and returns the one in progress.
func (r *renewer) current(ctx context.Context) (keys assist.Keys, valid bool, inProgress *renewal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	valid = r.have && (r.keys.Expiration.IsZero() || now.Before(r.keys.Expiration.Add(-slack)))
	due := !r.have || !r.keys.Expiration.IsZero() && !now.Before(r.renewAt)
	if due && r.renewal == nil {
		r.renewal = &renewal{done: make(chan struct{})}
		if valid { // the renewal in the background must not end with this call
			ctx = context.WithoutCancel(ctx)
		}
		go r.renew(ctx, r.renewal)
	}
	return r.keys, valid, r.renewal
}

func (r *renewer) renew(ctx context.Context, this *renewal) {
	keys, err := r.source.fetch(ctx)
	if err == nil {
		err = assist.CheckKeys(r.source.name, keys.AccessKeyId, keys.AccessKeySecret, keys.SecurityToken)
	}
	now := time.Now()
	if err == nil && !keys.Expiration.IsZero() && !now.Before(keys.Expiration.Add(-slack)) {
		err = fmt.Errorf("the keys that it returned expired at %s", keys.Expiration.UTC().Format(time.RFC3339))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	defer close(this.done)
	r.renewal = nil
	if err != nil {
		this.err = r.source.wrap(err)
		r.postpone(now, this.err)
		return
	}
	if r.failed != nil {
		r.notify("the keys of " + r.source.name + " have been renewed")
	}
	r.keys, r.have, r.failed, r.pause = keys, true, nil, 0
	r.renewAt = keys.Expiration.Add(-min(renewBefore, keys.Expiration.Sub(now)/3))
}

// postpone schedules the next attempt after a failed renewal. It notifies of the first failure while there are keys.
func (r *renewer) postpone(now time.Time, err error) {
	r.pause = min(max(2*r.pause, firstPause), longestPause)
	r.renewAt = now.Add(r.pause)
	if r.have && r.failed == nil && !errors.Is(err, context.Canceled) {
		r.notify(fmt.Sprintf("%v; using the current keys until %s, and retrying", err, r.keys.Expiration.Local().Format(time.TimeOnly)))
	}
	r.failed = err
}

// waitForRetry waits before the next attempt, or returns err if there is none. The first keys are not retried.
func (r *renewer) waitForRetry(ctx context.Context, began time.Time, err error) error {
	r.mu.Lock()
	had, wait := r.have, time.Until(r.renewAt)
	r.mu.Unlock()
	if !had || time.Since(began)+wait > patience {
		return err
	}
	return sleep.For(ctx, wait)
}
