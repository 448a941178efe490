package fleet

import (
	"context"
	"fmt"
	"time"

	"muster/pkg/sleep"
)

// Gate decides whether a roll-out goes on after a wave.
type Gate interface {
	// Show reads how the waves up to one ended. Nothing moves the state meanwhile.
	Show(wave int, s *State) error
	// Ask returns why nothing more may be sent, or an empty text if the next wave may follow. It returns when that is
	// decided, or when the context has ended.
	Ask(ctx context.Context, wave int) (reason string, err error)
}

// passGate waits until the waves before one have come to their ends, and for what else has to hold before it is sent. It
// is false when nothing more is to be sent. After the last wave there is nothing to hold up, and a command still judges it.
func (r *run) passGate(ctx context.Context, plan Plan, wave int) (bool, error) {
	passed := false
	r.look(func(s *State) { passed = s.passed >= wave })
	if passed {
		return true, nil // before the run was resumed
	}
	if err := r.untilEnded(ctx, wave-1); err != nil {
		return false, err
	}
	last := wave > len(plan.Waves)
	for _, holds := range []func() (bool, error){
		func() (bool, error) { return r.fewFailed(plan, wave) },
		func() (bool, error) { return r.askGate(ctx, r.engine.Check, plan.Gate != "", wave, GateCommand) },
		func() (bool, error) { return r.askGate(ctx, r.engine.Gate, plan.Confirm && !last, wave, GateDeclined) },
		func() (bool, error) { return r.pauseBefore(ctx, plan, wave) },
	} {
		if open, err := holds(); !open || err != nil {
			return false, err
		}
		if err := r.engine.Control.wait(ctx); err != nil {
			return false, err
		}
	}
	return true, r.emit(Event{Event: GateEvent, Wave: wave})
}

// fewFailed closes the gate before a wave where more failed than is tolerated.
func (r *run) fewFailed(plan Plan, wave int) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.unkept(); err != nil || wave > len(plan.Waves) {
		return err == nil, err
	}
	closed, err := r.tooManyFailed(plan, wave-1, wave)
	return !closed, err
}

// askGate asks a gate, if that is wanted, and closes with the code.
func (r *run) askGate(ctx context.Context, gate Gate, wanted bool, wave int, code string) (bool, error) {
	if !wanted || gate == nil {
		return true, nil
	}
	var err error
	r.look(func(s *State) { err = gate.Show(wave-1, s) })
	if err != nil {
		return false, err
	}
	reason, err := gate.Ask(ctx, wave-1)
	if ctx.Err() != nil {
		err = context.Cause(ctx) // whatever the answer is then
	}
	if err != nil || reason == "" {
		return err == nil, err
	}
	return false, r.emit(Event{Event: GateEvent, Wave: wave, Code: code, Message: reason})
}

// pauseBefore waits for as long as a plan pauses between two waves.
func (r *run) pauseBefore(ctx context.Context, plan Plan, wave int) (bool, error) {
	if plan.Pause == 0 || wave > len(plan.Waves) {
		return true, nil
	}
	if err := r.emit(Event{Event: Pausing, Wave: wave, Until: time.Now().Add(plan.Pause)}); err != nil {
		return false, err
	}
	err := sleep.For(ctx, plan.Pause)
	return err == nil, err
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
	if plan.Fanout > 0 {
		targets = r.state.sentTo()
	}
	failures := r.state.failures()
	if !plan.MaxFailures.exceededBy(failures, targets) {
		return false, nil
	}
	message := fmt.Sprintf("%d of %d targets did not succeed, and %s are tolerated", failures, targets, plan.MaxFailures)
	return true, r.tell(Event{Event: GateEvent, Wave: next, Code: GateMaxFailures, Message: message})
}
