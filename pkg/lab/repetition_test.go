//go:build unix

package lab

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
)

func every(frequency string) func(r *assist.RunCommandRequest) {
	return func(r *assist.RunCommandRequest) { r.Frequency = frequency }
}

func repeated(mode string) func(r *assist.RunCommandRequest) {
	return func(r *assist.RunCommandRequest) { r.RepeatMode = mode }
}

func TestRate(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		b.scripts.set(20*time.Second, 3)
		id := b.periodic(1, every("rate(60s)"))
		b.after(59 * time.Second)
		b.want(id, "Scheduled Running Scheduled 0")
		b.after(time.Second)
		b.want(id, "Running Running Running 1")
		if it := b.describe(id).InvokeInstances.InvokeInstance[0]; it.Output != "" || it.StartTime != "2000-01-01T00:01:00Z" || it.FinishTime != "" {
			t.Errorf("%+v", it)
		}
		b.after(20 * time.Second)
		b.want(id, "Scheduled Running Scheduled 1")
		inv := b.describe(id)
		if it := inv.InvokeInstances.InvokeInstance[0]; it.Output != "run 1\n" || it.ExitCode != 3 || it.ErrorCode != "ExitCodeNonzero" ||
			it.StartTime != "2000-01-01T00:01:00Z" || it.FinishTime != "2000-01-01T00:01:20Z" || !it.Timed {
			t.Errorf("%+v", it)
		}
		if inv.Frequency != "rate(60s)" || inv.RepeatMode != "Period" || !inv.Timed || !inv.Periodic() || inv.Status().Terminal() {
			t.Errorf("%+v", inv)
		}
		b.scripts.set(time.Second, 0)
		b.after(40 * time.Second)
		if it := b.describe(id).InvokeInstances.InvokeInstance[0]; it.Output != "" || it.ExitCode != 0 || it.ErrorCode != "" || it.FinishTime != "" || it.Repeats != 2 {
			t.Errorf("%+v", it)
		}
		b.after(time.Minute)
		want := []string{"2000-01-01T00:01:00Z", "2000-01-01T00:02:00Z", "2000-01-01T00:03:00Z"}
		if got := b.starts(); !slices.Equal(got, want) {
			t.Errorf("started at %v, want %v", got, want)
		}
	})
}

func TestSkippedWhileRunning(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		b.scripts.set(90*time.Second, 0)
		id := b.periodic(1, every("rate(60s)"))
		b.after(2*time.Minute + time.Second)
		b.want(id, "Running Running Running 1")
		b.after(3 * time.Minute)
		want := []string{"2000-01-01T00:01:00Z", "2000-01-01T00:03:00Z", "2000-01-01T00:05:00Z"}
		if got := b.starts(); !slices.Equal(got, want) {
			t.Errorf("started at %v, want %v", got, want)
		}
	})
}

func TestCronZones(t *testing.T) {
	eight := assist.FormatTime(eightOClock())
	for _, c := range []struct {
		frequency, want string
		change          func(r *assist.RunCommandRequest)
	}{
		{"0 0 8 * * ? Asia/Tokyo", "2000-01-01T23:00:00Z", nil},
		{"0 0 8 * * ? GMT-7:00", "2000-01-01T15:00:00Z", nil},
		{"0 0 8 * * ?", eight, nil},
		{"at(2000-01-01 00:00:30)", "2000-01-01T00:00:30Z", func(r *assist.RunCommandRequest) { r.RepeatMode = "EveryReboot" }},
	} {
		inBubble(t, 1, func(b *bubble) {
			id := b.periodic(1, func(r *assist.RunCommandRequest) {
				r.Frequency = c.frequency
				if c.change != nil {
					c.change(r)
				}
			})
			b.after(24 * time.Hour)
			got := b.starts()
			if len(got) != 1 || got[0] != c.want || b.describe(id).RepeatMode != "Period" {
				t.Errorf("%s: started at %v, want %s", c.frequency, got, c.want)
			}
		})
	}
}

// eightOClock is when it is first eight, on this machine's clock, in a bubble.
func eightOClock() time.Time {
	local := bubbleStart().In(time.Local)
	eight := time.Date(local.Year(), local.Month(), local.Day(), 8, 0, 0, 0, time.Local)
	if !eight.After(local) {
		eight = eight.AddDate(0, 0, 1)
	}
	return eight
}

// TestInvokePeriodically speaks as the oldest documents do, and almost so.
func TestInvokePeriodically(t *testing.T) {
	yes, eight := true, assist.FormatTime(eightOClock())
	for _, c := range []struct {
		change func(r *assist.InvokeCommandRequest)
		want   string
	}{
		{func(r *assist.InvokeCommandRequest) { r.Frequency = "0 5 8 * * ?" }, "2000-01-01T00:05:00Z"},
		{func(r *assist.InvokeCommandRequest) { r.Frequency = "0 0 9 * * ?" }, "2000-01-01T01:00:00Z"},
		{func(r *assist.InvokeCommandRequest) { r.Frequency = "0 0 9 * * ? UTC" }, "2000-01-01T09:00:00Z"},
		{func(r *assist.InvokeCommandRequest) { r.RepeatMode = "Period" }, eight},
		{func(r *assist.InvokeCommandRequest) { r.Timed = nil }, eight},
		{func(r *assist.InvokeCommandRequest) { r.InstanceId, r.InstanceIds = r.InstanceIds, nil }, eight},
	} {
		inBubble(t, 1, func(b *bubble) {
			command := b.must(&assist.CreateCommandRequest{
				RegionId: "cn-hangzhou", Name: "n", Type: "RunShellScript", CommandContent: assist.EncodeContent([]byte("true"), assist.Base64),
			}).(*assist.CreateCommandResponse).CommandId
			r := &assist.InvokeCommandRequest{
				RegionId: "cn-hangzhou", CommandId: command, InstanceIds: assist.JSONList{nth(1)}, Timed: &yes, Frequency: "0 0 8 * * ?",
			}
			c.change(r)
			id := b.must(r).(*assist.InvokeCommandResponse).InvokeId
			b.after(24*time.Hour + time.Minute)
			if got := b.starts(); !slices.Equal(got, []string{c.want}) {
				t.Errorf("%+v: started at %v, want %s", r, got, c.want)
			}
			remove := &assist.DeleteCommandRequest{RegionId: "cn-hangzhou", CommandId: command}
			_, err := b.call(remove)
			wantRefused(t, err, "403 InvalidStatus.CmdIdInUse")
			b.stop(id)
			b.must(remove)
		})
	}
}

func TestLastRun(t *testing.T) {
	for _, c := range []struct {
		frequency, want string
		code            int
	}{
		{"at(2000-01-01 03:00:00 GMT+1:00)", "Success Finished Success 1", 0},
		{"at(2000-01-01 02:00:00)", "Failed Finished Failed 1", 2},
		{"0 0 18,20 31 12 ? 1999 GMT-8:00", "Success Finished Success 2", 0},
		{"at(1999-12-31 23:59:59)", "Failed Failed Invalid 0", 0},
		{"0 0 8 * * ? 1998", "Failed Failed Invalid 0", 0},
	} {
		inBubble(t, 1, func(b *bubble) {
			b.scripts.set(90*time.Second, c.code)
			id := b.periodic(1, every(c.frequency))
			b.after(2*time.Hour + time.Minute)
			if got := b.states(id); strings.Contains(c.want, "Invalid") != strings.Contains(got, "Invalid") ||
				!strings.Contains(c.want, "Invalid") && !strings.HasPrefix(got, "Running Running Running 1") {
				t.Errorf("%s: %s", c.frequency, got)
			}
			b.after(24 * time.Hour)
			b.want(id, c.want)
			if n := len(b.lab.agents.scheduler.queue); n != 0 {
				t.Errorf("%s: %d appointments are left", c.frequency, n)
			}
			if it := b.describe(id).InvokeInstances.InvokeInstance[0]; it.Repeats == 0 && it.ErrorCode != "BadCronExpression" {
				t.Errorf("%+v", it)
			}
		})
	}
}

// TestLastTimeSkipped has the last time come while the run before it is still going.
func TestLastTimeSkipped(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		b.scripts.set(3*time.Hour, 0)
		id := b.periodic(1, every("0 0 18,20 31 12 ? 1999 GMT-8:00"))
		b.after(4*time.Hour + time.Minute)
		b.want(id, "Running Running Running 1")
		b.after(time.Hour)
		b.want(id, "Success Finished Success 1")
	})
}

func TestDueWhenUnreachable(t *testing.T) {
	for code, change := range map[string]func(it *Instance){
		"DeliveryTimeout":    func(it *Instance) { it.Online = false },
		"InstanceNotRunning": func(it *Instance) { it.Status = "Stopped" },
	} {
		inBubble(t, 1, func(b *bubble) {
			id := b.periodic(1, every("rate(60s)"))
			once := b.periodic(1, every("at(2000-01-01 00:02:00)"))
			b.after(90 * time.Second)
			b.change(1, change)
			b.after(time.Minute)
			b.want(id, "Scheduled Running Scheduled 1")
			b.want(once, "Failed Failed Aborted 0")
			if it := b.describe(once).InvokeInstances.InvokeInstance[0]; it.ErrorCode != code {
				t.Errorf("%+v, want %s", it, code)
			}
			b.change(1, func(it *Instance) { it.Online, it.Status = true, "Running" })
			b.after(time.Minute)
			b.want(id, "Scheduled Running Scheduled 2")
			want := []string{"2000-01-01T00:01:00Z", "2000-01-01T00:03:00Z"}
			if got := b.starts(); !slices.Equal(got, want) {
				t.Errorf("started at %v, want %v", got, want)
			}
		})
	}
}

// TestLastTimeUnreachable has a plan end with a skipped time after a run: the task keeps the run's state.
func TestLastTimeUnreachable(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		id := b.periodic(1, every("0 0 18,20 31 12 ? 1999 GMT-8:00"))
		b.after(3 * time.Hour)
		b.change(1, func(it *Instance) { it.Online = false })
		b.after(2 * time.Hour)
		b.want(id, "Success Finished Success 1")
	})
}

func TestStopPeriodic(t *testing.T) {
	inBubble(t, 3, func(b *bubble) {
		b.scripts.set(20*time.Second, 0)
		id := b.periodic(3, every("rate(60s)"))
		b.after(30 * time.Second)
		b.stop(id, nth(2))
		b.after(35 * time.Second)
		b.stop(id, nth(1)) // is running
		b.want(id, "Running Running Terminated 1")
		b.after(time.Minute - 5*time.Second) // the third has run, and runs again
		b.want(id, "Running Running Terminated 1")
		b.after(30 * time.Second)
		b.want(id, "Scheduled Running Terminated 1")
		b.stop(id)
		b.want(id, "Stopped Stopped Terminated 1")
		before := b.describe(id)
		b.after(time.Hour)
		after := b.describe(id)
		for i, want := range []string{"Terminated 1", "Cancelled 0", "Cancelled 2"} {
			it := after.InvokeInstances.InvokeInstance[i]
			if fmt.Sprint(it.InvocationStatus, " ", it.Repeats) != want || it.StopTime == "" || it != before.InvokeInstances.InvokeInstance[i] {
				t.Errorf("%+v, want %s", it, want)
			}
		}
		if n := len(b.lab.Executions()); n != 3 {
			t.Errorf("%d executions", n)
		}
	})
}

// TestFaultsOfARun has runs fail before their script is started: they count, and the next one is tried.
func TestFaultsOfARun(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		id := b.periodic(1, func(r *assist.RunCommandRequest) { r.Frequency, r.WorkingDir = "rate(60s)", "later" })
		b.after(time.Minute)
		b.want(id, "Scheduled Running Scheduled 1")
		if it := b.describe(id).InvokeInstances.InvokeInstance[0]; it.ErrorCode != "DirectoryNotExists" || it.StartTime != "" {
			t.Errorf("%+v", it)
		}
		b.must(&assist.StopInvocationRequest{RegionId: "cn-hangzhou", InvokeId: id})
		b.want(id, "Stopped Stopped Cancelled 1")
	})
}

func TestPlansOfAClosedLab(t *testing.T) {
	inBubble(t, 2, func(b *bubble) {
		b.scripts.set(time.Hour, 0)
		id := b.periodic(2, every("rate(60s)"))
		b.periodic(2, repeated("EveryReboot"))
		b.after(90 * time.Second)
		for range 2 {
			if err := b.lab.Close(); err != nil {
				t.Fatal(err)
			}
		}
		b.after(time.Hour)
		if n := len(b.lab.Executions()); n != 2 {
			t.Errorf("%d executions", n)
		}
		if it := b.describe(id).InvokeInstances.InvokeInstance[0]; it.ErrorCode != "ExecutionInterrupted" {
			t.Errorf("%+v", it)
		}
		b.lab.agents.scheduler.at(time.Now(), func() { t.Error("done after close") })
	})
}

func TestPeriodicFilters(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		names := map[string]string{
			b.periodic(1, every("rate(60s)")):                 "rate",
			b.periodic(1, every("at(2000-01-01 00:00:30)")):   "at",
			b.periodic(1, repeated("NextRebootOnly")):         "next",
			b.periodic(1, repeated("EveryReboot")):            "every",
			b.periodic(1, func(*assist.RunCommandRequest) {}): "once",
		}
		b.after(45 * time.Second)
		yes, no := true, false
		for want, filters := range map[string][]assist.DescribeInvocationsRequest{
			"every next rate":         {{Timed: &yes}, {InvokeStatus: "Scheduled"}, {InvokeStatus: "scheduled"}, {InvokeStatus: "Running"}},
			"at once":                 {{Timed: &no}, {InvokeStatus: "Success"}, {InvokeStatus: "Finished"}},
			"at rate":                 {{RepeatMode: "Period"}, {RepeatMode: "period"}},
			"rate":                    {{RepeatMode: "Period", Timed: &yes}},
			"next":                    {{RepeatMode: "NextRebootOnly"}},
			"once":                    {{RepeatMode: "Once"}},
			"at every next once rate": {{}, {InstanceId: nth(1), RepeatMode: "Period"}},
		} {
			for _, r := range filters {
				r.RegionId = "cn-hangzhou"
				var got []string
				for _, inv := range b.must(&r).(*assist.DescribeInvocationsResponse).Invocations.Invocation {
					got = append(got, names[inv.InvokeId])
				}
				slices.Sort(got)
				if strings.Join(got, " ") != want {
					t.Errorf("%+v: %v, want %s", r, got, want)
				}
			}
		}
	})
}
