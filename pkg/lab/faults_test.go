//go:build unix

package lab

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

// openFaulty serves a lab of n instances with faults.
func openFaulty(t testing.TB, n int, texts ...string) *client {
	t.Helper()
	return open(t, newLab(t, Options{Instances: NumberedInstances(n), Faults: parseFaults(t, texts)}))
}

func parseFaults(t testing.TB, texts []string) []Fault {
	t.Helper()
	var list []Fault
	for _, text := range texts {
		f, err := ParseFault(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, f)
	}
	return list
}

func TestParseFault(t *testing.T) {
	for text, want := range map[string]Fault{
		"RunCommand=Invocation.ExceedQuota*3":       {Action: "RunCommand", Code: "Invocation.ExceedQuota", Times: 3},
		"runcommand = THROTTLING*1":                 {Action: "RunCommand", Code: "Throttling", Times: 1},
		"Task=deliverytimeout*1":                    {Action: "task", Code: "DeliveryTimeout", Times: 1},
		"file=FileCreateFail":                       {Action: "file", Code: "FileCreateFail"},
		"DescribeRegions=MissingParameter.Whatever": {Action: "DescribeRegions", Code: "MissingParameter.Whatever"},
		"RunCommand=Throttling.User@20%":            {Action: "RunCommand", Code: "Throttling.User", Share: 20},
		"runcommand=DROP*2":                         {Action: "RunCommand", Code: "drop", Times: 2},
		"RunCommand=cut@100%":                       {Action: "RunCommand", Code: "cut", Share: 100},
		"RunCommand=slow: 500ms*1":                  {Action: "RunCommand", Code: "slow", Detail: "500ms", Times: 1},
		"describeinvocations=stale:2s":              {Action: "DescribeInvocations", Code: "stale", Detail: "2s"},
		"RunCommand=quota:100/m":                    {Action: "RunCommand", Code: "quota", Detail: "100/m"},
		"task=hang":                                 {Action: "task", Code: "hang"},
		"TASK=lost*1":                               {Action: "task", Code: "lost", Times: 1},
		"instance=offline@10%":                      {Action: "instance", Code: "offline", Share: 10},
		"Instance=Offline:3*2":                      {Action: "instance", Code: "offline", Detail: "3", Times: 2},
		"instance=invalidinstance.notfound*2":       {Action: "instance", Code: "InvalidInstance.NotFound", Times: 2},
		"i-lab00007=offline:1":                      {Action: "i-lab00007", Code: "offline", Detail: "1"},
		"i-lab00007=invalidinstancestatus":          {Action: "i-lab00007", Code: "InvalidInstanceStatus"},
	} {
		got, err := ParseFault(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v", text, got, err)
			continue
		}
		if again, err := ParseFault(got.String()); err != nil || again != got {
			t.Errorf("%q: %+v, %v", got, again, err)
		}
	}
	for text, want := range map[string]string{
		"": "want ACTION=CODE", "RunCommand": "want ACTION=CODE", "=Throttling": "want ACTION=CODE", "RunCommand=*2": "want ACTION=CODE",
		"RunCommand=Throttling*": "invalid number of times", "RunCommand=Throttling*0": "invalid number of times", "RunCommand=Throttling*x": "invalid number of times",
		"Run=Throttling": "unknown action Run", "RunCommand=Nothing": "unknown code Nothing", "task=Throttling": "want an action such as",
		"RunCommand=DeliveryTimeout": "want task=DeliveryTimeout",
		"RunCommand=Throttling@20":   "invalid share", "RunCommand=Throttling@0%": "invalid share", "RunCommand=Throttling@101%": "invalid share",
		"RunCommand=slow": "want RunCommand=slow:500ms", "RunCommand=slow:-1s": "want RunCommand=slow:500ms", "RunCommand=slow:": "want ACTION=CODE",
		"RunCommand=slow:1h": "at most 30s", "RunCommand=stale:2s": "want DescribeInvocations=stale:2s", "RunCommand=drop:2s": "nothing after a colon",
		"RunCommand=Throttling:2s": "nothing after a colon", "RunCommand=quota:0/m": "want RunCommand=quota:100/m",
		"RunCommand=quota:5/h": "want RunCommand=quota:100/m", "RunCommand=quota:5/m*2": "neither", "RunCommand=hang": "unknown code hang",
		"task=drop": "unknown code drop", "file=hang": "unknown code hang", "instance=Throttling": "want instance=offline", "instance=offline:0": "want instance=offline",
		"instance=offline:1s": "want instance=offline", "instance=InvalidInstance.NotFound:1": "nothing after", "instance=refused": "such as instance=InvalidInstance.NotFound",
		"i-lab00001=Throttling": "want i-lab00001=offline", "i-lab00001=offline*1": "neither", "i-lab00001=InvalidInstanceStatus@5%": "neither",
		"i-lab/1=offline": "unknown action i-lab/1",
	} {
		if _, err := ParseFault(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestInvalidFaults(t *testing.T) {
	bad := []Fault{{Action: "task", Code: "Nothing"}}
	if l, err := New(Options{Faults: bad}); err == nil {
		l.Close()
		t.Error("New accepted an invalid fault")
	}
	b := openFaulty(t, 1, "DescribeRegions=Throttling")
	for _, list := range [][]Fault{bad, {{Action: "RunCommand", Code: "Throttling", Times: -1}}} {
		if b.lab.SetFaults(list) == nil {
			t.Errorf("SetFaults accepted %v", list)
		}
	}
	_, err := b.DescribeRegions(t.Context(), &assist.DescribeRegionsRequest{})
	wantRefused(t, err, "400 Throttling") // the faults are unchanged
}

func TestRefusedCalls(t *testing.T) {
	for text, want := range map[string]string{
		"RunCommand=Invocation.ExceedQuota":                      "403 Invocation.ExceedQuota",
		"RunCommand=CmdCount.ExceedQuota":                        "403 CmdCount.ExceedQuota",
		"RunCommand=Throttling.User":                             "400 Throttling.User",
		"RunCommand=InternalError.Dispatch":                      "500 InternalError.Dispatch",
		"RunCommand=ServiceUnavailable":                          "503 ServiceUnavailable",
		"RunCommand=Forbidden.RAM":                               "403 Forbidden.RAM",
		"RunCommand=ParameterStore.NoPermission":                 "403 ParameterStore.NoPermission",
		"RunCommand=OperationDenied.BidOwnResource":              "403 OperationDenied.BidOwnResource",
		"RunCommand=WindowsPasswordName.Missed":                  "400 WindowsPasswordName.Missed",
		"RunCommand=InvalidOssOutputDelivery.BucketAccessDenied": "403 InvalidOssOutputDelivery.BucketAccessDenied",
	} {
		b := openFaulty(t, 1, text)
		_, err := b.RunCommand(t.Context(), shell("true"))
		wantRefused(t, err, want)
		if n, calls := len(b.lab.Executions()), b.lab.Calls()["RunCommand"]; n != 0 || calls != 1 || b.lab.FaultCounts()[text] != 1 {
			t.Errorf("%s: %d executions, %d calls, %v", text, n, calls, b.lab.FaultCounts())
		}
	}
}

// TestStatusByAction uses a code that is documented with different HTTP statuses for two actions.
func TestStatusByAction(t *testing.T) {
	b := openFaulty(t, 1, "InvokeCommand=WindowsPasswordName.Missed")
	id := b.create("x", "true")
	_, err := b.InvokeCommand(t.Context(), &assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: id, InstanceId: []string{nth(1)}})
	wantRefused(t, err, "403 WindowsPasswordName.Missed")
}

func TestFaultTimes(t *testing.T) {
	b := openFaulty(t, 1, "DescribeInstances=Throttling*2", "DescribeInstances=Forbidden.RAM*1")
	var got []string
	for range 4 {
		_, err := b.DescribeInstances(t.Context(), &assist.DescribeInstancesRequest{RegionId: "cn-hangzhou"})
		got = append(got, refusedWith(err))
		refused, _ := errors.AsType[*assist.Error](err)
		if throttled := refused != nil && refused.Throttled(); throttled != (refused != nil && refused.RetryAfter == 200*time.Millisecond) {
			t.Errorf("%+v", refused)
		}
	}
	if text := strings.Join(got, ", "); text != "400 Throttling, 400 Throttling, 403 Forbidden.RAM, <nil>" {
		t.Error(text)
	}
	want := map[string]int{"DescribeInstances=Throttling*2": 2, "DescribeInstances=Forbidden.RAM*1": 1}
	if got := b.lab.FaultCounts(); !maps.Equal(got, want) {
		t.Error(got)
	}
	if err := b.lab.SetFaults([]Fault{{Action: "DescribeInstances", Code: "throttling", Times: 2}}); err != nil {
		t.Fatal(err)
	}
	_, err := b.DescribeInstances(t.Context(), &assist.DescribeInstancesRequest{RegionId: "cn-hangzhou"})
	wantRefused(t, err, "400 Throttling")
	if got := b.lab.FaultCounts()["DescribeInstances=Throttling*2"]; got != 3 {
		t.Errorf("counted %d", got)
	}
}

func TestFaultsComeAfterValidation(t *testing.T) {
	b := openFaulty(t, 1, "RunCommand=Throttling")
	r := shell("")
	_, err := b.RunCommand(t.Context(), r)
	wantRefused(t, err, "400 MissingParameter.CommandContent")
	w := serve(b.lab, query(b.lab, http.MethodGet, map[string]string{"Action": "RunCommand", "Signature": "x", "AccessKeyId": "nobody"}))
	if code := errorBody(t, w).Code; code == "Throttling" {
		t.Error("an unsigned call is throttled")
	}
	if n := len(b.lab.FaultCounts()); n != 0 {
		t.Error(b.lab.FaultCounts())
	}
}

func TestRefusedCallDoesNotUseItsToken(t *testing.T) {
	b := openFaulty(t, 1, "RunCommand=InternalError*1")
	r := shell("true")
	r.ClientToken = "once"
	_, err := b.RunCommand(t.Context(), r)
	wantRefused(t, err, "500 InternalError")
	first := b.submit(r)
	if second := b.submit(r); second != first {
		t.Errorf("the same token submitted %s and then %s", first, second)
	}
	b.settle(first)
	if n := len(b.lab.Executions()); n != 1 {
		t.Errorf("%d executions", n)
	}
}

func TestTaskFaults(t *testing.T) {
	type ending struct {
		Status                    assist.Status
		Code                      string
		Explained                 bool
		Output                    string
		Failed, Started, Finished bool
	}
	for code, status := range map[string]assist.Status{
		"InstanceNotExists": assist.StatusAborted, "InstanceNotRunning": assist.StatusAborted, "ClientNotRunning": assist.StatusAborted,
		"ClientNotResponse": assist.StatusAborted, "ClientIsUpgrading": assist.StatusAborted, "ClientNeedUpgrade": assist.StatusAborted,
		"DeliveryTimeout": assist.StatusAborted, "SecurityGroupRuleDenied": assist.StatusAborted, "TaskConcurrencyLimit": assist.StatusAborted,
		"CommandNotApplicable": assist.StatusInvalid, "AccountNotExists": assist.StatusInvalid, "DirectoryNotExists": assist.StatusInvalid,
		"BadCronExpression": assist.StatusInvalid, "InstanceReleased": assist.StatusError, "ExecutionException": assist.StatusError,
		"ExecutionInterrupted": assist.StatusError, "ExitCodeNonzero": assist.StatusFailed, "ExecutionTimeout": assist.StatusTimeout,
	} {
		b := openFaulty(t, 2, "task="+code+"*1")
		r := shell("echo hello")
		r.InstanceId = []string{nth(1), nth(2)}
		inv := b.settle(b.submit(r))
		failed := 0
		for _, it := range inv.InvokeInstances.InvokeInstance {
			if it.ErrorCode == "" {
				continue
			}
			failed++
			ran := status == assist.StatusFailed || status == assist.StatusTimeout
			got := ending{it.Status(), it.ErrorCode, it.ErrorInfo != "", it.Output, it.ExitCode == 1, it.StartTime != "", it.FinishTime != ""}
			if diff := cmp.Diff(ending{status, code, true, "", ran, ran, ran}, got); diff != "" {
				t.Error(diff)
			}
		}
		if n := len(b.lab.Executions()); failed != 1 || n != 1 || inv.InvocationStatus != "PartialFailed" {
			t.Errorf("%s: %d failed, %d executed, %s", code, failed, n, inv.InvocationStatus)
		}
	}
}

func TestFaultsUnderLoad(t *testing.T) {
	b := openFaulty(t, 1, "DescribeRegions=Throttling*50")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 25 {
				_, _ = b.DescribeRegions(t.Context(), &assist.DescribeRegionsRequest{})
				b.lab.FaultCounts()
			}
		})
	}
	wg.Wait()
	if n := b.lab.FaultCounts()["DescribeRegions=Throttling*50"]; n != 50 {
		t.Errorf("%d times", n)
	}
}
