//go:build unix

package lab

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

func TestModifyCommand(t *testing.T) {
	b := openFleet(t, 1)
	id := b.create("old", "echo $PWD", func(r *assist.CreateCommandRequest) { r.Description, r.Timeout = "kept", 70 })
	modify := func(r assist.ModifyCommandRequest) error {
		r.RegionId = "cn-hangzhou"
		_, err := b.ModifyCommand(t.Context(), &r)
		return err
	}
	show := func() assist.Command { return b.commands(assist.DescribeCommandsRequest{CommandId: id})[0] }
	want := show()

	invoke := &assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: id, InstanceId: []string{nth(1)}}
	first, err := b.InvokeCommand(t.Context(), invoke)
	if err != nil {
		t.Fatal(err)
	}
	if err := modify(assist.ModifyCommandRequest{CommandId: id, Name: "new", WorkingDir: "/usr", CommandContent: "ignored"}); err != nil {
		t.Fatal(err)
	}
	want.Name, want.WorkingDir, want.InvokeTimes = "new", "/usr", 1
	if diff := cmp.Diff(want, show()); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
	if err := modify(assist.ModifyCommandRequest{CommandId: id, Description: "other", Timeout: 80, Launcher: "sh"}); err != nil {
		t.Fatal(err)
	}
	want.Description, want.Timeout, want.Launcher = "other", 80, "sh"
	if diff := cmp.Diff(want, show()); diff != "" {
		t.Errorf("command (-want +got):\n%s", diff)
	}
	second, err := b.InvokeCommand(t.Context(), invoke)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.settle(second.InvokeId); got.InvokeInstances.InvokeInstance[0].Output != "/usr\n" || got.CommandName != "new" {
		t.Errorf("%+v", got)
	}
	if got := b.settle(first.InvokeId); got.CommandName != "old" {
		t.Errorf("an earlier invocation has changed: %+v", got)
	}

	wantRefused(t, modify(assist.ModifyCommandRequest{CommandId: "c-none", Name: "x"}), "404 InvalidCmdId.NotFound")
	wantRefused(t, modify(assist.ModifyCommandRequest{Name: "x"}), "400 MissingParameter.CommandId")
}
