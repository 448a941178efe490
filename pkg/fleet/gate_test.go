package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	"muster/pkg/sleep"
	"muster/pkg/target"
)

// recorder is a sink that records all events.
type recorder struct{ events []Event }

func (r *recorder) sink(e Event, _ *State) { r.events = append(r.events, e) }

func (r *recorder) of(kind EventKind) []Event {
	return slices.DeleteFunc(slices.Clone(r.events), func(e Event) bool { return e.Event != kind })
}

func wavesPlan(n, size int, waves string) Plan {
	shares, err := target.ParseShares(waves)
	if err != nil {
		panic(err)
	}
	return NewPlan("run-1", Command{Run: &assist.RunCommandRequest{Name: "run-1"}}, fleetOf(n), nil, Cut{BatchSize: size, Waves: shares})
}

func TestCutWaves(t *testing.T) {
	for waves, want := range map[string]string{
		"1":          "[1 1 1 1 1 1 1 1 1 1]",
		"1,10%,50%":  "[1 1 5 3]",
		"3,4":        "[3 4 3]",
		"1%":         "[1 1 1 1 1 1 1 1 1 1]",
		"25%,100%":   "[3 7]",
		"100":        "[10]",
		"1,2,100%":   "[1 2 7]",
		"0.0000001%": "[1 1 1 1 1 1 1 1 1 1]",
	} {
		plan := wavesPlan(10, 2, waves)
		var sizes []int
		for i, wave := range plan.Waves {
			sizes = append(sizes, 0)
			for _, batch := range wave.Batches {
				sizes[i] += len(batch.InstanceIds)
			}
		}
		if fmt.Sprint(sizes) != want {
			t.Errorf("%s of 10 are %v, want %s", waves, sizes, want)
		}
	}
}

func TestPlanHasEachInstanceOnce(t *testing.T) {
	plan := NewPlan("r", Command{Run: &assist.RunCommandRequest{}}, append(fleetOf(3), fleetOf(2)...), nil, Cut{BatchSize: 50})
	if batches := plan.Batches(); len(batches) != 1 || len(batches[0].InstanceIds) != 3 {
		t.Errorf("%v", batches)
	}
}

func TestPauseIsBetweenWaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(string) time.Duration { return 0 }
		plan := wavesPlan(3, 1, "1")
		plan.Pause = time.Hour
		began := time.Now()
		state, err := engineOn(s).Run(t.Context(), plan)
		if took := time.Since(began); err != nil || !state.Succeeded() || took < 2*time.Hour || took > 2*time.Hour+time.Minute {
			t.Errorf("err %v, %v in %s", err, state.Counts(), took)
		}
	})
}

// failing makes the script fail on some instances.
func (s *service) failing(ids ...string) {
	s.end = func(id string) (assist.Status, int64) {
		if slices.Contains(ids, id) {
			return assist.StatusFailed, 1
		}
		return assist.StatusSuccess, 0
	}
}

func TestMaxFailures(t *testing.T) {
	two := []string{"i-00001", "i-00002"}
	for _, test := range []struct {
		name, tolerance, waves string
		failing                []string
		unsent                 int
	}{
		{"none tolerated", "0", "2,100%", two[:1], 8},
		{"exactly as many", "2", "2,100%", two, 0},
		{"one more", "1", "2,100%", two, 8},
		{"a share of the waves so far", "50%", "4,100%", two, 0},
		{"more than that share", "49%", "4,100%", two, 6},
		{"in the last wave", "0", "9,1", []string{"i-00010"}, 0},
		{"in the only wave", "0", "100%", two, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				s.failing(test.failing...)
				plan := wavesPlan(10, 50, test.waves)
				tolerance, err := ParseTolerance(test.tolerance)
				if err != nil {
					t.Fatal(err)
				}
				plan.MaxFailures = &tolerance
				seen := &recorder{}
				engine := engineOn(s)
				engine.Sink = seen.sink
				state, err := engine.Run(t.Context(), plan)
				if err != nil || state.Counts()["unsent"] != test.unsent || state.Counts()["exit"] != len(test.failing) {
					t.Fatalf("err %v, counts %v", err, state.Counts())
				}
				closed := slices.ContainsFunc(seen.of(GateEvent), func(e Event) bool { return e.Code == GateMaxFailures })
				if closed != (test.unsent > 0) || (state.Gate == GateMaxFailures) != closed || len(seen.of(Settled)) != 1 {
					t.Errorf("gate %q, events %v", state.Gate, seen.of(GateEvent))
				}
				// When resumed, the run ends in the same way, even if nothing is left to send.
				again, err := engine.Resume(t.Context(), plan, state)
				if err != nil || again.Counts()["unsent"] != test.unsent || (again.Gate != "") != closed {
					t.Errorf("resumed: err %v, gate %q, counts %v", err, again.Gate, again.Counts())
				}
			})
		})
	}
}

// TestMaxFailuresAppliesToQueuedBatches refuses one instance after another. Neither a batch that waits for its turn nor a half
// is sent once there are too many failures.
func TestMaxFailuresAppliesToQueuedBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.latency = time.Second
		s.refuse = func([]string) error { return refusedFor("InvalidInstance.NotFound") }
		plan := runPlan(40, 4)
		plan.MaxFailures = &Tolerance{Count: 1}
		engine := engineOn(s)
		engine.Concurrency = 1
		state, err := engine.Run(t.Context(), plan)
		if err != nil || state.Gate != GateMaxFailures {
			t.Errorf("err %v, gate %q", err, state.Gate)
		}
		checkCauses(t, state, map[string]int{"rejected": 2, "unsent": 38})
		if s.calls["RunCommand"] != 4 { // of four, of two, and twice of one
			t.Errorf("calls %v", s.calls)
		}
	})
}

func TestSkippedTargetsAreNotFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.failing("i-00003")
		targets := fleetOf(6)
		shares, _ := target.ParseShares("2,100%")
		plan := NewPlan("run-1", Command{Run: &assist.RunCommandRequest{Name: "run-1"}}, targets, targets[:2], Cut{BatchSize: 50, Waves: shares})
		plan.MaxFailures = &Tolerance{Percent: 50} // one of two; including the skipped targets it would be three of four
		state, err := engineOn(s).Run(t.Context(), plan)
		if err != nil {
			t.Error(err)
		}
		checkCauses(t, state, map[string]int{"success": 3, "skipped": 2, "exit": 1})
	})
}

func TestToleranceIsExact(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "0%": 0, "7": 7, "0.57%": 57, "10%": 1000, "33.3%": 3330, "0.55%": 55, "100%": 10_000} {
		tolerance, err := ParseTolerance(text)
		if err != nil || tolerance.exceededBy(want, 10_000) || !tolerance.exceededBy(want+1, 10_000) {
			t.Errorf("%s of 10,000 is not %d (%v)", text, want, err)
		}
	}
	for _, text := range []string{"", "-1", "x", "101%", "-1%", "%"} {
		if _, err := ParseTolerance(text); err == nil {
			t.Errorf("%q was accepted as a tolerance", text)
		}
	}
}

// asked is a gate that returns one answer, after a while.
type asked struct {
	answer bool
	after  time.Duration
	waves  []int
	shown  []int // the number of ended targets
}

func (a *asked) Show(_ int, s *State) error {
	a.shown = append(a.shown, s.Ended())
	return nil
}

func (a *asked) Ask(ctx context.Context, wave int) (string, error) {
	a.waves = append(a.waves, wave)
	if sleep.For(ctx, a.after) != nil {
		return "", ctx.Err() // not the cause
	}
	if !a.answer {
		return "no", nil
	}
	return "", nil
}

func TestConfirm(t *testing.T) {
	for _, yes := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			gate := &asked{answer: yes, after: time.Minute}
			engine := engineOn(s)
			engine.Gate = gate
			plan := wavesPlan(6, 2, "2")
			plan.Confirm = true
			state, err := engine.Run(t.Context(), plan)
			if err != nil {
				t.Fatal(err)
			}
			if yes && (!state.Succeeded() || fmt.Sprint(gate.waves, gate.shown) != "[1 2] [2 4]") {
				t.Errorf("waves %v, shown %v, counts %v", gate.waves, gate.shown, state.Counts())
			}
			if !yes && (state.Gate != GateDeclined || state.Counts()["unsent"] != 4 || len(gate.waves) != 1) {
				t.Errorf("gate %q, waves %v, counts %v", state.Gate, gate.waves, state.Counts())
			}
		})
	}
}

func TestInterruptWhileAGateAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		engine := engineOn(newService())
		engine.Gate = &asked{after: time.Hour}
		plan := wavesPlan(6, 2, "2")
		plan.Confirm = true
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, ErrWaitTimeout)
		defer cancel()
		state, err := engine.Run(ctx, plan)
		if !errors.Is(err, ErrWaitTimeout) || state.Gate != "" {
			t.Errorf("err %v, gate %q", err, state.Gate)
		}
		checkCauses(t, state, map[string]int{"success": 2, "unsent": 4})
	})
}

func TestSubmitDoesNotWaitForWaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state, err := engineOn(newService()).Submit(t.Context(), wavesPlan(6, 2, "2"))
		if err != nil || len(state.Invocations) != 3 {
			t.Errorf("err %v, %d invocations", err, len(state.Invocations))
		}
	})
}

// twoSites returns a plan for the same instance ids at two sites, and the services there.
func twoSites(n, size int) (Plan, *service, *service, *Engine) {
	a, b := newService(), newService()
	a.prefix, b.prefix = "a", "b"
	sites := []Site{{RegionId: "a"}, {Profile: "p", RegionId: "a"}}
	var targets []Target
	for _, site := range sites {
		for _, t := range fleetOf(n) {
			t.Site = site
			targets = append(targets, t)
		}
	}
	plan := NewPlan("run-1", Command{Run: &assist.RunCommandRequest{Name: "run-1"}}, targets, nil, Cut{BatchSize: size})
	return plan, a, b, &Engine{APIs: map[Site]API{sites[0]: a, sites[1]: b}, Concurrency: 2, PageSize: 50}
}

// crowded counts the calls in flight.
type crowded struct {
	*service
	mu        sync.Mutex
	now, most int
}

func (c *crowded) RunCommand(ctx context.Context, r *assist.RunCommandRequest) (*assist.RunCommandResponse, error) {
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.now--
		c.mu.Unlock()
	}()
	return c.service.RunCommand(ctx, r)
}

func TestSitesAreIndependent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan, a, b, engine := twoSites(30, 4)
		a.latency, b.latency = time.Second, time.Second
		a.failing("i-00001")
		busy := &crowded{service: a}
		engine.APIs[plan.Sites[0]] = busy
		seen := &recorder{}
		engine.Sink = seen.sink
		state, err := engine.Run(t.Context(), plan)
		if err != nil || state.Targets[0].Cause != CauseExit {
			t.Fatalf("err %v, %+v", err, state.Targets[0])
		}
		checkCauses(t, state, map[string]int{"success": 59, "exit": 1})
		if len(a.invocations) != 8 || len(b.invocations) != 8 || busy.most != 2 {
			t.Errorf("%d and %d invocations, %d calls at once", len(a.invocations), len(b.invocations), busy.most)
		}
		for _, e := range seen.events {
			if e.InvokeId != "" && strings.HasPrefix(e.InvokeId, "t-b") != (e.Profile == "p") {
				t.Errorf("%s of %s is at %s", e.Event, e.InvokeId, e.Site)
			}
		}
	})
}

// deaf is a service that cannot be polled.
type deaf struct{ *service }

func (d deaf) DescribeInvocations(context.Context, *assist.DescribeInvocationsRequest) (*assist.DescribeInvocationsResponse, error) {
	return nil, &assist.TransportError{Err: errors.New("cut off")}
}

func TestOneSiteFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan, a, b, engine := twoSites(30, 1)
		a.latency, b.latency = time.Second, time.Second
		b.takes = func(string) time.Duration { return time.Hour }
		engine.APIs[plan.Sites[0]] = deaf{a}
		state, err := engine.Run(t.Context(), plan)
		if _, cut := errors.AsType[*assist.TransportError](err); !cut {
			t.Errorf("err %v", err)
		}
		checkCauses(t, state, map[string]int{"unknown": len(a.invocations), "success": len(b.invocations), "unsent": 60 - len(a.invocations) - len(b.invocations)})
		if len(b.invocations) > 6 {
			t.Errorf("%d batches were sent", len(b.invocations))
		}
	})
}
