package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// gateFunc waits for the conditions of sending a wave. It returns false if nothing more may be sent.
type gateFunc func(ctx context.Context, plan Plan, wave int) (bool, error)

// submitAll submits wave after wave until one of two contexts ends or a gate is closed. A call in flight is not cancelled if
// only the sending ends, nor at once if the wait ends, because its answer says what is running.
func (r *run) submitAll(ctx, sending context.Context, plan Plan, pass gateFunc) error {
	calls, cancel := withGrace(ctx, shutdownGrace, r.engine.Hurry)
	defer cancel()
	for i, wave := range plan.Waves {
		if i > 0 && pass != nil {
			if open, err := pass(sending, plan, i+1); !open {
				return stopped(err)
			}
		}
		open, err := r.submitNext(sending, calls, plan, i+1, wave)
		if !open {
			return stopped(err)
		}
	}
	if plan.Gate != "" && pass != nil {
		_, err := pass(sending, plan, len(plan.Waves)+1)
		return stopped(err)
	}
	return nil
}

// submitNext submits a wave, at most Plan.Fanout instances at a time if there is such a limit.
func (r *run) submitNext(sending, calls context.Context, plan Plan, number int, wave Wave) (bool, error) {
	if plan.Fanout > 0 {
		return newFanOut(r, plan, wave).submit(sending, calls, plan, number)
	}
	return r.submitWave(sending, calls, plan, number, wave)
}

// stopped drops the error of a stop that the user asked for.
func stopped(err error) error {
	if errors.Is(err, errStopping) {
		return nil
	}
	return err
}

// submitWave submits a wave's batches, several at a time at each site. A refusal that is not about single instances would
// affect the other batches as well, so nothing more is sent after it. It returns false if nothing more may be sent.
func (r *run) submitWave(ctx, calls context.Context, plan Plan, number int, wave Wave) (bool, error) {
	group, sending := errgroup.WithContext(ctx)
	for _, batches := range wave.bySite() {
		queue := make(chan Batch, len(batches))
		for _, batch := range batches {
			queue <- batch
		}
		close(queue)
		for range min(max(r.engine.Concurrency, 1), len(batches)) {
			group.Go(func() error {
				for batch := range queue {
					if err := r.submit(sending, calls, plan, number, batch); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	err := group.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	return !r.closed() && err == nil, err
}

func (w Wave) bySite() map[Site][]Batch {
	all := map[Site][]Batch{}
	for _, batch := range w.Batches {
		all[batch.Site] = append(all[batch.Site], batch)
	}
	return all
}

// submit submits one batch, unless the service has already accepted or refused it. If the service refuses it because of an
// instance, the batch is bisected until the offending instances are isolated, because the service accepts all of a call's
// targets or none. A batch that is not sent because nothing more is sent is not an error.
func (r *run) submit(sending, calls context.Context, plan Plan, wave int, batch Batch) error {
	known := r.batch(batch.ClientToken)
	switch {
	case known.taken, known.final, known.unclear:
		return nil
	case known.refused:
		return r.submitHalves(sending, calls, plan, wave, batch)
	}
	sent, err := r.attempt(sending, calls, plan, wave, batch)
	if !sent || err == nil {
		return err
	}
	refused, ok := errors.AsType[*assist.Error](err)
	if !ok || refused.Temporary() || refused.Throttled() {
		return r.undelivered(batch, err)
	}
	if inDoubt := !known.first.IsZero(); inDoubt && refused.Code == "IdempotentParameterMismatch" {
		return fmt.Errorf("an earlier process sent the call with other parameters, and the service accepted it: %w", err)
	}
	rejected := Event{Event: Rejected, Site: batch.Site, ClientToken: batch.ClientToken, Code: refused.Code, Message: refused.Message}
	if !aboutInstances(refused) || len(batch.InstanceIds) == 0 {
		rejected.Final = true
		return errors.Join(err, r.emit(rejected))
	}
	rejected.Final = len(batch.InstanceIds) == 1
	if err := r.emit(rejected); err != nil || rejected.Final {
		return err
	}
	return r.submitHalves(sending, calls, plan, wave, batch)
}

// attempt submits a batch as one call when it is its turn. It reports whether it did: then err is the call's error. Otherwise
// err is the reason why nothing more is sent, or nil if that is not an error.
func (r *run) attempt(sending, calls context.Context, plan Plan, wave int, batch Batch) (sent bool, err error) {
	slot, err := r.engine.Limiters[batch.Site].Acquire(sending, plan.Command.Action())
	if err != nil {
		return false, nil // nothing more may be sent
	}
	defer slot.Release()
	if !r.engine.Control.allows(sending) {
		return false, nil
	}
	if announced, err := r.announce(sending, plan, wave, batch); !announced {
		return false, err
	}
	if err := r.deliver(sending, slot.Context(calls), plan, batch); err != nil {
		return true, err
	}
	r.notify(batch.Site)
	return true, nil
}

// undelivered emits that a call was not carried out, if that is certain, so that it may be sent later.
func (r *run) undelivered(batch Batch, err error) error {
	if assist.InDoubt(err) {
		return err
	}
	return errors.Join(err, r.emit(Event{Event: Unsent, Site: batch.Site, ClientToken: batch.ClientToken, Code: codeOf(err), Message: err.Error()}))
}

// announce emits a call that is about to be made, and waits until the event is on disk. It returns false if the call must not
// be made.
func (r *run) announce(sending context.Context, plan Plan, wave int, batch Batch) (bool, error) {
	tell := func() (bool, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if sending.Err() != nil || r.state.Gate != "" {
			return false, nil
		}
		if closed, err := r.tooManyFailed(plan, wave, wave); closed {
			return false, err
		}
		err := r.emitLocked(Event{Event: Submitting, Site: batch.Site, ClientToken: batch.ClientToken, InstanceIds: batch.InstanceIds})
		return err == nil, err
	}
	told, err := tell()
	if told {
		err = r.sync()
	}
	return told && err == nil, err
}

func (r *run) submitHalves(sending, calls context.Context, plan Plan, wave int, batch Batch) error {
	for _, half := range batch.halves() {
		if err := r.submit(sending, calls, plan, wave, half); err != nil {
			return err
		}
	}
	return nil
}

// batch returns what is known of a batch, or the zero value.
func (r *run) batch(token string) (known batchState) {
	r.withState(func(s *State) {
		if b := s.batches[token]; b != nil {
			known = *b
		}
	})
	return known
}

func (r *run) notify(site Site) {
	for _, poller := range r.pollers {
		if poller.site == site {
			poller.notify()
		}
	}
}

// send makes the call, and returns the event of its answer.
func (r *run) send(ctx context.Context, command Command, batch Batch) (Event, error) {
	api := r.engine.APIs[batch.Site]
	submitted := Event{Event: Submitted}
	switch request := command.Request(batch).(type) {
	case *assist.InvokeCommandRequest:
		answer, err := api.InvokeCommand(ctx, request)
		if err != nil {
			return Event{}, err
		}
		submitted.InvokeId, submitted.CommandId, submitted.RequestId = answer.InvokeId, request.CommandId, answer.RequestId
	case *assist.RunCommandRequest:
		answer, err := api.RunCommand(ctx, request)
		if err != nil {
			return Event{}, err
		}
		submitted.InvokeId, submitted.CommandId, submitted.RequestId = answer.InvokeId, answer.CommandId, answer.RequestId
	case *assist.SendFileRequest:
		answer, err := api.SendFile(ctx, request)
		if err != nil {
			return Event{}, err
		}
		submitted.InvokeId, submitted.RequestId = answer.InvokeId, answer.RequestId
	default:
		return Event{}, fmt.Errorf("a run cannot send %s", request.Action())
	}
	return submitted, nil
}

// aboutInstances reports whether a refusal may be due to some of the call's targets only.
func aboutInstances(e *assist.Error) bool {
	return strings.HasPrefix(e.Code, "InvalidInstance.") || e.Code == "InvalidInstanceStatus" ||
		e.Code == "InstanceIds.ExceedLimit"
}
