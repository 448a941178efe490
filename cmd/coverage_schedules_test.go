//go:build unix

package cmd

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
	"muster/pkg/lab"
	"muster/pkg/lab/fakeclock"
)

// settledRuns waits until a periodic invocation has finished so many runs and waits for the next.
func (o *observedLab) settledRuns(invokeID string, runs int64, status assist.Status) {
	o.t.Helper()
	o.until(invokeID, "through", func(i assist.Invocation) bool {
		instance := i.InvokeInstances.InvokeInstance[0]
		if i.InvokeStatus != "Running" && !status.Terminal() {
			o.t.Errorf("a periodic one is %s before it is stopped", i.InvokeStatus)
		}
		return instance.Repeats == runs && instance.Status() == status
	})
}

// runsOf returns the states of all runs, the latest first.
func (o *observedLab) runsOf(invokeID string) (newer, older []string) {
	o.t.Helper()
	page, err := o.client.DescribeInvocationResults(o.t.Context(), &assist.DescribeInvocationResultsRequest{
		RegionId: labRegion, InvokeId: invokeID, IncludeHistory: true,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	for _, result := range page.Invocation.InvocationResults.InvocationResult {
		newer, older = append(newer, result.InvocationStatus), append(older, result.InvokeRecordStatus)
	}
	return newer, older
}

// TestCoveragePeriods checks what the documents say about commands with a Frequency.
func TestCoveragePeriods(t *testing.T) {
	clock := fakeclock.New(time.Date(2027, 1, 1, 0, 30, 0, 0, time.UTC))
	o := newTimedLab(t, 1, clock)
	invokeID := o.submit(func(r *assist.RunCommandRequest) {
		yes := true
		r.Frequency, r.RepeatMode, r.Timed, r.Timeout = "rate(60s)", "Once", &yes, 1
	}, "test -e before && exit 0; touch before; exec sleep 600", nth(1))

	clock.Advance(59 * time.Second)
	got := o.describe(invokeID)
	want := assist.Invocation{RepeatMode: "Period", Frequency: "rate(60s)", Timed: true, InvocationStatus: "Scheduled"}
	before := assist.Invocation{RepeatMode: got.RepeatMode, Frequency: got.Frequency, Timed: got.Timed, InvocationStatus: got.InvocationStatus}
	if diff := cmp.Diff(want, before); diff != "" {
		t.Errorf("before its first time (-want +got):\n%s", diff)
	}
	if len(o.Executions()) != 0 {
		t.Errorf("executed before its first time: %v", o.Executions())
	}
	clock.Advance(time.Second)
	o.settledRuns(invokeID, 1, assist.StatusScheduled)
	clock.Advance(time.Minute)
	o.settledRuns(invokeID, 2, assist.StatusScheduled)
	newer, older := o.runsOf(invokeID)
	if !slices.Equal(newer, []string{"Success", "Timeout"}) || !slices.Equal(older, []string{"Finished", "Failed"}) {
		t.Errorf("the runs were %v, %v", newer, older)
	}

	o.stop(invokeID)
	clock.Advance(time.Hour)
	o.settledRuns(invokeID, 2, assist.StatusCancelled)
	if got := o.describe(invokeID); got.InvokeStatus != "Stopped" || len(o.Executions()) != 2 {
		t.Errorf("stopped, it is %+v, with %d executions", got, len(o.Executions()))
	}

	once := o.submit(func(r *assist.RunCommandRequest) {
		yes := true
		r.RepeatMode, r.Timed = "Once", &yes
	}, "true", nth(1))
	o.untilAll(once, assist.StatusSuccess)
	if got := o.describe(once); got.Timed || got.Frequency != "" || got.RepeatMode != "Once" {
		t.Errorf("Timed without a Frequency has an effect: %+v", got)
	}
}

// TestCoverageOldZone checks that calls in the form of the oldest documents use UTC+8.
func TestCoverageOldZone(t *testing.T) {
	clock := fakeclock.New(time.Date(2027, 1, 1, 0, 30, 0, 0, time.UTC)) // 08:30 in UTC+8
	o := newTimedLab(t, 1, clock)
	saved, err := o.client.CreateCommand(t.Context(), &assist.CreateCommandRequest{
		RegionId: labRegion, Name: "old", Type: "RunShellScript", ContentEncoding: assist.PlainText, CommandContent: "true",
	})
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	answer, err := o.client.InvokeCommand(t.Context(), &assist.InvokeCommandRequest{
		RegionId: labRegion, CommandId: saved.CommandId, InstanceIds: assist.JSONList{nth(1)}, Timed: &yes, Frequency: "0 0 9 * * ?",
	})
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(30 * time.Minute)
	o.settledRuns(answer.InvokeId, 1, assist.StatusScheduled)
}

// TestCoverageReboots checks what the documents say about commands that run when their instance starts.
func TestCoverageReboots(t *testing.T) {
	o := newObservedLab(t, 1)
	mode := func(name string) func(*assist.RunCommandRequest) {
		return func(r *assist.RunCommandRequest) { r.RepeatMode = name }
	}
	reboot := func() {
		if err := o.Reboot(nth(1)); err != nil {
			t.Fatal(err)
		}
	}
	next := o.submit(mode("NextRebootOnly"), "true", nth(1))
	every := o.submit(mode("EveryReboot"), "true", nth(1))
	if n := len(o.Executions()); n != 0 {
		t.Errorf("%d executions before the first start", n)
	}
	reboot()
	o.settledRuns(next, 1, assist.StatusSuccess)
	o.settledRuns(every, 1, assist.StatusScheduled)
	o.change(1, func(it *lab.Instance) { it.Status = "Stopped" })
	o.change(1, func(it *lab.Instance) { it.Status = "Running" })
	o.settledRuns(every, 2, assist.StatusScheduled)
	o.settledRuns(next, 1, assist.StatusSuccess)
	if newer, _ := o.runsOf(every); !slices.Equal(newer, []string{"Success", "Success"}) {
		t.Errorf("the runs were %v", newer)
	}
	o.stop(every)
	o.settledRuns(every, 2, assist.StatusCancelled)
}

// TestCoverageAgents checks the agent versions that the documents require.
func TestCoverageAgents(t *testing.T) {
	o := newObservedLab(t, 2)
	frequency := func(text string) func(*assist.RunCommandRequest) {
		return func(r *assist.RunCommandRequest) { r.Frequency = text }
	}
	content := func(text string) func(*assist.RunCommandRequest) {
		return func(r *assist.RunCommandRequest) {
			r.EnableParameter, r.CommandContent, r.InstanceId = true, text, []string{nth(1), nth(2)}
		}
	}
	for name, c := range map[string]struct {
		least  string // the oldest version that can do it
		older  string
		change func(*assist.RunCommandRequest)
	}{
		"rate":           {"2.2.3.282", "2.2.3.281", frequency("rate(5m)")},
		"at":             {"2.2.3.282", "2.2.3.281", frequency("at(2999-06-06 13:15:30)")},
		"cron with year": {"2.2.3.282", "2.2.3.281", frequency("0 0 0 1 1 ? 2099")},
		"cron with zone": {"2.2.3.282", "2.2.3.281", frequency("0 0 0 1 1 ? Asia/Shanghai")},
		"windows": {"2.1.3.282", "2.1.3.281", func(r *assist.RunCommandRequest) {
			r.Type, r.Frequency = "RunBatScript", "rate(5m)"
		}},
		"container":    {"2.2.3.344", "2.2.3.343", func(r *assist.RunCommandRequest) { r.ContainerName = "web" }},
		"InstanceId":   {"2.2.3.309", "2.2.3.308", content("echo {{ACS::InstanceId}}")},
		"InvokeId":     {"2.2.3.309", "2.2.3.308", content("echo {{ACS::InvokeId}}")},
		"CommandId":    {"2.2.3.309", "2.2.3.308", content("echo {{ACS::CommandId}}")},
		"InstanceName": {"2.2.3.344", "2.2.3.343", content("echo {{ACS::InstanceName}}")},
	} {
		for version, tooOld := range map[string]bool{c.least: false, c.older: true} {
			o.change(1, func(it *lab.Instance) {
				it.AgentVersion, it.OSType = version, "linux"
				if name == "windows" {
					it.OSType = "windows"
				}
			})
			invokeID := o.submit(c.change, "true", nth(1))
			o.until(invokeID, "judged", func(i assist.Invocation) bool {
				instance := i.InvokeInstances.InvokeInstance[0]
				if instance.Status() == assist.StatusPending || instance.Status() == assist.StatusRunning {
					return false
				}
				if (instance.ErrorCode == "ClientNeedUpgrade") != tooOld {
					t.Errorf("%s with agent %s: %+v", name, version, instance)
				}
				return true
			})
			o.stop(invokeID)
		}
	}
}
