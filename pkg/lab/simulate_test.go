//go:build unix

package lab

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
)

// simulated runs a test with n simulated instances. It fails if a process would be started.
func simulated(t *testing.T, n int, text string, test func(b *bubble)) {
	t.Helper()
	inBubble(t, n, func(b *bubble) {
		s, err := ParseSimulation(text)
		if err != nil {
			b.t.Fatal(err)
		}
		for i := range n {
			b.change(i+1, func(it *Instance) { it.Simulation = s })
		}
		test(b)
		if b.scripts.runs > 0 {
			b.t.Errorf("%d scripts have run", b.scripts.runs)
		}
	})
}

func simulatedFleet(n int, s *Simulation) []Instance {
	instances := NumberedInstances(n)
	Simulate(instances, s)
	return instances
}

func (b *bubble) submit(change func(r *assist.RunCommandRequest)) (invokeID string) {
	b.t.Helper()
	r := shell("true")
	change(r)
	return b.must(r).(*assist.RunCommandResponse).InvokeId
}

func TestSimulatedTask(t *testing.T) {
	for name, c := range map[string]struct {
		simulate string
		change   func(r *assist.RunCommandRequest)
		during   func(b *bubble, id string) // called a second after the submit
		want     string                     // newer and older state, exit code, error, start and end in seconds, output
	}{
		"success": {"{duration: 5s, text: 'from {{ACS::InstanceName}}'}", nil, nil, "Success Finished 0  0 5 from lab-001"},
		"failure": {"{duration: 5s, exit: 3, text: x}", nil, nil, "Failed Finished 3 ExitCodeNonzero 0 5 x"},
		"timeout": {
			"{duration: 30s, text: x}", func(r *assist.RunCommandRequest) { r.Timeout = 10 }, nil,
			"Timeout Failed 1 ExecutionTimeout 0 10 ",
		},
		"stopped": {"{duration: 30s, text: x}", nil, func(b *bubble, id string) { b.stop(id) }, "Terminated Stopped 0  0 1 "},
		"interrupted": {
			"30s", nil, func(b *bubble, _ string) { b.change(1, func(it *Instance) { it.Status = "Stopped" }) },
			"Error Failed 0 ExecutionInterrupted 0 1 ",
		},
		"hanging by a fault": {
			"5s", func(r *assist.RunCommandRequest) { r.Timeout, r.Name = 10, "hang" }, nil, "Timeout Failed 1 ExecutionTimeout 0 10 ",
		},
		"invalid launcher": {
			"5s", func(r *assist.RunCommandRequest) { r.Launcher = `python3 "x` }, nil, "Invalid Failed 0 InvalidLauncher -1 -1 ",
		},
		"unknown user": {"5s", func(r *assist.RunCommandRequest) { r.Username = "no-such-user" }, nil, "Success Finished 0  0 5 "},
	} {
		t.Run(name, func(t *testing.T) {
			simulated(t, 1, c.simulate, func(b *bubble) {
				id := b.submit(func(r *assist.RunCommandRequest) {
					if c.change != nil {
						c.change(r)
					}
					if r.Name == "hang" {
						fault, err := ParseFault("task=hang")
						if err := errors.Join(err, b.lab.SetFaults([]Fault{fault})); err != nil {
							b.t.Fatal(err)
						}
					}
				})
				b.after(time.Second)
				if c.during != nil {
					b.want(id, "Running Running Running 1")
					c.during(b, id)
				}
				b.after(time.Minute)
				it := b.describe(id).InvokeInstances.InvokeInstance[0]
				second := func(text string) int {
					if text == "" {
						return -1
					}
					return int(assist.ParseTime(text).Sub(bubbleStart()).Seconds())
				}
				got := fmt.Sprint(it.InvocationStatus, " ", it.InstanceInvokeStatus, " ", it.ExitCode, " ", it.ErrorCode, " ",
					second(it.StartTime), " ", second(it.FinishTime), " ", it.Output)
				if got != c.want {
					t.Errorf("%s, want %s", got, c.want)
				}
				if len(b.lab.agents.jobs) != 0 || b.lab.own.inventory.hosts[0].taken != 0 || len(b.lab.own.inventory.hosts[0].slots) != 0 {
					t.Error("a job, queue place or slot of the task is left")
				}
			})
		})
	}
}

func TestSimulatedOffline(t *testing.T) {
	simulated(t, 1, "5s", func(b *bubble) {
		b.change(1, func(it *Instance) { it.Online = false })
		late := b.submit(func(*assist.RunCommandRequest) {})
		b.after(59 * time.Second)
		b.want(late, "Pending Running Pending 0")
		b.after(2 * time.Second)
		if it := b.describe(late).InvokeInstances.InvokeInstance[0]; it.ErrorCode != "DeliveryTimeout" {
			t.Errorf("%+v", it)
		}
		intime := b.submit(func(*assist.RunCommandRequest) {})
		b.after(30 * time.Second)
		b.change(1, func(it *Instance) { it.Online = true })
		b.want(intime, "Running Running Running 1")
		b.after(5 * time.Second)
		b.want(intime, "Success Finished Success 1")
		if n := len(b.lab.Executions()); n != 1 {
			t.Errorf("%d executions, want 1", n)
		}
	})
}

func TestSimulatedQueue(t *testing.T) {
	simulated(t, 1, "5s", func(b *bubble) {
		var ids []string
		for range maxRunning + 2 {
			ids = append(ids, b.submit(func(*assist.RunCommandRequest) {}))
			synctest.Wait()
		}
		b.after(time.Second)
		b.want(ids[maxRunning-1], "Running Running Running 1")
		b.want(ids[maxRunning], "Pending Running Pending 0")
		b.stop(ids[maxRunning+1])
		b.want(ids[maxRunning+1], "Stopped Stopped Cancelled 0")
		b.after(5 * time.Second)
		b.want(ids[maxRunning-1], "Success Finished Success 1")
		b.want(ids[maxRunning], "Running Running Running 1")
		b.after(5 * time.Second)
		b.want(ids[maxRunning], "Success Finished Success 1")
	})
}

// TestSimulatedRunsDiffer checks that each run of a repeated task has its own duration and output, and that the history keeps
// the outputs.
func TestSimulatedRunsDiffer(t *testing.T) {
	simulated(t, 1, "{duration: {least: 1s, most: 50s}, output: 64}", func(b *bubble) {
		id := b.periodic(1, func(r *assist.RunCommandRequest) { r.Frequency, r.Timeout = "rate(60s)", 59 })
		b.after(3*time.Minute + 55*time.Second)
		answer := b.must(&assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: id, IncludeHistory: true}).(*assist.DescribeInvocationResultsResponse)
		var outputs, lasted []string
		for _, run := range answer.Invocation.InvocationResults.InvocationResult {
			outputs = append(outputs, run.Output)
			lasted = append(lasted, fmt.Sprint(assist.ParseTime(run.FinishedTime).Sub(assist.ParseTime(run.StartTime))))
		}
		slices.Sort(outputs)
		if len(outputs) != 3 || len(slices.Compact(outputs)) != 3 || len(slices.Compact(lasted)) < 2 {
			t.Errorf("%q, %q", outputs, lasted)
		}
	})
}

// TestSimulationAfterRestart kills a lab while one simulated task is finished, one is running and one is pending.
func TestSimulationAfterRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings, err := ParseSimulation("{duration: {least: 10s, most: 20s}, output: 100}")
		if err != nil {
			t.Fatal(err)
		}
		fleet := simulatedFleet(2, settings)
		first := &bubble{t: t, lab: newLab(t, Options{Data: t.TempDir(), Instances: fleet, FaultSeed: 5}), scripts: &fakeRunner{}}
		nothing := func(*assist.RunCommandRequest) {}
		ended := first.submit(nothing)
		first.after(30 * time.Second)
		running := first.submit(nothing)
		if err := first.lab.SetInstance(nth(2), func(it *Instance) { it.Online = false }); err != nil {
			t.Fatal(err)
		}
		waiting := first.submit(func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(2)} })
		first.after(time.Second)
		first.want(running, "Running Running Running 1")
		before := first.describe(ended).InvokeInstances.InvokeInstance[0]
		dir := crash(t, first.lab)
		if err := first.lab.Close(); err != nil {
			t.Fatal(err)
		}

		second := &bubble{t: t, lab: newLab(t, Options{Data: dir, Instances: fleet, FaultSeed: 5}), scripts: &fakeRunner{}}
		if it := second.describe(running).InvokeInstances.InvokeInstance[0]; it.InvocationStatus != "Error" || it.ErrorCode != "ExecutionInterrupted" {
			t.Errorf("%+v", it)
		}
		if again := second.describe(ended).InvokeInstances.InvokeInstance[0]; again != before || len(again.Output) != 100 {
			t.Errorf("%+v\nbefore the restart\n%+v", again, before)
		}
		second.change(2, func(it *Instance) { it.Online = true })
		second.after(time.Minute)
		second.want(waiting, "Success Finished Success 1")
		if left, _ := filepath.Glob(filepath.Join(dir, "instances", "*")); len(left) > 0 {
			t.Errorf("simulated instances have files: %v", left)
		}
	})
}

// TestOtherSimulationIsRefused checks that simulated instances are refused if the data directory has the same instances as real
// ones, or simulated differently.
func TestOtherSimulationIsRefused(t *testing.T) {
	settings, other := new(Simulation), &Simulation{Size: 10}
	for _, c := range []struct {
		name   string
		first  []Instance
		second []Instance
		err    error
	}{
		{"real, then simulated", NumberedInstances(2), simulatedFleet(3, settings), ErrKept},
		{"simulated, then differently", simulatedFleet(2, settings), simulatedFleet(3, other), ErrKept},
		{"simulated, then more of them", simulatedFleet(2, settings), simulatedFleet(3, settings), nil},
		{"simulated, then without simulation", simulatedFleet(2, settings), NumberedInstances(2), nil},
	} {
		dir := t.TempDir()
		l, err := New(Options{Data: dir, Instances: c.first})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		l, err = New(Options{Data: dir, Instances: c.second})
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.name, err, c.err)
		}
		if err == nil {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestSimulatedTasksHaveNoGoroutines checks that running simulated tasks need no goroutines, because a lab may have very many.
func TestSimulatedTasksHaveNoGoroutines(t *testing.T) {
	const n = 50
	simulated(t, n, "1h", func(b *bubble) {
		before := runtime.NumGoroutine()
		id := b.submit(func(r *assist.RunCommandRequest) {
			r.Timeout, r.InstanceId = 2*60*60, nil
			for i := range n {
				r.InstanceId = append(r.InstanceId, nth(i+1))
			}
		})
		b.after(time.Minute)
		b.want(id, "Running Running Running 1")
		if more := runtime.NumGoroutine() - before; more >= n/2 {
			t.Errorf("%d goroutines for %d tasks", more, n)
		}
	})
}
