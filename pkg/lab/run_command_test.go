//go:build unix

package lab

import (
	"slices"
	"strings"
	"testing"

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
		names  string // in the message
	}{
		"unknown instance": {func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(1), "i-none"} }, "404 InvalidInstance.NotFound", "i-none"},
		"stopped instance": {func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(1), nth(2)} }, "400 InvalidInstanceStatus", nth(2)},
		"windows":          {func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(1), nth(3)} }, "400 InvalidInstance.NotMatch", nth(3)},
		"no agent":         {func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(4)} }, "400 InvalidInstance.NoClient", nth(4)},
		"a bat on linux":   {func(r *assist.RunCommandRequest) { r.Type = "RunBatScript" }, "400 InvalidInstance.NotMatch", nth(1)},
		"no targets":       {func(r *assist.RunCommandRequest) { r.InstanceId = nil }, "400 MissingParam.InstanceId", ""},
		"no content":       {func(r *assist.RunCommandRequest) { r.CommandContent = "" }, "400 MissingParameter.CommandContent", ""},
		"no such type":     {func(r *assist.RunCommandRequest) { r.Type = "RunPerl" }, "404 InvalidCmdType.NotFound", ""},
		"classic network":  {func(r *assist.RunCommandRequest) { r.InstanceId = []string{nth(5)} }, "400 InvalidInstance.NotVpc", nth(5)},
		"bucket":           {func(r *assist.RunCommandRequest) { r.OssOutputDelivery = "oss://bucket/x" }, "404 InvalidOssOutputDelivery.BucketNotFound", ""},
		"parameter store":  {func(r *assist.RunCommandRequest) { r.CommandContent, r.EnableParameter = "{{oos:x}}", true }, "403 ParameterStore.NotSupported", ""},
		"tags of none": {func(r *assist.RunCommandRequest) {
			r.InstanceId, r.ResourceTag = nil, []assist.Tag{{Key: "env", Value: "prod"}}
		}, "400 InvalidResourceTag.InstanceNotFound", ""},
		"a tag's empty value": {func(r *assist.RunCommandRequest) { r.InstanceId, r.ResourceTag = nil, []assist.Tag{{Key: "index"}} }, "400 InvalidResourceTag.InstanceNotFound", ""},
		"tags of too many": {func(r *assist.RunCommandRequest) {
			r.InstanceId, r.ResourceTag = nil, []assist.Tag{{Key: "env", Value: "lab"}}
		}, "403 InstanceIds.ExceedLimit", "60"},
		"large with parameters": {func(r *assist.RunCommandRequest) {
			r.EnableParameter, r.CommandContent = true, "echo {{a}}"+strings.Repeat(" ", 10000)
			r.Parameters = map[string]string{"a": strings.Repeat("x", 9000)}
		}, "403 CmdContent.ExceedLimit", ""},
		"large to keep, with parameters": {func(r *assist.RunCommandRequest) {
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
		t.Errorf("it left %d behind", n)
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

func TestWhatAnInvocationTells(t *testing.T) {
	b := openFleet(t, 1)
	r := shell("ZWNobyBoaQ==")
	r.ContentEncoding, r.Name, r.Description, r.Timeout = "base64", "Name Ä", "what it does", 61
	r.Tag = []assist.Tag{{Key: "run", Value: "1"}}
	r.TerminationMode, r.Launcher, r.WorkingDir, r.ResourceGroupId = "ProcessTree", "sh", "/", "rg-1"
	answer, err := b.RunCommand(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	got := b.settle(answer.InvokeId)
	if got.CommandId != answer.CommandId || got.CommandName != "Name Ä" || got.CommandType != "RunShellScript" || got.CommandContent != "echo hi" ||
		got.CommandDescription != "what it does" || got.Timeout != 61 || got.Parameters != "{}" || got.RepeatMode != "Once" || got.Timed ||
		got.TerminationMode != "ProcessTree" || got.Launcher != "sh" || got.WorkingDir != "/" || got.Frequency != "" ||
		len(got.Tags.Tag) != 1 || got.Tags.Tag[0] != (assist.TagPair{TagKey: "run", TagValue: "1"}) ||
		got.InvocationStatus != "Success" || got.InvokeStatus != "Finished" {
		t.Errorf("%+v", got)
	}
	results, err := b.DescribeInvocationResults(t.Context(), &assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: answer.InvokeId})
	if err != nil {
		t.Fatal(err)
	}
	result := results.Invocation.InvocationResults.InvocationResult[0]
	if result.Output != "aGkK" || result.InvocationStatus != "Success" || result.InvokeRecordStatus != "Finished" || result.FinishedTime == "" ||
		result.CommandId != answer.CommandId || result.InstanceId != nth(1) || result.TerminationMode != "ProcessTree" || len(result.Tags.Tag) != 1 {
		t.Errorf("%+v", result)
	}
}
