//go:build unix

package cmd

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

// TestCoverageDefaults checks the documented defaults of parameters that are left out.
func TestCoverageDefaults(t *testing.T) {
	o := newObservedLab(t, 1)
	for range 12 {
		o.submit(func(r *assist.RunCommandRequest) { r.RepeatMode = "NextRebootOnly" }, "true", nth(1))
	}
	invokeID := o.submit(func(r *assist.RunCommandRequest) { r.ContentEncoding = "no encoding's name" }, "echo '{{name}}' $HOME; pwd", nth(1))
	o.untilAll(invokeID, assist.StatusSuccess)
	page, err := o.client.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{
		RegionId: labRegion, InvokeId: invokeID, IncludeOutput: true, ContentEncoding: assist.PlainText,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := page.Invocations.Invocation[0]
	want := assist.Invocation{Timeout: 60, RepeatMode: "Once", Parameters: "{}"}
	defaults := assist.Invocation{
		Timeout: got.Timeout, RepeatMode: got.RepeatMode, Timed: got.Timed, Frequency: got.Frequency, Parameters: got.Parameters,
	}
	if diff := cmp.Diff(want, defaults); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	output := got.InvokeInstances.InvokeInstance[0].Output
	first, dir, _ := strings.Cut(output, "\n")
	if home, ok := strings.CutPrefix(first, "{{name}} "); !ok || home == "" || dir != home+"\n" {
		t.Errorf("EnableParameter, ContentEncoding or WorkingDir: %q", output)
	}
	commands, err := o.client.DescribeCommands(t.Context(), &assist.DescribeCommandsRequest{RegionId: labRegion})
	if err != nil || len(commands.Commands.Command) != 0 {
		t.Errorf("KeepCommand: %+v, %v", commands, err)
	}
	all, err := o.client.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: labRegion})
	if err != nil {
		t.Fatal(err)
	}
	counts := []int64{all.PageNumber, all.PageSize, all.TotalCount, int64(len(all.Invocations.Invocation))}
	if diff := cmp.Diff([]int64{1, 10, 13, 10}, counts); diff != "" {
		t.Errorf("PageNumber, PageSize, TotalCount and invocations (-want +got):\n%s", diff)
	}
}
