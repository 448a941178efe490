package lab

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// TestTallyKeepsUp moves tasks from state to state: what is kept up is what counting them all anew gives.
func TestTallyKeepsUp(t *testing.T) {
	states := []assist.Status{
		assist.StatusPending, assist.StatusScheduled, assist.StatusRunning, assist.StatusStopping, assist.StatusSuccess, assist.StatusFailed,
		assist.StatusTimeout, assist.StatusInvalid, assist.StatusAborted, assist.StatusError, assist.StatusCancelled, assist.StatusTerminated,
	}
	rapid.Check(t, func(t *rapid.T) {
		tasks := make([]*task, rapid.IntRange(1, 8).Draw(t, "tasks"))
		for i := range tasks {
			tasks[i] = &task{Status: assist.StatusPending}
		}
		kept := newTally(tasks)
		for range rapid.IntRange(0, 30).Draw(t, "moves") {
			one := tasks[rapid.IntRange(0, len(tasks)-1).Draw(t, "which")]
			to := rapid.SampledFrom(states).Draw(t, "state")
			kept.move(one.Status, to)
			one.Status = to
			if anew := newTally(tasks); anew.sum != kept.sum {
				t.Fatalf("%+v, want %+v", kept, anew)
			}
			for _, filter := range []string{"", "Running", "finished", "Failed", "Success", "Stopped", "Timeout"} {
				want := len(slices.DeleteFunc(slices.Clone(tasks), func(one *task) bool { return !matchesResultStatus(filter, one.Status) }))
				if got := kept.results(filter); got != want {
					t.Fatalf("%d are %s, want %d", got, filter, want)
				}
			}
		}
	})
}
