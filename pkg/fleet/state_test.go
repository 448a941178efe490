package fleet

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/assist"
	"muster/pkg/target"
)

// TestStateInvariants folds random events in random order, including orders that no run produces: no target is lost or
// duplicated, an end is final, and the counts are consistent.
func TestStateInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var targets []Target
		for _, site := range []Site{here, {Profile: "p", RegionId: "r"}} {
			for _, target := range fleetOf(rapid.IntRange(1, 5).Draw(t, "targets")) {
				target.Site = site
				targets = append(targets, target)
			}
		}
		command := rapid.SampledFrom([]Command{{Run: &assist.RunCommandRequest{}}, {Send: &assist.SendFileRequest{}}}).Draw(t, "command")
		plan := NewPlan("r", command, targets, targets[:1], Cut{BatchSize: 3, Waves: []target.Share{{Count: 2}}})
		var batches []Batch
		for _, batch := range plan.Batches() {
			halves := batch.halves()
			batches = append(batches, batch, halves[0], halves[1])
		}
		batches = slices.DeleteFunc(batches, func(b Batch) bool { return len(b.InstanceIds) == 0 })
		state := NewState()
		state.Apply(Event{Event: Planned, RunId: "r", Action: command.Action(), Sites: plan.Sites, Targets: plan.Targets})
		ended := map[int]Cause{}
		for range rapid.IntRange(0, 60).Draw(t, "events") {
			e := randomEvent(t, batches, plan.Sites)
			state.Apply(throughJSON(t, e))
			for i, target := range state.Targets {
				before := ended[i]
				final := e.Event != Resumed || before != CauseUnsent && before != CauseUnknown
				if before != "" && before != target.Cause && final {
					t.Fatalf("%s ended as %s and then as %s", target.InstanceId, before, target.Cause)
				}
				ended[i] = target.Cause
				if target.InstanceId != targets[i].InstanceId || target.Site != targets[i].Site {
					t.Fatalf("%s at %s has the index of %v", target.InstanceId, target.Site, targets[i])
				}
			}
			checkCounts(t, state, len(targets))
		}
	})
}

func checkCounts(t *rapid.T, state *State, n int) {
	counts, sum := state.Counts(), 0
	for _, cause := range Causes() {
		sum += counts[string(cause)]
	}
	anew := map[Cause]int{}
	waves := make([]waveState, len(state.waves))
	for i := range state.Targets {
		target := &state.Targets[i]
		if target.Cause != "" {
			anew[target.Cause]++
		}
		if target.Wave > 0 {
			waves[target.Wave-1].targets++
			if target.Cause == "" {
				waves[target.Wave-1].open++
			}
		}
	}
	for cause, n := range anew {
		if counts[string(cause)] != n {
			t.Fatalf("%d targets ended as %s, counts %v", n, cause, counts)
		}
	}
	if len(state.Targets) != n || counts["Total"] != n || sum != state.Ended() || !slices.Equal(waves, state.waves) {
		t.Fatalf("counts %v of %d targets, %d ended, waves %v, recounted %v", counts, n, state.Ended(), state.waves, waves)
	}
	failed := map[*TargetState]bool{}
	for _, target := range state.LatestFailures(n + 1) {
		if failed[target] || !target.Cause.failure() {
			t.Fatalf("%s is among the failures but ended as %s, or is there twice", target.InstanceId, target.Cause)
		}
		failed[target] = true
	}
	if len(failed) != state.failures()-counts[string(CauseUnknown)] {
		t.Fatalf("%d failures, and counts %v", len(failed), counts)
	}
	unsettled, members := 0, 0
	for i := range state.Invocations {
		invocation, waits := &state.Invocations[i], 0
		members += len(invocation.InstanceIds)
		for _, id := range invocation.InstanceIds {
			if target := state.target(invocation.InvokeId, id); target == nil || target.InvokeId != invocation.InvokeId {
				t.Fatalf("%s is in %s, and is not", id, invocation.InvokeId)
			} else if target.Cause == "" || state.lacksOutput(target) {
				waits++
			}
		}
		if invocation.waits != waits {
			t.Fatalf("%s waits for %d, recounted %d", invocation.InvokeId, invocation.waits, waits)
		}
		if !invocation.gone && (waits > 0 || !invocation.InvocationStatus.Terminal()) {
			unsettled++
		}
	}
	running := 0
	for i := range state.Targets {
		if t := &state.Targets[i]; t.InvokeId != "" && t.Cause == "" {
			running++
		}
	}
	if running != state.running {
		t.Fatalf("%d targets are running, recounted %d", state.running, running)
	}
	if unsettled != state.unsettled || members > n {
		t.Fatalf("%d invocations with %d targets, %d unsettled, recounted %d", len(state.Invocations), members, state.unsettled, unsettled)
	}
}

// throughJSON returns the event after encoding and decoding it as a journal does.
func throughJSON(t *rapid.T, e Event) Event {
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var back Event
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	return back
}

func randomEvent(t *rapid.T, batches []Batch, sites []Site) Event {
	number := rapid.IntRange(0, len(batches)-1).Draw(t, "batch")
	batch := batches[number]
	invokeID := fmt.Sprint("t-", number, rapid.SampledFrom([]string{"", "", "", " again"}).Draw(t, "invocation"))
	status := TargetStatus{
		InstanceId:       rapid.SampledFrom(batch.InstanceIds).Draw(t, "instance"),
		InvocationStatus: rapid.SampledFrom([]assist.Status{"", "Pending", "Running", "Success", "Failed", "Timeout", "Aborted", "Terminated"}).Draw(t, "status"),
	}
	switch rapid.IntRange(0, 17).Draw(t, "kind") {
	case 0, 1, 2:
		return Event{Event: Submitting, Site: batch.Site, ClientToken: batch.ClientToken, InstanceIds: batch.InstanceIds}
	case 3, 4, 5:
		return Event{Event: Submitted, Site: batch.Site, ClientToken: batch.ClientToken, InvokeId: invokeID}
	case 6:
		return Event{Event: Rejected, Site: batch.Site, ClientToken: batch.ClientToken, Code: "X", Final: rapid.Bool().Draw(t, "final")}
	case 7, 8:
		return Event{Event: StatusEvent, Site: batch.Site, InvokeId: invokeID, InvocationStatus: status.InvocationStatus, Instances: []TargetStatus{status}}
	case 9, 10:
		return Event{Event: OutputEvent, Site: batch.Site, InvokeId: invokeID, Result: &Result{TargetStatus: status, Output: "x"}}
	case 11:
		return Event{Event: Skipped, Targets: []Target{{InstanceId: status.InstanceId, Site: rapid.SampledFrom(sites).Draw(t, "site"), ErrorCode: "Y"}}}
	case 12:
		return Event{Event: GateEvent, Wave: 2, Code: rapid.SampledFrom([]string{"", GateDeclined, GateMaxFailures}).Draw(t, "gate")}
	case 13:
		return Event{Event: Stopping}
	case 14:
		return Event{Event: Resumed}
	case 15:
		return Event{Event: Settled}
	case 16:
		return Event{Event: Forgotten, Site: batch.Site, InvokeId: invokeID, Code: "Z"}
	}
	return Event{Event: Interrupted, Code: "timeout"}
}

func TestCauseOfEveryStatus(t *testing.T) {
	want := map[assist.Status]Cause{
		"": "", "Pending": "", "Scheduled": "", "Running": "", "Stopping": "", "Success": CauseSuccess, "Failed": CauseExit,
		"Timeout": CauseTimeout, "Aborted": CauseUndelivered, "Invalid": CauseInvalid, "Error": CauseError,
		"Cancelled": CauseCancelled, "Terminated": CauseTerminated, "Stopped": CauseTerminated, "Finished": CauseSuccess,
	}
	for status, cause := range want {
		if got := CauseOf(status); got != cause {
			t.Errorf("CauseOf(%s) = %s, want %s", status, got, cause)
		}
	}
}

func TestOutputJSON(t *testing.T) {
	for _, output := range []Output{"", "text\n", "日本", "\xff\x00raw", `{"Base64":"x"}`} {
		text, err := json.Marshal(output)
		if err != nil {
			t.Fatal(err)
		}
		var back Output
		if err := json.Unmarshal(text, &back); err != nil || back != output {
			t.Errorf("%q became %s and then %q (%v)", output, text, back, err)
		}
	}
}

func TestPlanCutsBatches(t *testing.T) {
	plan := NewPlan("r", Command{Run: &assist.RunCommandRequest{}}, fleetOf(120), fleetOf(3)[1:], Cut{BatchSize: 50})
	var sizes []int
	tokens := map[string]bool{}
	for _, batch := range plan.Batches() {
		sizes = append(sizes, len(batch.InstanceIds))
		tokens[batch.ClientToken] = true
	}
	if fmt.Sprint(sizes) != "[50 50 18]" || len(tokens) != 3 {
		t.Errorf("sizes %v, %d tokens", sizes, len(tokens))
	}
}

func TestExited(t *testing.T) {
	for _, test := range []struct {
		cause Cause
		code  int64
		want  bool
	}{
		{CauseSuccess, 0, true}, {CauseExit, 3, true}, {CauseTimeout, 1, true}, {CauseTerminated, 137, true}, {CauseTerminated, 0, false},
		{CauseCancelled, 0, false}, {CauseError, 0, false}, {"", 0, false},
	} {
		target := TargetState{Cause: test.cause}
		target.ExitCode = test.code
		if code, ok := target.Exited(); ok != test.want || code != test.code {
			t.Errorf("%q with %d: %d, %v", test.cause, test.code, code, ok)
		}
	}
}
