package fleet

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

func fleetOf(n int) []Target {
	var targets []Target
	for i := range n {
		targets = append(targets, Target{InstanceId: fmt.Sprintf("i-%05d", i+1), Site: here})
	}
	return targets
}

func runPlan(n, size int) Plan {
	command := Command{Run: &assist.RunCommandRequest{Name: "run-1"}}
	return NewPlan("run-1", command, fleetOf(n), nil, Cut{BatchSize: size})
}

// here is the site of all targets in most tests.
var here = Site{RegionId: "r"}

// checkCauses compares how many targets ended for each cause.
func checkCauses(t *testing.T, state *State, want map[string]int) {
	t.Helper()
	got := state.Counts()
	maps.DeleteFunc(got, func(cause string, n int) bool { return cause == "Total" || n == 0 })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("targets of each cause (-want +got):\n%s", diff)
	}
}

func engineOn(s *service) *Engine {
	return &Engine{APIs: map[Site]API{here: s}, Concurrency: 8, PageSize: 50}
}

func TestRunCallsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(string) time.Duration { return 30 * time.Second }
		state, err := engineOn(s).Run(t.Context(), runPlan(1000, 50))
		if err != nil || !state.Succeeded() {
			t.Fatalf("err %v, counts %v", err, state.Counts())
		}
		if s.calls["RunCommand"] != 20 || s.calls["DescribeInvocationResults"] != 20 {
			t.Errorf("calls %v, want 20 submits and 20 results", s.calls)
		}
		// A round is one call here; polling each of the 20 invocations would take 20.
		if s.calls["DescribeInvocations"] > 80 {
			t.Errorf("%d polls in 30 s", s.calls["DescribeInvocations"])
		}
	})
}

// paged records the oldest page that was requested.
type paged struct {
	*service
	furthest int
}

func (p *paged) DescribeInvocations(ctx context.Context, r *assist.DescribeInvocationsRequest) (*assist.DescribeInvocationsResponse, error) {
	offset, _ := strconv.Atoi(r.NextToken)
	p.mu.Lock()
	p.furthest = max(p.furthest, offset)
	p.mu.Unlock()
	return p.service.DescribeInvocations(ctx, r)
}

// TestLaterWavesTakeNoMoreCalls runs two equal waves. The pages of the second are the newest, and older ones are not requested.
func TestLaterWavesTakeNoMoreCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pages := &paged{service: newService()}
		pages.takes = func(string) time.Duration { return time.Minute }
		engine := engineOn(pages.service)
		engine.APIs[here] = pages
		state, err := engine.Run(t.Context(), wavesPlan(800, 1, "400"))
		if err != nil || !state.Succeeded() || pages.furthest != 350 {
			t.Fatalf("err %v, counts %v, asked back to %d", err, state.Counts(), pages.furthest)
		}
	})
}

func TestRunEndsSoonAfterTheLastInstance(t *testing.T) {
	for _, last := range []time.Duration{100 * time.Millisecond, time.Second, 5 * time.Second, time.Minute, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			s.latency = 5 * time.Millisecond
			s.takes = func(id string) time.Duration {
				if id == "i-00120" {
					return last
				}
				return last / 2
			}
			began := time.Now()
			if _, err := engineOn(s).Run(t.Context(), runPlan(120, 50)); err != nil {
				t.Fatal(err)
			}
			late := time.Since(began) - last
			if allowed := max(300*time.Millisecond, last/20); late > allowed {
				t.Errorf("a run of %s ended %s after its last instance", last, late)
			}
		})
	}
}

func TestRefusedInstanceDoesNotAffectOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		bad := []string{"i-00007", "i-00031"}
		s.refuse = func(ids []string) error {
			if slices.ContainsFunc(ids, func(id string) bool { return slices.Contains(bad, id) }) {
				return refusedFor("InvalidInstance.NotFound")
			}
			return nil
		}
		state, err := engineOn(s).Run(t.Context(), runPlan(50, 50))
		if err != nil {
			t.Fatal(err)
		}
		counts := state.Counts()
		if counts["success"] != 48 || counts["rejected"] != 2 {
			t.Fatalf("counts %v", counts)
		}
		for _, target := range state.Targets {
			if slices.Contains(bad, target.InstanceId) != (target.Cause == CauseRejected) {
				t.Errorf("%s ended as %s", target.InstanceId, target.Cause)
			}
		}
		sent := map[string]int{}
		for _, invocation := range s.invocations {
			for _, id := range invocation.instances {
				sent[id]++
			}
		}
		for id, n := range sent {
			if n != 1 {
				t.Errorf("%s was sent to %d times", id, n)
			}
		}
	})
}

func TestRefusalOfAllEndsSubmitting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.refuse = func([]string) error { return refusedFor("Invocation.ExceedQuota") }
		engine := engineOn(s)
		engine.Concurrency = 1
		state, err := engine.Run(t.Context(), runPlan(200, 50))
		_, ok := errors.AsType[*assist.Error](err)
		if !ok {
			t.Fatalf("err %v", err)
		}
		if counts := state.Counts(); counts["rejected"] != 50 || counts["unsent"] != 150 {
			t.Errorf("counts %v", counts)
		}
		if s.calls["RunCommand"] != 1 {
			t.Errorf("%d calls", s.calls["RunCommand"])
		}
	})
}

func TestStaleAnswersAreNotErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.stale = 3 * time.Second
		state, err := engineOn(s).Run(t.Context(), runPlan(120, 50))
		if err != nil || !state.Succeeded() {
			t.Fatalf("err %v, counts %v", err, state.Counts())
		}
	})
}

func TestWaitTimeoutStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(id string) time.Duration {
			if id == "i-00001" {
				return time.Second
			}
			return time.Hour
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), 10*time.Second, ErrWaitTimeout)
		defer cancel()
		state, err := engineOn(s).Run(ctx, runPlan(60, 50))
		if !errors.Is(err, ErrWaitTimeout) || state.Interrupted != "timeout" {
			t.Fatalf("err %v, interrupted %q", err, state.Interrupted)
		}
		if counts := state.Counts(); counts["success"] != 1 || counts["unknown"] != 59 {
			t.Errorf("counts %v", counts)
		}
		if out := state.Targets[0].Output; out != Output("out of i-00001\n").Key() {
			t.Errorf("the output of what had ended is %q", out)
		}
	})
}

func TestInterruptedRunKnowsWhatItSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.latency = time.Second
		s.takes = func(string) time.Duration { return time.Hour }
		ctx, cancel := context.WithCancel(t.Context())
		engine := engineOn(s)
		engine.Concurrency = 1
		time.AfterFunc(1500*time.Millisecond, cancel) // while the call of the second batch is in flight
		state, err := engine.Run(ctx, runPlan(200, 50))
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("err %v", err)
		}
		if counts := state.Counts(); counts["unknown"] != 100 || counts["unsent"] != 100 {
			t.Errorf("counts %v", counts)
		}
		if len(state.Invocations) != 2 {
			t.Errorf("%d invocations are known, the service has %d", len(state.Invocations), len(s.invocations))
		}
	})
}

func TestInvokeCommandPollsByItsCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		command := Command{Invoke: &assist.InvokeCommandRequest{RegionId: "r", CommandId: "c-1"}}
		state, err := engineOn(s).Run(t.Context(), NewPlan("run-1", command, fleetOf(450), nil, Cut{BatchSize: 100}))
		if err != nil || !state.Succeeded() {
			t.Fatalf("err %v, counts %v", err, state.Counts())
		}
		if s.calls["InvokeCommand"] != 5 {
			t.Errorf("calls %v", s.calls)
		}
	})
}

func TestWatchOfOtherInvocations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		for n, ids := range [][]string{{"i-1", "i-2"}, {"i-1"}} {
			if _, err := s.submit(fmt.Sprint("token", n), "other", "", ids); err != nil {
				t.Fatal(err)
			}
		}
		state, err := engineOn(s).Watch(t.Context(), Watched{Site: here, InvokeIds: []string{"t-0001", "t-0002"}})
		if err != nil || !state.Succeeded() {
			t.Fatalf("err %v, counts %v", err, state.Counts())
		}
		var got []string
		for _, target := range state.Targets {
			got = append(got, fmt.Sprint(target.InvokeId, "/", target.InstanceId, "=", target.Output))
		}
		one, two := Output("out of i-1\n").Key(), Output("out of i-2\n").Key()
		want := []string{fmt.Sprint("t-0001/i-1=", one), fmt.Sprint("t-0001/i-2=", two), fmt.Sprint("t-0002/i-1=", one)}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestWatchOfUnknownInvocation(t *testing.T) {
	for sent, patience := range map[bool][2]time.Duration{false: {time.Second, 3 * time.Second}, true: {10 * time.Second, 15 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			watched := Watched{Site: here, InvokeIds: []string{"t-none"}, Sent: func(id string) bool { return sent && id == "t-none" }}
			_, err := engineOn(newService()).Watch(t.Context(), watched)
			unknown, ok := errors.AsType[*UnknownInvocationError](err)
			if !ok || unknown.InvokeId != "t-none" {
				t.Fatalf("err %v", err)
			}
			if took := time.Since(began); took < patience[0] || took > patience[1] {
				t.Errorf("submitted %t: the wait took %s", sent, took)
			}
		})
	}
}

func TestWatchAtSeveralSites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, other, there := newService(), newService(), Site{RegionId: "there"}
		engine := engineOn(s)
		engine.APIs[there] = other
		for i, service := range []*service{s, other, other} {
			request := &assist.RunCommandRequest{InstanceId: []string{"i-1", "i-2"}, ClientToken: fmt.Sprint(i)}
			if _, err := service.RunCommand(t.Context(), request); err != nil {
				t.Fatal(err)
			}
		}
		state, err := engine.Watch(t.Context(), Watched{Site: here, InvokeIds: []string{"t-0001"}}, Watched{Site: there, InvokeIds: []string{"t-0002"}})
		if err != nil {
			t.Fatal(err)
		}
		if len(state.Targets) != 4 || len(state.Sites) != 2 || !state.Succeeded() {
			t.Errorf("sites %v, targets %+v", state.Sites, state.Targets)
		}
	})
}

func TestLostRecordsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.lose["i-00002"] = true
		state, err := engineOn(s).Run(t.Context(), runPlan(3, 50))
		if err != nil {
			t.Fatal(err)
		}
		if target := state.Targets[1]; target.Cause != CauseError || target.ErrorCode != "ResultMissing" {
			t.Errorf("a target without a record ended as %s, %s", target.Cause, target.ErrorCode)
		}
	})
}

func TestEventsAreInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		engine := engineOn(s)
		var kinds []EventKind
		replayed := NewState()
		engine.Sink = func(e Event, _ *State) {
			kinds = append(kinds, e.Event)
			replayed.Apply(e)
		}
		state, err := engine.Run(t.Context(), runPlan(60, 50))
		if err != nil {
			t.Fatal(err)
		}
		if kinds[0] != Planned || kinds[len(kinds)-1] != Settled {
			t.Errorf("events %v", kinds)
		}
		if fmt.Sprint(replayed.Targets) != fmt.Sprint(state.Targets) || fmt.Sprint(replayed.Counts()) != fmt.Sprint(state.Counts()) {
			t.Error("the folded events make another state")
		}
	})
}

func TestSendFileWaitsForNoOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.end = func(id string) (assist.Status, int64) {
			if id == "i-00002" {
				return assist.StatusFailed, 0
			}
			return assist.StatusSuccess, 0
		}
		command := Command{Send: &assist.SendFileRequest{RegionId: "r", Name: "app.conf"}}
		state, err := engineOn(s).Run(t.Context(), NewPlan("run-1", command, fleetOf(120), nil, Cut{BatchSize: 50}))
		if counts := state.Counts(); err != nil || counts["success"] != 119 || counts["error"] != 1 {
			t.Fatalf("err %v, counts %v", err, counts)
		}
		if s.calls["SendFile"] != 3 || s.calls["DescribeInvocationResults"] != 0 {
			t.Errorf("calls %v", s.calls)
		}
	})
}

func TestPeriodicNeverSettles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.every = time.Minute
		if _, err := s.submit("token", "nightly", "", []string{"i-1", "i-2"}); err != nil {
			t.Fatal(err)
		}
		var runs []string
		engine := engineOn(s)
		engine.Sink = func(e Event, _ *State) {
			for _, i := range e.Instances {
				if e.Periodic && i.InstanceId == "i-1" {
					runs = append(runs, fmt.Sprintf("%s %d", i.InvocationStatus, i.Repeats))
				}
			}
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), 150*time.Second, ErrWaitTimeout)
		defer cancel()
		state, err := engine.Watch(ctx, Watched{Site: here, InvokeIds: []string{"t-0001"}})
		if !errors.Is(err, ErrWaitTimeout) {
			t.Fatalf("err %v", err)
		}
		if invocation := state.Invocations[0]; !invocation.Periodic || invocation.Frequency != "rate(1m0s)" || invocation.InvocationStatus != assist.StatusRunning {
			t.Errorf("%+v", invocation)
		}
		target := state.Targets[0]
		if target.Repeats != 2 || target.Cause != CauseUnknown || state.LastStart("t-0001").IsZero() {
			t.Errorf("%+v", target)
		}
		if want := "Scheduled 2"; !slices.Contains(runs, want) || runs[0] != "Scheduled 0" {
			t.Errorf("%v, want %s among them", runs, want)
		}
		if s.calls["DescribeInvocationResults"] != 0 {
			t.Error("outputs of unsettled targets were fetched")
		}
	})
}

func TestPeriodicSettlesWhenItIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.every = time.Minute
		s.stopped = time.Now().Add(90 * time.Second)
		if _, err := s.submit("token", "nightly", "", []string{"i-1", "i-2"}); err != nil {
			t.Fatal(err)
		}
		state, err := engineOn(s).Watch(t.Context(), Watched{Site: here, InvokeIds: []string{"t-0001"}})
		if counts := state.Counts(); err != nil || counts["cancelled"] != 2 {
			t.Fatalf("err %v, counts %v", err, counts)
		}
	})
}

func TestServiceSelectsByTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.tagged = []string{"i-7", "i-8", "i-9"}
		command := Command{Run: &assist.RunCommandRequest{RegionId: "r", Name: "run-1", ResourceTag: []assist.Tag{{Key: "env", Value: "prod"}}}}
		state, err := engineOn(s).Run(t.Context(), NewTagPlan("run-1", command, []Site{here}))
		checkCauses(t, state, map[string]int{"success": 3})
		if err != nil || state.Targets[2].InstanceId != "i-9" || state.Targets[2].Output == (OutputKey{}) {
			t.Fatalf("err %v, %+v", err, state.Targets)
		}
		if s.calls["RunCommand"] != 1 {
			t.Errorf("calls %v", s.calls)
		}
	})
}

func TestSubmitDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		began := time.Now()
		state, err := engineOn(s).Submit(t.Context(), runPlan(120, 50))
		if err != nil || len(state.Invocations) != 3 || s.calls["DescribeInvocations"] != 0 || time.Since(began) > 0 {
			t.Fatalf("err %v, %d invocations, calls %v", err, len(state.Invocations), s.calls)
		}
	})
}
