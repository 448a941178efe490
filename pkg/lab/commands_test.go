//go:build unix

package lab

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"muster/pkg/assist"
)

// create saves a command.
func (b *client) create(name, content string, change ...func(r *assist.CreateCommandRequest)) (commandID string) {
	b.t.Helper()
	r := &assist.CreateCommandRequest{
		RegionId: "cn-hangzhou", Name: name, Type: "RunShellScript", CommandContent: content, ContentEncoding: assist.PlainText,
	}
	for _, f := range change {
		f(r)
	}
	answer, err := b.CreateCommand(b.t.Context(), r)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.CommandId
}

func (b *client) commands(r assist.DescribeCommandsRequest) []assist.Command {
	b.t.Helper()
	r.RegionId = "cn-hangzhou"
	answer, err := b.DescribeCommands(b.t.Context(), &r)
	if err != nil {
		b.t.Fatal(err)
	}
	if n := int64(len(answer.Commands.Command)); answer.TotalCount != n {
		b.t.Errorf("%d commands, TotalCount %d", n, answer.TotalCount)
	}
	return answer.Commands.Command
}

func TestCommands(t *testing.T) {
	b := openFleet(t, 1)
	id := b.create("deploy web", "echo {{Name}}", func(r *assist.CreateCommandRequest) {
		r.EnableParameter, r.Description, r.Launcher, r.WorkingDir, r.Timeout = true, "to the web", "sh", "/", 70
		r.Tag = []assist.Tag{{Key: "team", Value: "a"}}
	})
	b.create("deploy db", "true")
	got := b.commands(assist.DescribeCommandsRequest{CommandId: id})
	if len(got) != 1 {
		t.Fatal(got)
	}
	want := assist.Command{
		CommandId: id, Name: "deploy web", Type: "RunShellScript", Description: "to the web", CommandContent: "ZWNobyB7e05hbWV9fQ==",
		WorkingDir: "/", Timeout: 70, EnableParameter: true, CreationTime: got[0].CreationTime, Launcher: "sh",
	}
	want.ParameterNames.ParameterName = []string{"name"}
	want.Tags.Tag = []assist.TagPair{{TagKey: "team", TagValue: "a"}}
	if diff := cmp.Diff(want, got[0], cmpopts.EquateEmpty()); diff != "" || assist.ParseTime(want.CreationTime).IsZero() {
		t.Errorf("command (-want +got):\n%s", diff)
	}
	for want, filters := range map[string][]assist.DescribeCommandsRequest{
		"deploy db,deploy web,": {{}, {Name: "deploy*"}, {Name: "*ep*"}, {Type: "RunShellScript"}, {Name: "*"}},
		"deploy web,":           {{Name: "*web"}, {Name: "deploy web"}, {Description: "to*"}, {Tag: []assist.Tag{{Key: "team"}}}, {Tag: []assist.Tag{{Key: "team", Value: "a"}}}},
		"":                      {{Name: "deploy"}, {Provider: "AlibabaCloud"}, {Type: "RunBatScript"}, {Tag: []assist.Tag{{Key: "team", Value: "b"}}}, {CommandId: "c-x"}, {Name: "eplo*"}},
	} {
		for _, filter := range filters {
			names := ""
			for _, it := range b.commands(filter) {
				names += it.Name + ","
			}
			if names != want {
				t.Errorf("%+v: %q, want %q", filter, names, want)
			}
		}
	}
}

func TestKeepCommand(t *testing.T) {
	b := openFleet(t, 1)
	b.settle(b.submit(shell("true")))
	if got := b.commands(assist.DescribeCommandsRequest{}); len(got) != 0 {
		t.Error(got)
	}
	r := shell("echo kept")
	r.KeepCommand, r.Name = true, "keeper"
	answer, err := b.RunCommand(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	b.settle(answer.InvokeId)
	got := b.commands(assist.DescribeCommandsRequest{ContentEncoding: assist.PlainText})
	want := []assist.Command{{
		CommandId: answer.CommandId, Name: "keeper", Type: "RunShellScript", CommandContent: "echo kept", Timeout: 60, InvokeTimes: 1,
	}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.IgnoreFields(assist.Command{}, "CreationTime")); diff != "" {
		t.Errorf("commands (-want +got):\n%s", diff)
	}
	again, err := b.InvokeCommand(t.Context(), &assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: answer.CommandId, InstanceId: []string{nth(1)}})
	if err != nil {
		t.Fatal(err)
	}
	if it := b.settle(again.InvokeId).InvokeInstances.InvokeInstance[0]; it.Output != "kept\n" {
		t.Errorf("%+v", it)
	}
	if got := b.commands(assist.DescribeCommandsRequest{}); got[0].InvokeTimes != 2 {
		t.Error(got)
	}
}

func TestInvokeCommand(t *testing.T) {
	b := openFleet(t, 1)
	id := b.create("greet", "echo hello {{who}} in $PWD", func(r *assist.CreateCommandRequest) {
		r.EnableParameter, r.WorkingDir, r.Timeout = true, "/usr", 99
	})
	fixed := b.create("fixed", "true")
	invoke := func(change func(r *assist.InvokeCommandRequest)) (*assist.InvokeCommandResponse, error) {
		r := &assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: id, InstanceId: []string{nth(1)}}
		change(r)
		return b.InvokeCommand(t.Context(), r)
	}
	for want, change := range map[string]func(r *assist.InvokeCommandRequest){
		"hello Jack in /usr\n": func(r *assist.InvokeCommandRequest) { r.Parameters = map[string]string{"WHO": "Jack"} },
		"hello in /\n":         func(r *assist.InvokeCommandRequest) { r.WorkingDir = "/" },
	} {
		answer, err := invoke(change)
		if err != nil {
			t.Fatal(err)
		}
		inv := b.settle(answer.InvokeId)
		got := []any{inv.InvokeInstances.InvokeInstance[0].Output, inv.Timeout, inv.CommandName, inv.CommandId}
		if diff := cmp.Diff([]any{want, int64(99), "greet", id}, got); diff != "" {
			t.Errorf("invocation (-want +got):\n%s", diff)
		}
	}
	for want, change := range map[string]func(r *assist.InvokeCommandRequest){
		"404 InvalidCmdId.NotFound":                   func(r *assist.InvokeCommandRequest) { r.CommandId = "c-none" },
		"400 Parameter.Disabled":                      func(r *assist.InvokeCommandRequest) { r.CommandId, r.Parameters = fixed, map[string]string{"a": "b"} },
		"403 Parameter.NotMatched":                    func(r *assist.InvokeCommandRequest) { r.Parameters = map[string]string{"other": "b"} },
		"404 InvalidInstance.NotFound":                func(r *assist.InvokeCommandRequest) { r.InstanceId = []string{"i-none"} },
		"400 InvalidParam.Frequency":                  func(r *assist.InvokeCommandRequest) { r.Frequency = "rate(90s)" }, // shorter than the timeout of the command
		"404 InvalidOssOutputDelivery.BucketNotFound": func(r *assist.InvokeCommandRequest) { r.OssOutputDelivery = "oss://bucket/x" },
	} {
		_, err := invoke(change)
		wantRefused(t, err, want)
	}
}

func TestDeleteCommand(t *testing.T) {
	b := openFleet(t, 1)
	remove := func(id string) error {
		_, err := b.DeleteCommand(t.Context(), &assist.DeleteCommandRequest{RegionId: "cn-hangzhou", CommandId: id})
		return err
	}
	id := b.create("long", "echo started; exec sleep 600")
	other := b.create("other", "true")
	answer, err := b.InvokeCommand(t.Context(), &assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: id, InstanceId: []string{nth(1)}})
	if err != nil {
		t.Fatal(err)
	}
	wantRefused(t, remove(id), "403 InvalidStatus.CmdIdInUse")
	b.stop(answer.InvokeId)
	b.settle(answer.InvokeId)
	wantRefused(t, remove(id), "<nil>")
	wantRefused(t, remove(id), "404 InvalidCmdId.NotFound")
	wantRefused(t, remove(""), "400 MissingParameter.CommandId")
	if got := b.commands(assist.DescribeCommandsRequest{}); len(got) != 1 || got[0].CommandId != other {
		t.Error(got)
	}
	if got := b.describe(answer.InvokeId); got.CommandName != "long" {
		t.Errorf("the invocation no longer has its command: %+v", got)
	}
}

func TestMatchesPattern(t *testing.T) {
	for _, c := range []struct {
		text, pattern string
		want          bool
	}{
		{"abc", "abc", true}, {"abc", "ab", false}, {"abc", "*", true}, {"", "*", true}, {"abc", "a*", true}, {"abc", "*c", true},
		{"abc", "*b*", true}, {"abc", "a*c", true}, {"abc", "a*b", false}, {"abc", "b*", false}, {"aXbXc", "a*b*c", true},
		{"ab", "ab*b", false}, {"abab", "*ab", true}, {"a", "a*a", false}, {"a[b]?", "a[b]?", true}, {"axb", "a?b", false},
	} {
		if got := matchesPattern(c.text, c.pattern); got != c.want {
			t.Errorf("%q, pattern %q: %v", c.text, c.pattern, got)
		}
	}
}
