package agents

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"muster/pkg/lab/agents/agentstest"
)

// TestFaults tests that lost and doubled requests are served: a repeated report has an identity of its own, and is no replay.
func TestFaults(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{OnRequest: func(r LoggedRequest) {
		if r.Status >= 400 {
			t.Errorf("%s: %d %s", r.Path, r.Status, r.ErrMsg)
		}
	}})
	var n atomic.Int64
	a := ts.agent(t, agentstest.Options{Second: 10 * time.Millisecond, Wrap: agentstest.Faults(func(r *http.Request) agentstest.Fault {
		if !strings.Contains(r.URL.Path, "/task/") {
			return agentstest.NoFault
		}
		return []agentstest.Fault{agentstest.NoFault, agentstest.Double, agentstest.LoseAnswer, agentstest.NoFault, agentstest.LoseRequest}[n.Add(1)%5]
	})})
	a.Start(false)
	id := a.InstanceID()
	for i := range 8 {
		task := script(fmt.Sprint("t-", i), "x")
		ts.hand(id, func(l *List) { l.Run = append(slices.Clone(l.Run), task) })
	}
	for i := range 8 {
		task := fmt.Sprint("t-", i)
		ts.lab.await(t, "a report of "+task, func() bool {
			ts.Kick(id, Kick{Action: KickFetch})
			return slices.ContainsFunc(ts.lab.reportsOf(id, task), func(r Report) bool { return r.Kind == Finished })
		})
		if got := a.Starts()[task]; got != 1 {
			t.Errorf("%s was started %d times", task, got)
		}
	}
}

// TestStoppedBeforeItsTurn tests that a task that is stopped while it waits is reported, and runs all the same.
func TestStoppedBeforeItsTurn(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	goOn := make(chan struct{})
	a := ts.agent(t, agentstest.Options{Run: func(ctx context.Context, _ agentstest.Task, _ io.Writer) int {
		select {
		case <-goOn:
		case <-ctx.Done():
		}
		return 0
	}})
	a.Start(false)
	id := a.InstanceID()
	var tasks []Task
	for i := range 11 {
		tasks = append(tasks, script(fmt.Sprint("t-", i), "x"))
	}
	ts.hand(id, func(l *List) { l.Run = tasks })
	ts.lab.await(t, "ten are running", func() bool { return len(ts.lab.host(id).reports) == 10 })
	ts.lab.mu.Lock()
	waits := slices.IndexFunc(tasks, func(task Task) bool {
		return !slices.ContainsFunc(ts.lab.host(id).reports, func(r Report) bool { return r.TaskId == task.Id })
	})
	ts.lab.mu.Unlock()
	ts.hand(id, func(l *List) { l.Stop = []Task{tasks[waits]} })
	if last, _ := ts.lab.final(t, id, tasks[waits].Id); last.Kind != Stopped || !last.Start.IsZero() {
		t.Errorf("got %+v", last)
	}
	close(goOn)
	ts.lab.await(t, "it runs later", func() bool {
		return slices.ContainsFunc(ts.lab.host(id).reports, func(r Report) bool { return r.TaskId == tasks[waits].Id && r.Kind == Running })
	})
}

// TestServerRestart tests that hosts come back to a server that was restarted, and that what ran meanwhile is reported.
func TestServerRestart(t *testing.T) {
	ts := serve(t, newMemoryLab(), Options{})
	var address atomic.Value
	address.Store(ts.address)
	goOn := make(chan struct{})
	a := ts.agent(t, agentstest.Options{
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address.Load().(string))
		},
		Run: func(context.Context, agentstest.Task, io.Writer) int {
			<-goOn
			return 0
		},
	})
	a.Start(true)
	id := a.InstanceID()
	ts.hand(id, func(l *List) { l.Run = []Task{script("t-1", "x")} })
	ts.lab.await(t, "running", func() bool { return len(ts.lab.host(id).reports) == 1 })
	ts.stop()
	ts.lab.await(t, "disconnected", func() bool { return slices.Equal(ts.lab.host(id).connections, []bool{true, false}) })
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address.Store(listener.Addr().String())
	serveWith(t, ts.lab, Options{}, listener, ts.serverTLS, ts.clientTLS)
	close(goOn)
	if last, _ := ts.lab.final(t, id, "t-1"); last.Kind != Finished {
		t.Errorf("got %+v", last)
	}
	ts.lab.await(t, "connected", func() bool { return slices.Equal(ts.lab.host(id).connections, []bool{true, false, true}) })
}
