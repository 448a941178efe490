package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"muster/pkg/assist"
	"muster/pkg/sleep"
)

const (
	// deliveryPatience is how long a batch in doubt is searched for and sent again before it is left in doubt.
	deliveryPatience = 150 * time.Second
	firstDoubtPause  = 200 * time.Millisecond
	longestDoubt     = 15 * time.Second
)

// deliver makes the call of a batch, and emits its invocation. If the answer is lost, it searches the service's records for the
// call, and repeats the call with the same token if it is not there. It returns the error of the last call.
func (r *run) deliver(sending, calls context.Context, plan Plan, batch Batch) error {
	began := time.Now()
	for wait := firstDoubtPause; ; wait = min(wait*2, longestDoubt) {
		submitted, err := r.send(assist.While(calls, sending), plan.Command, batch)
		if err == nil && submitted.InvokeId == "" {
			return fmt.Errorf("%s: the service accepted the call and returned no invocation id", plan.Command.Action())
		}
		if err == nil {
			submitted.ClientToken, submitted.Site = batch.ClientToken, batch.Site
			return r.emit(submitted)
		}
		if !assist.InDoubt(err) {
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

// findOne searches for a batch whose call had no answer. If the search fails, the batch stays in doubt.
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

// codeOf returns the API's code of a refusal, and an empty string for other errors.
func codeOf(err error) string {
	if refused, ok := errors.AsType[*assist.Error](err); ok {
		return refused.Code
	}
	return ""
}

// findInDoubt searches the service's records for the batches whose calls had no answer. A batch that is not there was not
// accepted, or so recently that the records do not show it yet: it is sent in its turn, as the same call by its token.
func (r *run) findInDoubt(ctx context.Context, plan Plan) error {
	for _, site := range plan.Sites {
		doubted := r.inDoubt(site)
		if len(doubted) == 0 {
			continue
		}
		if err := newPlanPoller(r, plan, site).find(ctx, plan.Command, doubted); err != nil {
			return err
		}
	}
	return nil
}

// inDoubt returns the batches of a site that may have been accepted, oldest first.
func (r *run) inDoubt(site Site) []batchState {
	var doubted []batchState
	r.withState(func(s *State) {
		for _, b := range s.batches {
			if b.Site == site && b.inDoubt() {
				doubted = append(doubted, *b)
			}
		}
	})
	slices.SortFunc(doubted, func(a, b batchState) int { return a.first.Compare(b.first) })
	return doubted
}
