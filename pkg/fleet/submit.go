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

// submitAll sends every batch, some at a time, until the context ends. A refusal that is not about single instances
// would meet the other batches as well, so nothing more is sent after it. A call on its way is not cut off at once: its
// answer tells what is running now.
func (r *run) submitAll(ctx context.Context, plan Plan) error {
	calls, cancel := withGrace(ctx, lastLook)
	defer cancel()
	group, sending := errgroup.WithContext(ctx)
	group.SetLimit(max(r.engine.Concurrency, 1))
	for _, batch := range plan.Batches {
		if sending.Err() != nil {
			break
		}
		group.Go(func() error { return r.submit(sending, calls, plan.Command, batch) })
	}
	return group.Wait()
}

// withGrace gives a context that ends some time after its parent.
func withGrace(parent context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	context.AfterFunc(parent, func() {
		defer cancel()
		_ = pause(ctx, grace)
	})
	return ctx, cancel
}

// submit sends one batch. When the service refuses it for an instance, it is halved until the offenders stand alone: the
// service takes all of a call's targets or none.
func (r *run) submit(sending, calls context.Context, command Command, batch Batch) error {
	if sending.Err() != nil {
		return context.Cause(sending)
	}
	r.emit(Event{Event: Submitting, ClientToken: batch.ClientToken, InstanceIds: batch.InstanceIds})
	submitted, err := r.send(calls, command, batch)
	if err == nil && submitted.InvokeId == "" {
		return fmt.Errorf("%s: the service took the call and named no invocation", command.Action())
	}
	if err == nil {
		submitted.ClientToken = batch.ClientToken
		r.emit(submitted)
		r.nudge()
		return nil
	}
	var refused *assist.Error
	if !errors.As(err, &refused) {
		return err
	}
	rejected := Event{Event: Rejected, ClientToken: batch.ClientToken, Code: refused.Code, Message: refused.Message}
	if !aboutInstances(refused) || len(batch.InstanceIds) == 0 {
		rejected.Final = true
		r.emit(rejected)
		return err
	}
	rejected.Final = len(batch.InstanceIds) == 1
	r.emit(rejected)
	if rejected.Final {
		return nil
	}
	for _, half := range batch.halves() {
		if err := r.submit(sending, calls, command, half); err != nil {
			return err
		}
	}
	return nil
}

// send makes the call, and gives the event that tells its answer.
func (r *run) send(ctx context.Context, command Command, batch Batch) (Event, error) {
	submitted := Event{Event: Submitted}
	switch request := command.Request(batch).(type) {
	case *assist.InvokeCommandRequest:
		answer, err := r.engine.API.InvokeCommand(ctx, request)
		if err != nil {
			return Event{}, err
		}
		submitted.InvokeId, submitted.CommandId, submitted.RequestId = answer.InvokeId, request.CommandId, answer.RequestId
	case *assist.RunCommandRequest:
		answer, err := r.engine.API.RunCommand(ctx, request)
		if err != nil {
			return Event{}, err
		}
		submitted.InvokeId, submitted.CommandId, submitted.RequestId = answer.InvokeId, answer.CommandId, answer.RequestId
	case *assist.SendFileRequest:
		answer, err := r.engine.API.SendFile(ctx, request)
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
