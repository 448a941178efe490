package agents

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/lab/agents/agentstest"
)

func TestBeginnings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBeginnings()
		b.handedOut("mi-1", "t-1")
		b.handedOut("mi-1", "t-2")
		time.Sleep(stopDelay / 2)
		b.handedOut("mi-1", "t-1") // again
		b.started("mi-1", "t-2")
		for task, want := range map[string]time.Duration{"t-1": stopDelay / 2, "t-2": stopDelay, "t-3": 0} {
			if got := b.wait("mi-1", task); got != want {
				t.Errorf("%s: got %v", task, got)
			}
		}
		if got := b.wait("mi-2", "t-1"); got != 0 {
			t.Errorf("another host: got %v", got)
		}
		time.Sleep(stopDelay / 2)
		if got := b.wait("mi-1", "t-1"); got != 0 {
			t.Errorf("later: got %v", got)
		}
		time.Sleep(handedMemory)
		b.started("mi-1", "t-4")
		if len(b.last) != 1 {
			t.Errorf("%d are remembered", len(b.last))
		}
	})
}

// TestStopsAreHeldBack stops tasks at once when their start was reported. Their agent is told so when their scripts run.
func TestStopsAreHeldBack(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	a := ts.agent(t, agentstest.Options{Run: agentstest.Shell(t.TempDir())})
	a.Start(false)
	id := a.InstanceID()
	for i := range 3 {
		task := script(fmt.Sprint("t-", i), "sleep 20")
		ts.hand(id, func(l *List) { l.Run = []Task{task} })
		ts.lab.await(t, "started", func() bool {
			return slices.ContainsFunc(ts.lab.host(id).reports, func(r Report) bool { return r.TaskId == task.Id })
		})
		ts.hand(id, func(l *List) { l.Stop = []Task{task} })
		if last, _ := ts.lab.final(t, id, task.Id); last.Kind != Stopped || last.Start.IsZero() {
			t.Errorf("got %+v", last)
		}
	}
	if got := a.Violations(); len(got) > 0 {
		t.Error(got)
	}
}
