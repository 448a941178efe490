//go:build unix

package cmd

import (
	"strings"
	"testing"

	"muster/pkg/assist"
)

// TestCoverageDefaults holds what the documents say of parameters that are left out.
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
	if got.Timeout != 60 || got.RepeatMode != "Once" || got.Timed || got.Frequency != "" || got.Parameters != "{}" {
		t.Errorf("Timeout, RepeatMode, Timed, Frequency or Parameters: %+v", got)
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
	if err != nil || all.PageNumber != 1 || all.PageSize != 10 || all.TotalCount != 13 || len(all.Invocations.Invocation) != 10 {
		t.Errorf("PageNumber, PageSize or Timed: %+v, %v", all.Paged, err)
	}
}
