package fleet

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	"muster/pkg/sleep"
)

func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.latency = time.Second
		control := NewControl()
		engine := engineOn(s)
		engine.Concurrency, engine.Control = 1, control
		time.AfterFunc(1500*time.Millisecond, control.Hold) // while the call of the second batch is in flight
		time.AfterFunc(time.Hour, func() {
			if len(s.invocations) != 2 {
				t.Errorf("%d batches were sent during the hold", len(s.invocations))
			}
			control.Release()
			control.Hold() // again at once
		})
		time.AfterFunc(2*time.Hour, control.Release)
		state, err := engine.Run(t.Context(), wavesPlan(8, 1, "4"))
		if err != nil || !state.Succeeded() || state.Finished.Sub(state.Started) < 2*time.Hour {
			t.Errorf("err %v, counts %v after %s", err, state.Counts(), state.Finished.Sub(state.Started))
		}
	})
}

func TestHoldOfTheNextWave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		control := NewControl()
		engine := engineOn(s)
		engine.Control, engine.Gate = control, &asked{answer: true}
		plan := wavesPlan(4, 2, "2")
		plan.Confirm = true
		time.AfterFunc(500*time.Millisecond, control.Hold)
		time.AfterFunc(time.Hour, control.Release)
		state, err := engine.Run(t.Context(), plan)
		if err != nil || !state.Succeeded() || s.invocations[1].at.Sub(s.invocations[0].at) < time.Hour {
			t.Errorf("err %v, counts %v", err, state.Counts())
		}
	})
}

func TestStop(t *testing.T) {
	const long = time.Hour
	for _, test := range []struct {
		name   string
		at     time.Duration
		gate   bool
		held   bool
		counts map[string]int
	}{
		{name: "before anything", at: 0, counts: map[string]int{"unsent": 8}},
		{name: "while a call is on its way", at: 2500 * time.Millisecond, counts: map[string]int{"terminated": 2, "unsent": 6}},
		{name: "while the first wave runs", at: 30 * time.Second, counts: map[string]int{"terminated": 4, "unsent": 4}},
		{name: "while a gate asks", at: long + time.Minute, gate: true, counts: map[string]int{"success": 4, "unsent": 4}},
		{name: "while it is held", at: long + time.Minute, held: true, counts: map[string]int{"success": 4, "unsent": 4}},
		{name: "when all is over", at: 2*long + 10*time.Minute, counts: map[string]int{"success": 8}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				s.latency = 5 * time.Second
				s.takes = func(string) time.Duration { return long }
				control := NewControl()
				engine := engineOn(s)
				engine.Control, engine.Concurrency = control, 1
				seen := &recorder{}
				engine.Sink = seen.sink
				plan := wavesPlan(8, 2, "4")
				if plan.Confirm = test.gate; test.gate {
					engine.Gate = &asked{after: 24 * time.Hour}
				}
				if test.held {
					time.AfterFunc(time.Minute, control.Hold)
				}
				if test.at == 0 {
					control.Stop()
				}
				timer := time.AfterFunc(test.at, control.Stop)
				defer timer.Stop()
				state, err := engine.Run(t.Context(), plan)
				if err != nil || state.Interrupted != "" || len(seen.of(Settled)) != 1 {
					t.Fatalf("err %v, interrupted %q", err, state.Interrupted)
				}
				for cause, want := range test.counts {
					if state.Counts()[cause] != want {
						t.Errorf("counts %v, want %v", state.Counts(), test.counts)
					}
				}
				if open := s.calls["StopInvocation"]; open != (test.counts["terminated"]+1)/2 {
					t.Errorf("%d were stopped", open)
				}
			})
		})
	}
}

func TestStopRightAtTheEnd(t *testing.T) {
	for at := 500 * time.Millisecond; at < 2*time.Second; at += 20 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			s.latency = 40 * time.Millisecond
			control := NewControl()
			engine := engineOn(s)
			engine.Control = control
			seen := &recorder{}
			engine.Sink = seen.sink
			timer := time.AfterFunc(at, control.Stop)
			defer timer.Stop()
			state, err := engine.Run(t.Context(), wavesPlan(4, 2, "4"))
			counts := state.Counts()
			if err != nil || counts["success"]+counts["terminated"] != 4 || len(seen.of(Settled)) != 1 || seen.events[len(seen.events)-1].Event != Settled {
				t.Errorf("stopped after %s: err %v, counts %v", at, err, counts)
			}
		})
	}
}

// TestStopDoesNotWaitForSlowCalls has one call in flight for a minute. What is already running is stopped at once, and what
// that call starts is stopped when it has been answered.
func TestStopDoesNotWaitForSlowCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(string) time.Duration { return time.Hour }
		control := NewControl()
		engine := engineOn(s)
		engine.Control, engine.APIs = control, map[Site]API{here: slowFor{s, "i-00003", time.Minute}}
		began := time.Now()
		time.AfterFunc(10*time.Second, control.Stop)
		state, err := engine.Run(t.Context(), runPlan(4, 2))
		if err != nil || state.Counts()["terminated"] != 4 {
			t.Fatalf("err %v, counts %v", err, state.Counts())
		}
		if at := s.ended["t-0001"].Sub(began); at > 11*time.Second {
			t.Errorf("what ran was stopped after %s", at)
		}
	})
}

// slowFor delays the calls for one instance.
type slowFor struct {
	*service
	id    string
	takes time.Duration
}

func (s slowFor) RunCommand(ctx context.Context, r *assist.RunCommandRequest) (*assist.RunCommandResponse, error) {
	if r.InstanceId[0] == s.id {
		if err := sleep.For(ctx, s.takes); err != nil {
			return nil, err
		}
	}
	return s.service.RunCommand(ctx, r)
}

// TestStopReportsLostAnswers stops a run while a call is in flight that gets no answer, so that it is not known what it
// started.
func TestStopReportsLostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(string) time.Duration { return time.Hour }
		s.latency = time.Second
		s.refuse = func(ids []string) error {
			if ids[0] == "i-00003" {
				return &assist.TransportError{Err: errors.New("cut off")}
			}
			return nil
		}
		control := NewControl()
		engine := engineOn(s)
		engine.Control = control
		time.AfterFunc(500*time.Millisecond, control.Stop)
		state, err := engine.Run(t.Context(), runPlan(4, 2))
		_, cut := errors.AsType[*assist.TransportError](err)
		if !cut || state.InDoubt() != 2 {
			t.Errorf("err %v, %d in doubt", err, state.InDoubt())
		}
		checkCauses(t, state, map[string]int{"terminated": 2, "unknown": 2})
	})
}

func TestStopOfAWatch(t *testing.T) {
	for _, at := range []time.Duration{0, 500 * time.Millisecond, time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			s.stale = time.Second // so that the first stops come before the invocation is listed
			s.takes = func(string) time.Duration { return time.Hour }
			for _, token := range []string{"one", "two"} {
				if _, err := s.submit(token, "other", "", []string{"i-1", "i-2"}); err != nil {
					t.Fatal(err)
				}
			}
			control := NewControl()
			engine := engineOn(s)
			engine.Control = control
			seen := &recorder{}
			engine.Sink = seen.sink
			time.AfterFunc(at, control.Stop)
			state, err := engine.Watch(t.Context(), Watched{Site: here, InvokeIds: []string{"t-0002", "t-0001", "t-0002"}})
			checkCauses(t, state, map[string]int{"terminated": 4})
			if err != nil || seen.events[0].Event != Planned || state.Targets[0].InvokeId != "t-0002" {
				t.Errorf("stopped after %s: err %v, %v of %s", at, err, seen.events[0].Event, state.Targets[0].InvokeId)
			}
		})
	}
}

func TestHurry(t *testing.T) {
	for _, hurried := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			s.latency = time.Hour // no call is answered
			engine := engineOn(s)
			hurry := make(chan struct{})
			engine.Hurry = hurry
			ctx, cancel := context.WithCancel(t.Context())
			began := time.Now()
			time.AfterFunc(time.Second, cancel)
			if hurried {
				time.AfterFunc(2*time.Second, func() { close(hurry) })
			}
			state, err := engine.Run(ctx, runPlan(4, 2))
			took := time.Since(began)
			if !errors.Is(err, context.Canceled) || state.Counts()["unknown"] != 4 || state.InDoubt() != 4 {
				t.Errorf("err %v, counts %v", err, state.Counts())
			}
			if want := map[bool]time.Duration{true: 2 * time.Second, false: time.Second + shutdownGrace}[hurried]; took != want {
				t.Errorf("it took %s, want %s", took, want)
			}
		})
	}
}

// TestManyInvocationsAreWatched watches more invocations than are polled in one round, the first of which take long.
func TestManyInvocationsAreWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(id string) time.Duration {
			if id == "i-slow" {
				return time.Hour
			}
			return time.Second
		}
		var ids []string
		for i := range 2 * maxPollsByID {
			instance := "i-slow"
			if i >= maxPollsByID {
				instance = "i-fast"
			}
			id, err := s.submit(string(rune('a'+i)), "other", "", []string{instance})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Minute, ErrWaitTimeout)
		defer cancel()
		state, err := engineOn(s).Watch(ctx, Watched{Site: here, InvokeIds: ids})
		if counts := state.Counts(); !errors.Is(err, ErrWaitTimeout) || counts["success"] != maxPollsByID {
			t.Errorf("err %v, counts %v", err, counts)
		}
	})
}
