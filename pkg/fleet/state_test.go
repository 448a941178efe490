package fleet

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// TestStateInvariants folds random events in random order: no target is lost, none is there twice, an end is final, and
// the counts add up.
func TestStateInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := NewState()
		n := rapid.IntRange(1, 8).Draw(t, "targets")
		state.Apply(Event{Event: Planned, RunId: "r", Targets: fleetOf(n)})
		batches := NewPlan("r", Command{Run: &assist.RunCommandRequest{}}, fleetOf(n), nil, Cut{BatchSize: 3}).Batches()
		ended := map[string]Cause{}
		for range rapid.IntRange(0, 40).Draw(t, "events") {
			state.Apply(randomEvent(t, batches))
			seen := map[string]bool{}
			for _, target := range state.Targets {
				if seen[target.InstanceId] {
					t.Fatalf("%s is there twice", target.InstanceId)
				}
				seen[target.InstanceId] = true
				if before := ended[target.InstanceId]; before != "" && before != target.Cause {
					t.Fatalf("%s ended as %s and then as %s", target.InstanceId, before, target.Cause)
				}
				ended[target.InstanceId] = target.Cause
			}
			counts, sum := state.Counts(), 0
			for _, cause := range Causes() {
				sum += counts[string(cause)]
			}
			if len(state.Targets) != n || counts["Total"] != n || sum != state.Ended() {
				t.Fatalf("counts %v of %d targets, %d ended", counts, n, state.Ended())
			}
		}
	})
}

func randomEvent(t *rapid.T, batches []Batch) Event {
	number := rapid.IntRange(0, len(batches)-1).Draw(t, "batch")
	batch := batches[number]
	invokeID := fmt.Sprint("t-", number)
	status := TargetStatus{
		InstanceId:       rapid.SampledFrom(batch.InstanceIds).Draw(t, "instance"),
		InvocationStatus: rapid.SampledFrom([]assist.Status{"", "Pending", "Running", "Success", "Failed", "Timeout", "Aborted", "Terminated"}).Draw(t, "status"),
	}
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		return Event{Event: Submitting, Site: here, ClientToken: batch.ClientToken, InstanceIds: batch.InstanceIds}
	case 1:
		return Event{Event: Submitted, Site: here, ClientToken: batch.ClientToken, InvokeId: invokeID}
	case 2:
		return Event{Event: Rejected, Site: here, ClientToken: batch.ClientToken, Code: "X", Final: rapid.Bool().Draw(t, "final")}
	case 3:
		return Event{Event: StatusEvent, InvokeId: invokeID, InvocationStatus: status.InvocationStatus, Instances: []TargetStatus{status}}
	case 4:
		return Event{Event: OutputEvent, InvokeId: invokeID, Result: &Result{TargetStatus: status, Output: "x"}}
	case 5:
		return Event{Event: Skipped, Targets: []Target{{InstanceId: status.InstanceId, Site: here, ErrorCode: "Y"}}}
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
