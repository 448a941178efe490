package render

import (
	"fmt"
	"io"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// BenchmarkTableOf100000 writes the table of a run from its state only, so that it includes finding shared names.
func BenchmarkTableOf100000(b *testing.B) {
	for _, format := range []Format{Table, Wide} {
		b.Run(string(format), func(b *testing.B) {
			outputs := stored{}
			targets := mixedTargets(100_000, outputs)
			b.ReportAllocs()
			for b.Loop() {
				s := fleet.NewState()
				s.RunId, s.Action, s.Sites, s.Targets = "r-1", "RunCommand", []fleet.Site{hangzhou()}, targets
				if err := Write(io.Discard, format, NewRun(s, outputs, nil), Style{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// mixedTargets returns targets of which some failed, with a few different outputs.
func mixedTargets(n int, outputs stored) []fleet.TargetState {
	targets := make([]fleet.TargetState, n)
	for i := range targets {
		t := &targets[i]
		t.InstanceId, t.InstanceName, t.Site = fmt.Sprintf("i-bp%018d", i), fmt.Sprintf("web-%06d", i), hangzhou()
		t.Wave, t.InvokeId, t.HasResult = 1, fmt.Sprint("t-", i/50), true
		t.StartTime, t.FinishTime = "2026-01-02T03:04:05Z", fmt.Sprintf("2026-01-02T03:04:%02dZ", 5+i%50)
		t.Cause, t.InvocationStatus, t.Output = fleet.CauseSuccess, assist.StatusSuccess, outputs.add("deployed\n")
		switch {
		case i%97 == 0:
			t.Cause, t.InvocationStatus, t.ErrorCode = fleet.CauseExit, assist.StatusFailed, "ExitCodeNonzero"
			t.ExitCode, t.Output = int64(1+i%3), outputs.add("no space left\n")
		case i%401 == 0:
			t.Cause, t.InvocationStatus, t.ErrorCode = fleet.CauseUndelivered, assist.StatusFailed, "ClientNotResponse"
			t.ErrorInfo, t.Output = fmt.Sprintf("the agent on %s did not answer", t.InstanceId), fleet.OutputKey{}
		}
	}
	return targets
}
