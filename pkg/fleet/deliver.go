package fleet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"muster/pkg/assist"
	"muster/pkg/sleep"
)

const (
	// deliveryPatience is how long a batch in doubt is looked for and sent again before it is left in doubt.
	deliveryPatience = 150 * time.Second
	firstDoubtPause  = 200 * time.Millisecond
	longestDoubt     = 15 * time.Second
)

// deliver makes the call of a batch, and tells of its invocation. A call whose answer is lost is looked for among the service's
// records, and made again, as the same call by its token, if it is not there. The error is that of the last call.
func (r *run) deliver(sending, calls context.Context, plan Plan, batch Batch) error {
	began := time.Now()
	for wait := firstDoubtPause; ; wait = min(wait*2, longestDoubt) {
		submitted, err := r.send(assist.While(calls, sending), plan.Command, batch)
		if err == nil && submitted.InvokeId == "" {
			return fmt.Errorf("%s: the service took the call and named no invocation", plan.Command.Action())
		}
		if err == nil {
			submitted.ClientToken, submitted.Site = batch.ClientToken, batch.Site
			return r.emit(submitted)
		}
		if !assist.MayHaveBeenDone(err) {
			return err
		}
		if taken, findErr := r.findOne(calls, plan, batch); taken || findErr != nil {
			return findErr
		}
		if time.Since(began)+wait > deliveryPatience || sleep.For(sending, wait) != nil {
			return err
		}
	}
}

// findOne looks for a batch whose call brought no answer. A search that fails leaves it in doubt.
func (r *run) findOne(ctx context.Context, plan Plan, batch Batch) (taken bool, err error) {
	known := r.batch(batch.ClientToken)
	if known.ClientToken == "" {
		return false, nil
	}
	if findErr := newPlanPoller(r, plan, batch.Site).find(ctx, plan.Command, []batchState{known}); findErr == nil {
		taken = r.batch(batch.ClientToken).taken
	}
	return taken, r.brokenJournal()
}

// brokenJournal returns the error of a journal that cannot be written any more, nil otherwise.
func (r *run) brokenJournal() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.unkept()
}

// codeOf returns the API's code of a refusal; empty for other errors.
func codeOf(err error) string {
	var refused *assist.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}
