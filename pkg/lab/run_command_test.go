//go:build unix

package lab

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"muster/pkg/assist"
)

func TestRunCommandRefusals(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(60)})
	b := open(t, l)
	for n, change := range map[int]func(it *Instance){
		2: func(it *Instance) { it.Status = "Stopped" },
		3: func(it *Instance) { it.OSType = "windows" },
		4: func(it *Instance) { it.AgentVersion = "" },
		5: func(it *Instance) { it.InstanceNetworkType = "classic" },
	} {
		if err := l.SetInstance(nth(n), change); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		change func(r *assist.RunCommandRequest)
		want   string
		names  string // the instance or number in the message
	}{
		"unknown instance":    {func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(1), "i-none"} }, "404 InvalidInstance.NotFound", "i-none"},
		"stopped instance":    {func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(1), nth(2)} }, "400 InvalidInstanceStatus", nth(2)},
		"windows":             {func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(1), nth(3)} }, "400 InvalidInstance.NotMatch", nth(3)},
		"no agent":            {func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(4)} }, "400 InvalidInstance.NoClient", nth(4)},
		"batch file on Linux": {func(r *assist.RunCommandRequest) { r.Type = "RunBatScript" }, "400 InvalidInstance.NotMatch", nth(1)},
		"no targets":          {func(r *assist.RunCommandRequest) { r.InstanceId = nil }, "400 MissingParam.InstanceId", ""},
		"no content":          {func(r *assist.RunCommandRequest) { r.CommandContent = "" }, "400 MissingParameter.CommandContent", ""},
		"no such type":        {func(r *assist.RunCommandRequest) { r.Type = "RunPerl" }, "404 InvalidCmdType.NotFound", ""},
		"classic network":     {func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(5)} }, "400 InvalidInstance.NotVpc", nth(5)},
		"bucket":              {func(r *assist.RunCommandRequest) { r.OssOutputDelivery = "oss://bucket/x" }, "404 InvalidOssOutputDelivery.BucketNotFound", ""},
		"parameter store":     {func(r *assist.RunCommandRequest) { r.CommandContent, r.EnableParameter = "{{oos:x}}", true }, "403 ParameterStore.NotSupported", ""},
		"tags without instances": {func(r *assist.RunCommandRequest) {
			r.InstanceId, r.ResourceTag = nil, []assist.Tag{{Key: "env", Value: "prod"}}
		}, "400 InvalidResourceTag.InstanceNotFound", ""},
		"tag without a value": {func(r *assist.RunCommandRequest) { r.InstanceId, r.ResourceTag = nil, []assist.Tag{{Key: "index"}} }, "400 InvalidResourceTag.InstanceNotFound", ""},
		"tags of too many instances": {func(r *assist.RunCommandRequest) {
			r.InstanceId, r.ResourceTag = nil, []assist.Tag{{Key: "env", Value: "lab"}}
		}, "403 InstanceIds.ExceedLimit", "60"},
		"too large with parameters": {func(r *assist.RunCommandRequest) {
			r.EnableParameter, r.CommandContent = true, "echo {{a}}"+strings.Repeat(" ", 10000)
			r.Parameters = map[string]string{"a": strings.Repeat("x", 9000)}
		}, "403 CmdContent.ExceedLimit", ""},
		"too large to keep with parameters": {func(r *assist.RunCommandRequest) {
			r.KeepCommand, r.EnableParameter, r.CommandContent = true, true, "echo {{a}}"+strings.Repeat(" ", 10000)
			r.Parameters = map[string]string{"a": strings.Repeat("x", 4000)}
		}, "403 CmdContent.ExceedLimit", ""},
	} {
		for _, mode := range []string{"", "DryRun"} {
			r := shell("true")
			r.RepeatMode = mode
			c.change(r)
			_, err := b.RunCommand(t.Context(), r)
			if got := refusedWith(err); got != c.want || !strings.Contains(err.Error(), c.names) {
				t.Errorf("%s %s: %v, want %s", name, mode, err, c.want)
			}
		}
	}
	if n := len(l.own.store.invocations); n != 0 || len(l.Executions()) != 0 {
		t.Errorf("%d invocations, %d executions", n, len(l.Executions()))
	}
}

func TestDryRun(t *testing.T) {
	b := openFleet(t, 1)
	r := shell("true")
	r.RepeatMode, r.KeepCommand = "DryRun", true
	answer, err := b.RunCommand(t.Context(), r)
	if err != nil || answer.InvokeId == "" || answer.CommandId == "" {
		t.Fatal(answer, err)
	}
	if n := len(b.lab.own.store.invocations) + len(b.lab.own.store.commands) + len(b.lab.Executions()); n != 0 {
		t.Errorf("the dry run left %d records", n)
	}
}

func TestTargetsByTag(t *testing.T) {
	b := openFleet(t, 9)
	r := shell("true")
	r.InstanceId, r.ResourceTag = nil, []assist.Tag{{Key: "env", Value: "lab"}, {Key: "role", Value: "db"}}
	var got []string
	for _, it := range b.settle(b.submit(r)).InvokeInstances.InvokeInstance {
		got = append(got, it.InstanceId)
	}
	if want := []string{nth(2), nth(5), nth(8)}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestInvocationFields(t *testing.T) {
	b := openFleet(t, 1)
	r := shell("ZWNobyBoaQ==")
	r.ContentEncoding, r.Name, r.Description, r.Timeout = "base64", "Name Ä", "what it does", 61
	r.Tag = []assist.Tag{{Key: "run", Value: "1"}}
	r.TerminationMode, r.Launcher, r.WorkingDir, r.ResourceGroupId = "ProcessTree", "sh", "/", "rg-1"
	answer, err := b.RunCommand(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	tags := []assist.TagPair{{TagKey: "run", TagValue: "1"}}
	want := assist.Invocation{
		InvokeId: answer.InvokeId, CommandId: answer.CommandId, CommandName: "Name Ä", CommandType: "RunShellScript",
		CommandDescription: "what it does", CommandContent: "echo hi", Parameters: "{}", RepeatMode: "Once", Timeout: 61, WorkingDir: "/",
		TerminationMode: "ProcessTree", Launcher: "sh", InvokeStatus: "Finished", InvocationStatus: "Success",
	}
	want.Tags.Tag = tags
	ignored := cmpopts.IgnoreFields(assist.Invocation{}, "CreationTime", "InvokeInstances")
	if diff := cmp.Diff(want, b.settle(answer.InvokeId), ignored); diff != "" {
		t.Errorf("invocation (-want +got):\n%s", diff)
	}
	results, err := b.DescribeInvocationResults(t.Context(), &assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: answer.InvokeId})
	if err != nil {
		t.Fatal(err)
	}
	got := results.Invocation.InvocationResults.InvocationResult[0]
	wantResult := assist.InvocationResult{
		CommandId: answer.CommandId, InvokeId: answer.InvokeId, InstanceId: nth(1), InvocationStatus: "Success", InvokeRecordStatus: "Finished",
		Output: "aGkK", Repeats: 1, TerminationMode: "ProcessTree", Launcher: "sh",
	}
	wantResult.Tags.Tag = tags
	ignored = cmpopts.IgnoreFields(assist.InvocationResult{}, "StartTime", "FinishedTime")
	if diff := cmp.Diff(wantResult, got, ignored); diff != "" || got.FinishedTime == "" {
		t.Errorf("result, finished at %q (-want +got):\n%s", got.FinishedTime, diff)
	}
}
