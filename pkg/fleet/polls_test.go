package fleet

import (
	"testing"
	"testing/synctest"
	"time"
)

// polled runs a script of the given duration over a link with the given latency, and returns how long after its end that was
// known, and after how many polls.
func polled(t *testing.T, link, takes time.Duration) (known time.Duration, polls int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.latency = link
		s.takes = func(string) time.Duration { return takes }
		engine := engineOn(s)
		engine.Sink = func(e Event, _ *State) {
			if e.Event == StatusEvent && e.InvocationStatus.Terminal() {
				known = time.Since(s.invocations[0].at.Add(takes))
			}
		}
		if _, err := engine.Run(t.Context(), runPlan(1, 50)); err != nil {
			t.Fatal(err)
		}
		polls = s.calls["DescribeInvocations"]
	})
	return known, polls
}

// TestPollsAreNoMoreThanBefore compares with the number of polls of the build that did not measure the link.
func TestPollsAreNoMoreThanBefore(t *testing.T) {
	for link, polls := range map[time.Duration]map[time.Duration]int{
		time.Millisecond: {
			50 * time.Millisecond: 2, 500 * time.Millisecond: 5, time.Second: 7, 2 * time.Second: 11, 3 * time.Second: 15,
			5 * time.Second: 23, 10 * time.Second: 39, time.Minute: 85, 10 * time.Minute: 156,
		},
		20 * time.Millisecond: {
			50 * time.Millisecond: 2, 500 * time.Millisecond: 4, time.Second: 6, 2 * time.Second: 10, 3 * time.Second: 14,
			5 * time.Second: 21, 10 * time.Second: 37, time.Minute: 81, 10 * time.Minute: 153,
		},
		200 * time.Millisecond: {
			50 * time.Millisecond: 1, 500 * time.Millisecond: 2, time.Second: 4, 2 * time.Second: 6, 3 * time.Second: 8,
			5 * time.Second: 13, 10 * time.Second: 23, time.Minute: 60, 10 * time.Minute: 129,
		},
	} {
		for takes, most := range polls {
			if _, n := polled(t, link, takes); n > most {
				t.Errorf("a script of %s over a link of %s: %d polls, %d before", takes, link, n, most)
			}
		}
	}
}

func TestEndIsKnownSoon(t *testing.T) {
	for _, link := range []time.Duration{time.Millisecond, 20 * time.Millisecond, 200 * time.Millisecond} {
		for takes := 2900 * time.Millisecond; takes <= 3100*time.Millisecond; takes += 20 * time.Millisecond {
			if known, _ := polled(t, link, takes); known > link+300*time.Millisecond {
				t.Errorf("a script of %s over a link of %s: its end is known after %s", takes, link, known)
			}
		}
	}
}
