package fleet

import (
	"context"
	"fmt"
)

// Gate asks somebody whether a wave may follow.
type Gate interface {
	// Show says how the waves before one ended. Nothing moves the state meanwhile.
	Show(wave int, s *State) error
	// Ask returns when there is an answer, or the context has ended.
	Ask(ctx context.Context, wave int) (bool, error)
}

// passGate waits until the waves before one have come to their ends, and for what else has to hold before it is sent. It
// is false when nothing more is to be sent.
func (r *run) passGate(ctx context.Context, plan Plan, wave int) (bool, error) {
	passed := false
	r.look(func(s *State) { passed = s.passed >= wave })
	if passed {
		return true, nil // before the run was resumed
	}
	if err := r.untilEnded(ctx, wave-1); err != nil {
		return false, err
	}
	r.mu.Lock()
	err, closed := r.unkept(), false
	if err == nil {
		closed, err = r.tooManyFailed(plan, wave-1, wave)
	}
	r.mu.Unlock()
	if closed || err != nil {
		return false, err
	}
	if err := pause(ctx, plan.Pause); err != nil {
		return false, err
	}
	if err := r.engine.Control.wait(ctx); err != nil {
		return false, err
	}
	if plan.Confirm && r.engine.Gate != nil {
		yes, err := r.ask(ctx, wave)
		if err != nil {
			return false, err
		}
		if !yes {
			return false, r.emit(Event{Event: GateEvent, Wave: wave, Code: GateDeclined, Message: fmt.Sprintf("wave %d was declined", wave)})
		}
	}
	return true, r.emit(Event{Event: GateEvent, Wave: wave})
}

func (r *run) ask(ctx context.Context, wave int) (yes bool, err error) {
	r.look(func(s *State) { err = r.engine.Gate.Show(wave, s) })
	if err != nil {
		return false, err
	}
	yes, err = r.engine.Gate.Ask(ctx, wave)
	if ctx.Err() != nil {
		err = context.Cause(ctx) // whatever the answer is then
	}
	return yes, err
}

// untilEnded waits until every target of the waves up to one has come to an end, and its output is here.
func (r *run) untilEnded(ctx context.Context, wave int) error {
	for {
		ended := false
		r.look(func(s *State) {
			if s.unsettled == 0 {
				_, open := s.upTo(wave)
				ended = open == 0
			}
		})
		if ended {
			return context.Cause(ctx)
		}
		select {
		case <-r.moved:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// tooManyFailed tells whether more targets of the waves up to one have failed than the plan tolerates, and then that
// nothing more is sent, from the next wave on or from that one. It is for who holds the lock.
func (r *run) tooManyFailed(plan Plan, wave, next int) (bool, error) {
	if plan.MaxFailures == nil {
		return false, nil
	}
	targets, _ := r.state.upTo(wave)
	failures := r.state.failures()
	if !plan.MaxFailures.exceededBy(failures, targets) {
		return false, nil
	}
	message := fmt.Sprintf("%d of %d targets did not succeed, and %s are tolerated", failures, targets, plan.MaxFailures)
	return true, r.tell(Event{Event: GateEvent, Wave: next, Code: GateMaxFailures, Message: message})
}
