package fleet

import (
	"context"
	"fmt"
	"time"

	"muster/pkg/sleep"
	"muster/pkg/target"
)

// Gate decides whether a roll-out continues after a wave.
type Gate interface {
	// Show presents the outcome of the waves up to one. The state does not change during the call.
	Show(wave int, s *State) error
	// Ask returns the reason why nothing more may be sent, or an empty text if the next wave may follow. It returns when that
	// is decided, or when the context has ended.
	Ask(ctx context.Context, wave int) (reason string, err error)
}

// passGate waits until the waves before one have ended, and for the other conditions of sending it. It returns false if nothing
// more may be sent. After the last wave only the gate command applies.
func (r *run) passGate(ctx context.Context, plan Plan, wave int) (bool, error) {
	passed := false
	r.withState(func(s *State) { passed = s.passed >= wave })
	if passed {
		return true, nil // before the run was resumed
	}
	if err := r.awaitWave(ctx, wave-1); err != nil {
		return false, err
	}
	last := wave > len(plan.Waves)
	for _, holds := range []func() (bool, error){
		func() (bool, error) { return r.checkFailures(plan, wave) },
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

// checkFailures closes the gate before a wave if too many targets failed.
func (r *run) checkFailures(plan Plan, wave int) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.journalErr(); err != nil || wave > len(plan.Waves) {
		return err == nil, err
	}
	closed, err := r.tooManyFailed(plan, wave-1, wave)
	return !closed, err
}

// askGate asks a gate, if it is wanted, and closes with the code if the gate refuses.
func (r *run) askGate(ctx context.Context, gate Gate, wanted bool, wave int, code string) (bool, error) {
	if !wanted || gate == nil {
		return true, nil
	}
	var err error
	r.withState(func(s *State) { err = gate.Show(wave-1, s) })
	if err != nil {
		return false, err
	}
	reason, err := gate.Ask(ctx, wave-1)
	if ctx.Err() != nil {
		err = context.Cause(ctx) // the answer does not count
	}
	if err != nil || reason == "" {
		return err == nil, err
	}
	return false, r.emit(Event{Event: GateEvent, Wave: wave, Code: code, Message: reason})
}

// pauseBefore waits for the plan's pause between two waves.
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

// awaitWave waits until every target of the waves up to one has ended, and its output is known.
func (r *run) awaitWave(ctx context.Context, wave int) error {
	for {
		ended := false
		r.withState(func(s *State) {
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

// tooManyFailed reports whether more targets of the waves up to one have failed than the plan tolerates. It then emits that
// nothing more is sent, from the next wave on or from that one. The caller holds the lock.
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
	message := fmt.Sprintf("%d of %d targets did not succeed, and at most %s are tolerated", failures, targets, plan.MaxFailures)
	return true, r.emitLocked(Event{Event: GateEvent, Wave: next, Code: GateMaxFailures, Message: message})
}

// closed reports whether a gate is closed, so that nothing more is sent.
func (r *run) closed() (closed bool) {
	r.withState(func(s *State) { closed = s.Gate != "" })
	return closed
}

// Tolerance is the largest number of targets that may end without success before nothing more is sent: a number, or a share of
// the targets of the waves so far. Skipped targets count neither as targets nor as failures.
type Tolerance target.Share

// ParseTolerance reads N or N%, including 0.
func ParseTolerance(text string) (Tolerance, error) {
	if text == "0" || text == "0%" {
		return Tolerance{}, nil
	}
	share, err := target.ParseShare(text)
	return Tolerance(share), err
}

// exceededBy reports whether there are more failures than tolerated for the number of targets.
func (t Tolerance) exceededBy(failures, targets int) bool {
	if t.Percent > 0 {
		return float64(failures) > t.Percent*float64(targets)/100+target.Rounding
	}
	return failures > t.Count
}

// String returns the text that [ParseTolerance] reads.
func (t Tolerance) String() string { return target.Share(t).String() }
