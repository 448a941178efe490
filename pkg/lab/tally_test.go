package lab

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// TestTally changes the states of tasks and compares the updated tally with a new one.
func TestTally(t *testing.T) {
	states := []assist.Status{
		assist.StatusPending, assist.StatusScheduled, assist.StatusRunning, assist.StatusStopping, assist.StatusSuccess, assist.StatusFailed,
		assist.StatusTimeout, assist.StatusInvalid, assist.StatusAborted, assist.StatusError, assist.StatusCancelled, assist.StatusTerminated,
	}
	rapid.Check(t, func(t *rapid.T) {
		tasks := make([]*task, rapid.IntRange(1, 8).Draw(t, "tasks"))
		for i := range tasks {
			tasks[i] = &task{Status: assist.StatusPending}
		}
		updated := newTally(tasks)
		for range rapid.IntRange(0, 30).Draw(t, "moves") {
			changed := tasks[rapid.IntRange(0, len(tasks)-1).Draw(t, "which")]
			to := rapid.SampledFrom(states).Draw(t, "state")
			updated.move(changed.Status, to)
			changed.Status = to
			if want := newTally(tasks); want.sum != updated.sum {
				t.Fatalf("%+v, want %+v", updated, want)
			}
			for _, filter := range []string{"", "Running", "finished", "Failed", "Success", "Stopped", "Timeout"} {
				want := len(slices.DeleteFunc(slices.Clone(tasks), func(one *task) bool { return !matchesResultStatus(filter, one.Status) }))
				if got := updated.results(filter); got != want {
					t.Fatalf("%d tasks are %q, want %d", got, filter, want)
				}
			}
		}
	})
}
