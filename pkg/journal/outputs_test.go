package journal

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/fleet"
)

// TestOutputIn wants the output of a line whatever stands in it and around it.
func TestOutputIn(t *testing.T) {
	piece := rapid.SampledFrom([]string{`"`, `\`, `\"`, `"Output":"no"`, `,"Output":`, "\n", "text", "\xff", "<&>", "é", "}"})
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) (text string) {
			for _, p := range rapid.SliceOfN(piece, 0, 6).Draw(t, name) {
				text += p
			}
			return text
		}
		event := fleet.Event{Event: fleet.OutputEvent, Message: text("message"), Result: &fleet.Result{
			TargetStatus: fleet.TargetStatus{InstanceId: text("id"), ErrorInfo: text("info")}, Output: fleet.Output(text("output")), Lost: rapid.Bool().Draw(t, "lost"),
		}}
		line, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := outputIn(line); err != nil || got != event.Result.Output {
			t.Fatalf("%q, %v, want %q in %s", got, err, event.Result.Output, line)
		}
	})
}
