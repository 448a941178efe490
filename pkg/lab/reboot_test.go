//go:build unix

package lab

import (
	"testing"
	"time"

	"muster/pkg/assist"
)

// waysToStart are what makes an instance start.
func waysToStart() map[string]func(b *bubble) {
	return map[string]func(b *bubble){
		"Reboot": func(b *bubble) {
			if err := b.lab.Reboot(nth(1)); err != nil {
				b.t.Error(err)
			}
		},
		"SetInstance": func(b *bubble) {
			b.change(1, func(it *Instance) { it.Status = "Stopped" })
			b.change(1, func(it *Instance) { it.Status = "Starting" })
			b.change(1, func(it *Instance) { it.Status = "Running" })
		},
	}
}

func TestStarts(t *testing.T) {
	for name, start := range waysToStart() {
		inBubble(t, 2, func(b *bubble) {
			next, always := b.periodic(2, repeated("NextRebootOnly")), b.periodic(2, repeated("EveryReboot"))
			b.scripts.set(time.Minute, 7)
			b.after(time.Hour)
			b.change(1, func(it *Instance) { it.InstanceName = "other" }) // is no start
			b.want(next, "Scheduled Running Scheduled 0")
			start(b)
			b.after(time.Second)
			b.want(next, "Running Running Running 1")
			b.want(always, "Running Running Running 1")
			b.after(time.Hour)
			b.want(next, "Scheduled Running Failed 1") // the other instance has not started
			b.want(always, "Scheduled Running Scheduled 1")
			start(b)
			b.after(time.Hour)
			b.want(next, "Scheduled Running Failed 1")
			b.want(always, "Scheduled Running Scheduled 2")
			b.stop(next)
			b.stop(always)
			b.want(next, "Failed Finished Failed 1")
			b.want(always, "Stopped Stopped Cancelled 2")
			start(b)
			b.after(time.Hour)
			if n := len(b.lab.Executions()); n != 3 {
				t.Errorf("%s: %d executions", name, n)
			}
			if n := len(b.lab.own.inventory.hosts[0].waiting); n != 0 {
				t.Errorf("%s: %d plans still wait", name, n)
			}
		})
	}
}

// TestStartDuringARun has the instance go down under a run at its start: the run is interrupted, and there is another.
func TestStartDuringARun(t *testing.T) {
	for name, start := range waysToStart() {
		inBubble(t, 1, func(b *bubble) {
			id := b.periodic(1, repeated("EveryReboot"))
			b.scripts.set(time.Minute, 0)
			start(b)
			b.after(time.Second)
			start(b)
			b.after(time.Second)
			b.want(id, "Running Running Running 2")
			b.after(time.Hour)
			b.want(id, "Scheduled Running Scheduled 2")
			if runs := b.history(assist.DescribeInvocationResultsRequest{InvokeId: id}); len(runs) != 2 || runs[1].ErrorCode != "ExecutionInterrupted" {
				t.Errorf("%s: %+v", name, runs)
			}
		})
	}
}

func TestStartOffline(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		next, always := b.periodic(1, repeated("NextRebootOnly")), b.periodic(1, repeated("EveryReboot"))
		b.change(1, func(it *Instance) { it.Online = false })
		waysToStart()["Reboot"](b)
		b.after(time.Minute)
		b.want(next, "Scheduled Running Scheduled 0")
		b.change(1, func(it *Instance) { it.Online = true })
		b.after(time.Minute)
		b.want(always, "Scheduled Running Scheduled 0")
		waysToStart()["Reboot"](b)
		b.after(time.Minute)
		b.want(next, "Success Finished Success 1")
		b.want(always, "Scheduled Running Scheduled 1")
	})
}

func TestRebootRefuses(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	if l.Reboot("i-none") == nil {
		t.Error("no error for an unknown instance")
	}
	if err := l.SetInstance(nth(1), func(it *Instance) { it.Status = "Stopped" }); err != nil {
		t.Fatal(err)
	}
	if l.Reboot(nth(1)) == nil {
		t.Error("no error for a stopped instance")
	}
}

// TestRebootByAScript runs scripts that exit with 194, at a start too.
func TestRebootByAScript(t *testing.T) {
	b := openFleet(t, 1)
	send := func(mode, script string) string {
		r := shell(script)
		r.RepeatMode = mode
		return b.submit(r)
	}
	next, always := send("NextRebootOnly", "echo once"), send("EveryReboot", "echo always")
	b.run(shell("exit 194"))
	if it := b.settle(next).InvokeInstances.InvokeInstance[0]; it.Output != "once\n" || it.Status() != assist.StatusSuccess {
		t.Errorf("%+v", it)
	}
	ran := func(n int64) {
		t.Helper()
		eventually(t, "it has run", func() bool {
			it := b.describe(always).InvokeInstances.InvokeInstance[0]
			return it.Repeats == n && it.Status() == assist.StatusScheduled && it.Output == "always\n"
		})
	}
	ran(1)
	reboots := send("EveryReboot", "exit 194")
	if err := b.lab.Reboot(nth(1)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the script that reboots has run", func() bool {
		it := b.describe(reboots).InvokeInstances.InvokeInstance[0]
		return it.Repeats == 1 && it.Status() == assist.StatusScheduled && it.ExitCode == 194
	})
	eventually(t, "the other has run at both starts", func() bool {
		it := b.describe(always).InvokeInstances.InvokeInstance[0]
		return it.Repeats == 3 && it.Status() == assist.StatusScheduled
	})
}
