package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
	"muster/pkg/sleep"
)

// passing waits for what has to hold before a wave is sent. It is false when nothing more is to be sent.
type passing func(ctx context.Context, plan Plan, wave int) (bool, error)

// submitAll sends wave after wave until one of two contexts ends or a gate is closed. A call on its way is not cut off
// when only the sending is to end, nor at once when the wait ends: its answer tells what is running now.
func (r *run) submitAll(ctx, sending context.Context, plan Plan, pass passing) error {
	calls, cancel := withGrace(ctx, lastLook, r.engine.Hurry)
	defer cancel()
	for i, wave := range plan.Waves {
		if i > 0 && pass != nil {
			if open, err := pass(sending, plan, i+1); !open {
				return stopped(err)
			}
		}
		submit := r.submitWave
		if plan.Fanout > 0 {
			submit = r.submitFanOut
		}
		if open, err := submit(sending, calls, plan, i+1, wave); !open {
			return stopped(err)
		}
	}
	if plan.Gate != "" && pass != nil {
		_, err := pass(sending, plan, len(plan.Waves)+1)
		return stopped(err)
	}
	return nil
}

// stopped makes no error of what was asked for.
func stopped(err error) error {
	if errors.Is(err, errStopping) {
		return nil
	}
	return err
}

// submitWave sends a wave's batches, some at a time at each site. A refusal that is not about single instances would meet
// the other batches as well, so nothing more is sent after it. It is false when nothing more is to be sent at all.
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

// withGrace gives a context that ends some time after its parent, or at once when there is no time left.
func withGrace(parent context.Context, grace time.Duration, now <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	forget := context.AfterFunc(parent, func() {
		defer cancel()
		defer hurry(now, cancel)()
		_ = sleep.For(ctx, grace)
	})
	return ctx, func() { forget(); cancel() }
}

// submit sends one batch, unless the service has taken it or refused it already. When the service refuses it for an
// instance, it is halved until the offenders stand alone: the service takes all of a call's targets or none.
// A batch that is not sent because nothing more is makes no error.
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
	var refused *assist.Error
	if !errors.As(err, &refused) || refused.Temporary() || refused.Throttled() {
		return r.undelivered(batch, err)
	}
	if inDoubt := !known.first.IsZero(); inDoubt && refused.Code == "IdempotentParameterMismatch" {
		return fmt.Errorf("a process before this one had sent the call with other parameters, and the service took it: %w", err)
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

// attempt sends a batch as one call when it is its turn. It reports whether it did: err is the call's then, and otherwise why
// nothing more is sent; nil where that is no error.
func (r *run) attempt(sending, calls context.Context, plan Plan, wave int, batch Batch) (sent bool, err error) {
	turn, err := r.engine.Flights[batch.Site].Take(sending, plan.Command.Action())
	if err != nil {
		return false, nil // nothing more is to be sent
	}
	defer turn.End()
	if !r.engine.Control.lets(sending) {
		return false, nil
	}
	if announced, err := r.announce(sending, plan, wave, batch); !announced {
		return false, err
	}
	if err := r.deliver(sending, turn.Context(calls), plan, batch); err != nil {
		return true, err
	}
	r.nudge(batch.Site)
	return true, nil
}

// undelivered tells that a call was not carried out, if that is certain, so that it may be sent another time.
func (r *run) undelivered(batch Batch, err error) error {
	if assist.MayHaveBeenDone(err) {
		return err
	}
	return errors.Join(err, r.emit(Event{Event: Unsent, Site: batch.Site, ClientToken: batch.ClientToken, Code: codeOf(err), Message: err.Error()}))
}

// announce tells of a call that is about to be made, and has that on disk. It is false when the call is not to be made.
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
		err := r.tell(Event{Event: Submitting, Site: batch.Site, ClientToken: batch.ClientToken, InstanceIds: batch.InstanceIds})
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

// batch is what is known of a batch; nothing at first.
func (r *run) batch(token string) (known batchState) {
	r.look(func(s *State) {
		if b := s.batches[token]; b != nil {
			known = *b
		}
	})
	return known
}

func (r *run) nudge(site Site) {
	for _, poller := range r.pollers {
		if poller.site == site {
			poller.nudge()
		}
	}
}

// send makes the call, and gives the event that tells its answer.
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
		return Event{}, fmt.Errorf("%s is nothing that a run sends", request.Action())
	}
	return submitted, nil
}

// aboutInstances tells a refusal that other targets of the same call need not share.
func aboutInstances(e *assist.Error) bool {
	return strings.HasPrefix(e.Code, "InvalidInstance.") || e.Code == "InvalidInstanceStatus" ||
		e.Code == "InstanceIds.ExceedLimit"
}
