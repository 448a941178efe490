package fleet

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	"muster/pkg/target"
)

func fanOutPlan(n, limit int, waves ...target.Share) Plan {
	command := Command{Run: &assist.RunCommandRequest{Name: "run-1"}}
	return NewPlan("run-1", command, fleetOf(n), nil, Cut{BatchSize: 50, Waves: waves, Fanout: &target.Share{Count: limit}})
}

// TestFanOutKeepsItsLimitBusy measures in synthetic time how much longer a run takes than its instances.
func TestFanOutKeepsItsLimitBusy(t *testing.T) {
	even := func(string) time.Duration { return 2 * time.Second }
	uneven := func(id string) time.Duration { // 1 to 3 s
		h := fnv.New32a()
		_, _ = h.Write([]byte(id))
		return time.Second + time.Duration(h.Sum32()%2000)*time.Millisecond
	}
	for _, test := range []struct {
		name  string
		takes func(string) time.Duration
		limit int
		most  float64 // of N / limit × 2 s
		calls int     // of RunCommand
	}{
		{"as long as one another", even, 100, 1.1, 120},
		{"shorter and longer", uneven, 100, 1.15, 900},
		{"a few", even, 10, 1.1, 600},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n = 3000
				s := newService()
				s.takes, s.latency = test.takes, 20*time.Millisecond
				engine := engineOn(s)
				engine.NoOutput = true
				began := time.Now()
				state, err := engine.Run(t.Context(), fanOutPlan(n, test.limit))
				took := time.Since(began)
				if err != nil || !state.Succeeded() {
					t.Fatalf("err %v, counts %v", err, state.Counts())
				}
				if most := mostAtOnce(map[Site]*service{{}: s}); most != test.limit {
					t.Errorf("%d ran it at once, want %d", most, test.limit)
				}
				least := time.Duration(n/test.limit) * 2 * time.Second
				if ratio := float64(took) / float64(least); ratio > test.most || s.calls["RunCommand"] > test.calls {
					t.Errorf("took %s, %.2f of %s, want %.2f; %v", took, ratio, least, test.most, s.calls)
				}
			})
		})
	}
}

func TestStragglersDelayNoOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(id string) time.Duration {
			if id == "i-00001" {
				return time.Hour
			}
			return time.Second
		}
		engine := engineOn(s)
		seen := &recorder{}
		engine.Sink = seen.sink
		began := time.Now()
		if state, err := engine.Run(t.Context(), fanOutPlan(100, 10)); err != nil || !state.Succeeded() {
			t.Fatalf("err %v, counts %v", err, state.Counts())
		}
		calls := seen.of(Submitted)
		if last := calls[len(calls)-1].Time.Sub(began); last > time.Minute {
			t.Errorf("the last call was sent after %s", last)
		}
	})
}

func TestFanOutInWaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		plan := fanOutPlan(30, 4, target.Share{Count: 10})
		seen := &recorder{}
		engine := engineOn(s)
		engine.Sink = seen.sink
		state, err := engine.Run(t.Context(), plan)
		if err != nil || !state.Succeeded() || mostAtOnce(map[Site]*service{{}: s}) != 4 {
			t.Fatalf("err %v, counts %v", err, state.Counts())
		}
		if gates := seen.of(GateEvent); len(gates) != 2 {
			t.Errorf("gates %v", gates)
		}
	})
}

func TestFanOutStopsWhenTooManyFail(t *testing.T) {
	for _, test := range []struct {
		tolerance string
		failing   int // the number of failing instances, which are the first ones
		unsent    int
	}{
		{"0", 1, 96}, {"3", 4, 96}, {"50%", 2, 0}, {"20%", 1, 96},
	} {
		t.Run(test.tolerance, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				var ids []string
				for i := range test.failing {
					ids = append(ids, fmt.Sprintf("i-%05d", i+1))
				}
				s.failing(ids...)
				plan := fanOutPlan(100, 4)
				tolerance, err := ParseTolerance(test.tolerance)
				if err != nil {
					t.Fatal(err)
				}
				plan.MaxFailures = &tolerance
				state, err := engineOn(s).Run(t.Context(), plan)
				if err != nil || state.Counts()["unsent"] != test.unsent || state.Counts()["exit"] != test.failing {
					t.Errorf("err %v, gate %q, counts %v", err, state.Gate, state.Counts())
				}
			})
		})
	}
}

func TestAwaitKeepsGateReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.failing("i-00001")
		s.takes = func(id string) time.Duration {
			if id == "i-00002" {
				return time.Hour
			}
			return time.Second
		}
		plan := fanOutPlan(4, 2)
		plan.MaxFailures = &Tolerance{}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, ErrWaitTimeout)
		defer cancel()
		state, err := engineOn(s).Run(ctx, plan)
		why := state.GateReason
		if !errors.Is(err, ErrWaitTimeout) || state.Gate != GateMaxFailures || why == "" {
			t.Fatalf("err %v, gate %q: %q", err, state.Gate, why)
		}
		state, err = engineOn(s).Await(t.Context(), plan, state)
		if err != nil || state.Gate != GateMaxFailures || state.GateReason != why {
			t.Errorf("err %v, gate %q: %q", err, state.Gate, state.GateReason)
		}
		checkCauses(t, state, map[string]int{"success": 1, "exit": 1, "unsent": 2})
	})
}
