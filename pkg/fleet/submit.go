package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// submitAll sends wave after wave until the context ends or a gate is closed. A call on its way is not cut off at once: its
// answer tells what is running now.
func (r *run) submitAll(ctx context.Context, plan Plan) error {
	calls, cancel := withGrace(ctx, lastLook, r.engine.Hurry)
	defer cancel()
	for i, wave := range plan.Waves {
		if i > 0 {
			if open, err := r.passGate(ctx, plan, i+1); !open {
				return stopped(err)
			}
		}
		if open, err := r.submitWave(ctx, calls, plan, i+1, wave); !open {
			return stopped(err)
		}
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

// submitWave sends a wave's batches, some at a time. A refusal that is not about single instances would meet the other
// batches as well, so nothing more is sent after it. It is false when nothing more is to be sent at all.
func (r *run) submitWave(ctx, calls context.Context, plan Plan, number int, wave Wave) (bool, error) {
	group, sending := errgroup.WithContext(ctx)
	group.SetLimit(max(r.engine.Concurrency, 1) * max(len(plan.Sites), 1))
	closed := false
	for _, batch := range wave.Batches {
		if err := r.engine.Control.wait(sending); err != nil {
			break
		}
		if closed = r.tooManyFailed(plan, number); closed {
			break
		}
		group.Go(func() error { return r.submit(sending, calls, plan.Command, batch) })
	}
	err := group.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	return !closed && err == nil, err
}

// withGrace gives a context that ends some time after its parent, or at once when there is no time left.
func withGrace(parent context.Context, grace time.Duration, now <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	context.AfterFunc(parent, func() {
		defer cancel()
		defer hurry(now, cancel)()
		_ = pause(ctx, grace)
	})
	return ctx, cancel
}

// submit sends one batch, unless the service has taken it or refused it already. When the service refuses it for an
// instance, it is halved until the offenders stand alone: the service takes all of a call's targets or none.
func (r *run) submit(sending, calls context.Context, command Command, batch Batch) error {
	if sending.Err() != nil {
		return context.Cause(sending)
	}
	known := r.batch(batch.ClientToken)
	switch {
	case known.taken, known.final:
		return nil
	case known.refused:
		return r.submitHalves(sending, calls, command, batch)
	}
	err := r.emit(Event{Event: Submitting, Site: batch.Site, ClientToken: batch.ClientToken, InstanceIds: batch.InstanceIds})
	if err == nil {
		err = r.sync()
	}
	if err != nil {
		return err
	}
	submitted, err := r.send(calls, command, batch)
	if err == nil && submitted.InvokeId == "" {
		return fmt.Errorf("%s: the service took the call and named no invocation", command.Action())
	}
	if err == nil {
		submitted.ClientToken, submitted.Site = batch.ClientToken, batch.Site
		err = r.emit(submitted)
		r.nudge(batch.Site)
		return err
	}
	var refused *assist.Error
	if !errors.As(err, &refused) || refused.Temporary() || refused.Throttled() {
		return err // the service may have taken it, or an earlier try of it
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
	return r.submitHalves(sending, calls, command, batch)
}

func (r *run) submitHalves(sending, calls context.Context, command Command, batch Batch) error {
	for _, half := range batch.halves() {
		if err := r.submit(sending, calls, command, half); err != nil {
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
