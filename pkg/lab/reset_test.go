//go:build unix

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

func (b *client) reset(r *ResetRequest) ResetResponse {
	b.t.Helper()
	response := new(ResetResponse)
	if err := b.core.Call(b.t.Context(), r, response); err != nil {
		b.t.Fatal(err)
	}
	response.RequestId = ""
	return *response
}

// use makes a lab have something of everything: a finished, a running and a scheduled invocation, a saved command, and a file.
func use(b *client) (running *assist.RunCommandRequest, ids []string) {
	b.t.Helper()
	done := shell("echo x > in-home; echo done")
	done.KeepCommand = true
	ids = append(ids, b.submit(done))
	b.settle(ids[0])
	b.settleFile(b.submitFile(fileRequest("content")))
	running = shell("echo $$; sleep 1000 & sleep 1000")
	running.ClientToken = "token"
	ids = append(ids, b.submit(running))
	b.running(ids[1])
	scheduled := shell("echo again")
	scheduled.Frequency = "rate(7d)"
	ids = append(ids, b.submit(scheduled))
	if err := b.lab.SetInstance(nth(1), func(it *Instance) { it.InstanceName, it.Online = "renamed", false }); err != nil {
		b.t.Fatal(err)
	}
	return running, ids
}

func TestReset(t *testing.T) {
	for _, data := range []bool{false, true} {
		for _, keep := range []bool{false, true} {
			t.Run(fmt.Sprintf("data %v, keep %v", data, keep), func(t *testing.T) { testReset(t, data, keep) })
		}
	}
}

func testReset(t *testing.T, data, keep bool) {
	o := Options{Instances: NumberedInstances(2), Faults: []Fault{
		{Action: "RunCommand", Code: "Throttling", Times: 1}, {Action: nth(2), Code: "offline"},
	}}
	if data {
		o.Data = t.TempDir()
	}
	b := open(t, newLab(t, o))
	if _, err := b.RunCommand(t.Context(), shell("true")); err == nil {
		t.Error("the first call was not throttled")
	}
	running, ids := use(b)
	before := b.lab.own.store.counters.last()
	if got, want := b.reset(&ResetRequest{KeepInstances: keep}), (ResetResponse{Scripts: 1, Invocations: 3, Commands: 1, Files: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := b.reset(&ResetRequest{KeepInstances: true}); got != (ResetResponse{}) {
		t.Errorf("the second reset: %+v", got)
	}
	wantReset(t, b, keep)
	for _, id := range ids {
		answer, err := b.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", InvokeId: id})
		if err != nil || answer.TotalCount != 0 {
			t.Errorf("%+v, %v", answer, err)
		}
		_, err = b.StopInvocation(t.Context(), &assist.StopInvocationRequest{RegionId: "cn-hangzhou", InvokeId: id})
		wantRefused(t, err, "404 InvalidInvokeId.NotFound")
	}
	if data {
		again := newLab(t, Options{Data: crash(t, b.lab), Faults: o.Faults})
		if diff := takeSnapshot(b.lab).diff(takeSnapshot(again)); diff != "" {
			t.Error("a crash right after the reset: ", diff)
		}
		if got := again.own.store.counters.last(); got != before {
			t.Errorf("the sequences continue at %+v, want %+v", got, before)
		}
	}
	_, err := b.RunCommand(t.Context(), shell("true"))
	wantRefused(t, err, "400 Throttling")
	if keep {
		return
	}
	if id := b.submit(running); slices.Contains(ids, id) {
		t.Error("the token still means an earlier invocation")
	}
	if got := b.lab.own.store.counters.last(); got.Records != before.Records+1 {
		t.Errorf("the sequences continue at %+v after %+v", got, before)
	}
}

// wantReset checks that a lab of use has nothing left. An instance with a fault is offline.
func wantReset(t *testing.T, b *client, keep bool) {
	t.Helper()
	if calls := b.lab.callLog.since(0); len(calls) != 0 {
		t.Errorf("logged calls: %+v", calls)
	}
	if n := len(b.lab.Executions()); n != 0 {
		t.Errorf("%d executions", n)
	}
	status := b.lab.own.inventory.byID[nth(1)].agentStatus()
	if status.InvocationCount != 0 || status.LastInvokedTime != "" || status.ActiveTaskCount != 0 {
		t.Errorf("%+v", status)
	}
	var names []string
	for _, h := range b.lab.own.inventory.hosts {
		it := h.get()
		names = append(names, fmt.Sprint(it.InstanceName, " ", it.Online))
	}
	wantNames := []string{"lab-001 true", "lab-002 false"}
	if keep {
		wantNames[0] = "renamed false"
	}
	if diff := cmp.Diff(wantNames, names); diff != "" {
		t.Error(diff)
	}
	_, err := b.lab.ReadFile(nth(1), "/etc/app/app.conf")
	if _, home := os.Stat(filepath.Join(b.lab.dirs.home(nth(1)), "in-home")); keep != (err == nil) || keep != (home == nil) {
		t.Errorf("the files of the instance: %v, %v", err, home)
	}
	// The second reset has kept an instance that was offline already.
	if diff := cmp.Diff([]FaultCount{{"RunCommand=Throttling*1", 0}, {nth(2) + "=offline", 0}}, b.lab.FaultList()); diff != "" {
		t.Error(diff)
	}
}

// TestResetBeforeItIsDurable kills a lab when a reset has moved the files of the instances, and has not yet written anything.
func TestResetBeforeItIsDurable(t *testing.T) {
	dir := t.TempDir()
	b := open(t, newLab(t, Options{Data: t.TempDir(), Dir: dir, Instances: NumberedInstances(1)}))
	b.settleFile(b.submitFile(fileRequest("content")))
	data := crash(t, b.lab)
	if err := os.Rename(b.lab.dirs.path, filepath.Join(dir, discardedPrefix+"1")); err != nil {
		t.Fatal(err)
	}
	again := newLab(t, Options{Data: data, Dir: dir})
	if text, err := again.ReadFile(nth(1), "/etc/app/app.conf"); err != nil || string(text) != "content" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestResetDuringCalls resets a lab while other clients run, schedule, stop, send and read. What was answered after the last reset
// must be there, and every invocation is either gone or complete.
func TestResetDuringCalls(t *testing.T) {
	const n = 8
	b := open(t, newLab(t, Options{Data: t.TempDir(), Instances: simulatedFleet(n, &Simulation{Duration: Distribution{Most: 20 * time.Millisecond}})}))
	var wg sync.WaitGroup
	var resets atomic.Int64
	done := make(chan struct{})
	unknown := map[string]bool{"404 InvalidInvokeId.NotFound": true, "404 InvalidCmdId.NotFound": true, "<nil>": true}
	for i := range 4 {
		wg.Go(func() {
			for round := 0; ; round++ {
				select {
				case <-done:
					return
				default:
				}
				r := shell("true")
				r.InstanceId, r.ClientToken, r.KeepCommand = []string{nth(1 + i), nth(5 + i)}, fmt.Sprint(i, "-", round), round%2 == 0
				if round%3 == 0 {
					r.Frequency, r.Timeout = "rate(60s)", 10
				}
				at := resets.Load()
				answer, err := b.RunCommand(t.Context(), r)
				if err != nil {
					t.Error(err)
					return
				}
				page, err := b.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", InvokeId: answer.InvokeId})
				switch {
				case err != nil:
					t.Error(err)
				case len(page.Invocations.Invocation) == 0 && at%2 == 0 && resets.Load() == at:
					t.Error("an invocation is missing without a reset")
				case len(page.Invocations.Invocation) == 1 && len(page.Invocations.Invocation[0].InvokeInstances.InvokeInstance) != 2:
					t.Errorf("half an invocation: %+v", page.Invocations.Invocation[0])
				}
				_, err = b.StopInvocation(t.Context(), &assist.StopInvocationRequest{RegionId: "cn-hangzhou", InvokeId: answer.InvokeId})
				if got := refusedWith(err); !unknown[got] {
					t.Errorf("stop: %s", got)
				}
				_, err = b.InvokeCommand(t.Context(), &assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: answer.CommandId, InstanceId: r.InstanceId})
				if got := refusedWith(err); !unknown[got] {
					t.Errorf("invoke: %s", got)
				}
				if _, err := b.SendFile(t.Context(), fileRequest("x", func(r *assist.SendFileRequest) { r.Overwrite = true })); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 20 {
		resets.Add(1) // odd during a reset
		b.reset(&ResetRequest{KeepInstances: i%2 == 0})
		resets.Add(1)
		if err := b.lab.SetInstance(nth(n), func(it *Instance) { it.Online = !it.Online }); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wg.Wait()
	b.reset(new(ResetRequest))
	l := b.lab
	if len(l.agents.jobs)+len(l.agents.repetitions)+len(l.fileSender.stops)+len(l.own.store.index)+len(l.tokens.first) != 0 {
		t.Error("something is left")
	}
	for _, h := range l.own.inventory.hosts {
		if h.taken != 0 || len(h.slots) != 0 || len(h.onTheWay) != 0 || len(h.waiting) != 0 || len(h.running) != 0 {
			t.Errorf("%+v", h)
		}
	}
	again := newLab(t, Options{Data: crash(t, l)})
	if diff := takeSnapshot(l).diff(takeSnapshot(again)); diff != "" {
		t.Error(diff)
	}
}

func TestResetIsSigned(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	b := open(t, l)
	op := l.operations[new(ResetRequest).Action()]
	if op.anonymous || op.regional || !op.alone {
		t.Errorf("%+v", op)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	err := b.core.Call(t.Context(), new(ResetRequest), new(ResetResponse))
	if !strings.HasPrefix(refusedWith(err), "503 ") {
		t.Error(err)
	}
}
