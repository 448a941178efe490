package assist

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestParseStatus(t *testing.T) {
	for _, want := range Statuses() {
		name := string(want)
		for _, text := range []string{name, strings.ToLower(name), strings.ToUpper(name), " " + name + "\n", "\t" + strings.ToLower(name)} {
			if got := ParseStatus(text); got != want {
				t.Errorf("ParseStatus(%q) = %q, want %q", text, got, want)
			}
		}
	}
	for _, text := range []string{"", " ", "Done", "Runnin", "Partial Failed", "Success!"} {
		if got := ParseStatus(text); got != "" {
			t.Errorf("ParseStatus(%q) = %q, want the unknown state", text, got)
		}
	}
}

func TestTerminal(t *testing.T) {
	notTerminal := []Status{"", StatusPending, StatusScheduled, StatusRunning, StatusStopping}
	for _, status := range append(Statuses(), "") {
		if got, want := status.Terminal(), !slices.Contains(notTerminal, status); got != want {
			t.Errorf("%q.Terminal() = %v, want %v", status, got, want)
		}
	}
}

func TestInstanceStatus(t *testing.T) {
	tests := []struct {
		newer, older string
		exitCode     int64
		want         Status
	}{
		{newer: "Success", older: "Finished", want: StatusSuccess},
		{newer: "Failed", older: "Finished", exitCode: 2, want: StatusFailed},
		{newer: "Timeout", older: "Failed", exitCode: 1, want: StatusTimeout},
		{newer: "Scheduled", older: "Running", want: StatusScheduled},
		{newer: "Terminated", older: "Stopped", exitCode: 137, want: StatusTerminated},
		{newer: "running", older: "finished", want: StatusRunning},
		{older: "Running", want: StatusRunning},
		{older: "running", want: StatusRunning},
		{older: "Finished", want: StatusSuccess},
		{older: "finished", want: StatusSuccess},
		{older: "Finished", exitCode: 1, want: StatusFailed},
		{newer: "Finished", exitCode: -1, want: StatusFailed},
		{older: "Failed", want: StatusFailed},
		{older: "Stopped", want: StatusStopped},
		{older: "Stopping", want: StatusStopping},
		{newer: "SomethingNew", older: "Running", want: StatusRunning},
		{newer: "SomethingNew", older: "SomethingElse", want: ""},
		{want: ""},
	}
	for _, test := range tests {
		if got := InstanceStatus(test.newer, test.older, test.exitCode); got != test.want {
			t.Errorf("InstanceStatus(%q, %q, %d) = %q, want %q", test.newer, test.older, test.exitCode, got, test.want)
		}
		instance := InvokeInstance{InvocationStatus: test.newer, InstanceInvokeStatus: test.older, ExitCode: test.exitCode}
		if got := instance.Status(); got != test.want {
			t.Errorf("%+v.Status() = %q, want %q", instance, got, test.want)
		}
		result := InvocationResult{InvocationStatus: test.newer, InvokeRecordStatus: test.older, ExitCode: test.exitCode}
		if got := result.Status(); got != test.want {
			t.Errorf("%+v.Status() = %q, want %q", result, got, test.want)
		}
	}
}

func TestInvocationStatus(t *testing.T) {
	finished := func(exitCodes ...int64) []InvokeInstance {
		var list []InvokeInstance
		for _, code := range exitCodes {
			list = append(list, InvokeInstance{InstanceInvokeStatus: "finished", ExitCode: code})
		}
		return list
	}
	stopped := InvokeInstance{InstanceInvokeStatus: "Stopped"}
	tests := []struct {
		name         string
		newer, older string
		instances    []InvokeInstance
		want         Status
	}{
		{"the newer field", "PartialFailed", "Finished", finished(0, 0), StatusPartialFailed},
		{"the newer field while it runs", "Pending", "Running", nil, StatusPending},
		{"the newer field in lower case", "success", "", nil, StatusSuccess},
		{"the newer field unknown", "SomethingNew", "Stopped", nil, StatusStopped},
		{"older Running", "", "Running", finished(0), StatusRunning},
		{"older Failed", "", "Failed", nil, StatusFailed},
		{"older PartialFailed", "", "PartialFailed", nil, StatusPartialFailed},
		{"older Stopped", "", "Stopped", nil, StatusStopped},
		{"older Stopping", "", "Stopping", nil, StatusStopping},
		{"success, which the 2018 samples use and do not document", "", "success", finished(0, 0), StatusSuccess},
		{"older Finished, all exit codes 0", "", "Finished", finished(0, 0), StatusSuccess},
		{"older Finished, one exit code not 0", "", "Finished", finished(0, 3), StatusPartialFailed},
		{"older Finished, no exit code 0", "", "Finished", finished(1, 3), StatusFailed},
		{"older Finished, some stopped", "", "Finished", append(finished(0), stopped), StatusSuccess},
		{"older Finished, without instances", "", "Finished", nil, StatusSuccess},
		{"neither", "", "", finished(0), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			i := Invocation{InvocationStatus: test.newer, InvokeStatus: test.older}
			i.InvokeInstances.InvokeInstance = test.instances
			if got := i.Status(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestPeriodic(t *testing.T) {
	tests := []struct {
		mode  string
		timed bool
		want  bool
	}{
		{"Period", true, true},
		{"Period", false, true},
		{"period", false, true},
		{"EveryReboot", false, true},
		{"NextRebootOnly", false, true},
		{"Once", false, false},
		{"Once", true, false},
		{"DryRun", false, false},
		{"", true, true}, // 2018: no RepeatMode yet
		{"", false, false},
	}
	for _, test := range tests {
		i := Invocation{RepeatMode: test.mode, Timed: test.timed}
		if got := i.Periodic(); got != test.want {
			t.Errorf("RepeatMode %q, Timed %v: Periodic() = %v, want %v", test.mode, test.timed, got, test.want)
		}
	}
}

func TestSamplesOf2018(t *testing.T) {
	type instance struct {
		ID     string
		Status Status
	}
	type invocation struct {
		Name      string
		Type      string
		Status    Status
		Periodic  bool
		Instances []instance
	}
	one, two := "i-uf614fhehhzmxxxxxxxx", "i-uf64isakb713xxxxxxxx"
	want := []invocation{
		{"Test1", "RunShellScript", StatusRunning, true, []instance{{one, StatusSuccess}, {two, StatusRunning}}},
		{"Test2", "RunShellScript", StatusRunning, true, []instance{{one, StatusSuccess}, {two, StatusRunning}}},
		{"Test3", "RunShellScript", StatusSuccess, false, []instance{{one, StatusSuccess}, {two, StatusSuccess}}},
		{"test", "RunShellScript", StatusSuccess, false, []instance{{one, StatusSuccess}}},
		{"Test4", "RunBatScript", StatusRunning, false, []instance{{one, StatusRunning}}},
	}
	for kind, unmarshal := range map[string]func([]byte, any) error{"json": json.Unmarshal, "xml": xml.Unmarshal} {
		t.Run(kind, func(t *testing.T) {
			text, err := os.ReadFile("testdata/describe_invocations_2018." + kind)
			if err != nil {
				t.Fatal(err)
			}
			var response DescribeInvocationsResponse
			if err := unmarshal(text, &response); err != nil {
				t.Fatal(err)
			}
			if want := (Paged{TotalCount: 5, PageNumber: 1, PageSize: 10}); response.Paged != want {
				t.Errorf("page %+v, want %+v", response.Paged, want)
			}
			if want := "12E7974A-5AA5-4933-A44C-A16Cxxxxxxxx"; response.RequestId != want {
				t.Errorf("RequestId %q, want %q", response.RequestId, want)
			}
			var got []invocation
			for _, i := range response.Invocations.Invocation {
				read := invocation{Name: i.CommandName, Type: i.CommandType, Status: i.Status(), Periodic: i.Periodic()}
				for _, on := range i.InvokeInstances.InvokeInstance {
					read.Instances = append(read.Instances, instance{on.InstanceId, on.Status()})
				}
				got = append(got, read)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAggregate(t *testing.T) {
	const (
		pending, scheduled, running, stopping = StatusPending, StatusScheduled, StatusRunning, StatusStopping
		success, failed, partial, stopped     = StatusSuccess, StatusFailed, StatusPartialFailed, StatusStopped
		invalid, aborted, exception, timeout  = StatusInvalid, StatusAborted, StatusError, StatusTimeout
		cancelled, terminated, finished       = StatusCancelled, StatusTerminated, StatusFinished
	)
	type list = []Status
	tests := []struct {
		name string
		want Status
		all  []list
	}{
		{"at least one Pending", pending, []list{{pending}, {pending, success}, {failed, pending, scheduled}, {pending, ""}}},
		{"at least one Scheduled", scheduled, []list{{scheduled}, {scheduled, success}, {cancelled, scheduled}, {scheduled, ""}}},
		{"at least one Running", running, []list{{running}, {success, running}, {failed, running}, {pending, running, scheduled, stopping}, {"", running}}},
		{"at least one Stopping", stopping, []list{{stopping}, {stopping, terminated}, {pending, stopping}, {stopping, ""}}},
		{"Success, the rest Success or Stopped", success, []list{{success}, {success, success}, {success, stopped}, {success, cancelled, terminated}, {finished}, {finished, success}}},
		{"all Failed or Stopped, at least one Failed", failed, []list{{failed}, {failed, failed}, {failed, stopped}, {failed, cancelled}, {terminated, timeout}}},
		{"Invalid counts as Failed", failed, []list{{invalid}, {invalid, stopped}}},
		{"Aborted counts as Failed", failed, []list{{aborted}, {aborted, stopped}}},
		{"Error counts as Failed", failed, []list{{exception}, {exception, stopped}}},
		{"Timeout counts as Failed", failed, []list{{timeout}, {timeout, stopped}}},
		{"all Stopped", stopped, []list{{stopped}, {stopped, stopped}, {cancelled}, {terminated}, {cancelled, terminated}}},
		{"some succeeded, some failed", partial, []list{{success, failed}, {success, invalid}, {aborted, success}, {success, exception}, {success, timeout}, {success, failed, cancelled}, {finished, failed}}},
		{"several invocations to one", partial, []list{{partial}, {partial, success}, {partial, failed}, {partial, stopped}, {partial, partial}}},
		{"several invocations, one running", running, []list{{partial, running}, {stopped, running, failed}}},
		{"an unknown state among terminal ones", "", []list{{""}, {"", success}, {failed, ""}, {success, failed, ""}}},
		{"nothing", "", []list{{}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, all := range test.all {
				if got := Aggregate(all...); got != test.want {
					t.Errorf("Aggregate(%q) = %q, want %q", all, got, test.want)
				}
			}
		})
	}
}

func TestAggregateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOf(rapid.SampledFrom(append(Statuses(), ""))).Draw(t, "all")
		aggregate := Aggregate(all...)
		if shuffled := rapid.Permutation(all).Draw(t, "shuffled"); Aggregate(shuffled...) != aggregate {
			t.Errorf("Aggregate depends on the order: %q, %q", aggregate, Aggregate(shuffled...))
		}
		if ended := len(all) > 0 && !slices.ContainsFunc(all, func(s Status) bool { return !s.Terminal() }); aggregate.Terminal() != ended {
			t.Errorf("the aggregate %q is terminal: %v; all are terminal: %v", aggregate, aggregate.Terminal(), ended)
		}
		if len(all) < 2 {
			return
		}
		cut := rapid.IntRange(1, len(all)-1).Draw(t, "cut")
		if halves := Aggregate(Aggregate(all[:cut]...), Aggregate(all[cut:]...)); halves != aggregate {
			t.Errorf("the aggregate is %q, and that of two parts' aggregates %q", aggregate, halves)
		}
	})
}

func TestOlderInstance(t *testing.T) {
	for want, all := range map[string][]Status{
		"Running":  {"", StatusPending, StatusScheduled, StatusRunning, StatusStopping},
		"Finished": {StatusSuccess, StatusFailed, StatusFinished},
		"Failed":   {StatusInvalid, StatusAborted, StatusError, StatusTimeout, StatusPartialFailed},
		"Stopped":  {StatusCancelled, StatusTerminated, StatusStopped},
	} {
		for _, status := range all {
			if got := status.OlderInstance(); got != want {
				t.Errorf("%q.OlderInstance() = %q, want %q", status, got, want)
			}
			record := want
			if status == StatusStopping {
				record = "Stopping"
			}
			if got := status.OlderRecord(); got != record {
				t.Errorf("%q.OlderRecord() = %q, want %q", status, got, record)
			}
		}
	}
}

func TestOlderInvocation(t *testing.T) {
	type list = []Status
	for want, all := range map[string][]list{
		"Running":       {{StatusRunning}, {StatusPending}, {StatusSuccess, StatusScheduled}, {StatusFailed, StatusRunning}},
		"Stopping":      {{StatusStopping}, {StatusSuccess, StatusStopping}},
		"Finished":      {{StatusSuccess}, {StatusFailed}, {StatusSuccess, StatusFailed}, {StatusSuccess, StatusCancelled}},
		"Failed":        {{StatusTimeout}, {StatusAborted, StatusInvalid}, {StatusError, StatusTerminated}},
		"PartialFailed": {{StatusSuccess, StatusTimeout}, {StatusFailed, StatusAborted, StatusCancelled}},
		"Stopped":       {{StatusCancelled}, {StatusCancelled, StatusTerminated}},
	} {
		for _, instances := range all {
			if got := OlderInvocation(instances...); got != want {
				t.Errorf("OlderInvocation(%q) = %q, want %q", instances, got, want)
			}
		}
	}
}
