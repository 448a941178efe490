package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"muster/pkg/fleet"
)

// TestOutputIn finds the output of a line whatever its text and the rest of the line.
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
		if got, _, err := outputIn(line); err != nil || got != event.Result.Output {
			t.Fatalf("%q, %v, want %q in %s", got, err, event.Result.Output, line)
		}
	})
}

// TestLinesAreLikeTheLibrarys compares lines into which outputs are inserted with those of the library.
func TestLinesAreLikeTheLibrarys(t *testing.T) {
	piece := rapid.SampledFrom([]string{`"`, `\`, `"Output":"-"`, "-", "\n", "text", "<&>", "é", "\u2028", "\xff"})
	text := rapid.Map(rapid.SliceOfN(piece, 0, 6), func(pieces []string) string { return strings.Join(pieces, "") })
	rapid.Check(t, func(t *rapid.T) {
		j, err := Temporary()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = j.Close() }()
		event := fleet.Event{Event: fleet.OutputEvent, Message: text.Draw(t, "message"), Result: &fleet.Result{
			TargetStatus: fleet.TargetStatus{InstanceId: text.Draw(t, "id"), ErrorInfo: text.Draw(t, "info")},
			Output:       fleet.Output(text.Draw(t, "output")), Lost: rapid.Bool().Draw(t, "lost"),
		}}
		want, err := jsonv2.Marshal(event, lineOptions)
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Append(event); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, j.size)
		if _, err := j.file.ReadAt(got, 0); err != nil || string(got) != string(want)+"\n" {
			t.Fatalf("%s, %v, want %s", got, err, want)
		}
		if output, err := j.Output(event.Result.OutputKey()); err != nil || output != event.Result.Output {
			t.Fatalf("%q, %v, want %q", output, err, event.Result.Output)
		}
	})
}

// TestLongLines compares a line that is written while it is encoded.
func TestLongLines(t *testing.T) {
	j, err := Temporary()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	planned := fleet.Event{Event: fleet.Planned, RunId: "run"}
	for n := range 10_000 {
		planned.Targets = append(planned.Targets, fleet.Target{InstanceId: fmt.Sprint("i-", n), InstanceName: "<web>"})
	}
	want := ""
	for _, event := range []fleet.Event{planned, {Event: fleet.Settled}, planned} {
		line, err := jsonv2.Marshal(event, lineOptions)
		if err := errors.Join(err, j.Append(event)); err != nil {
			t.Fatal(err)
		}
		want += string(line) + "\n"
	}
	got := make([]byte, j.size)
	if _, err := j.file.ReadAt(got, 0); err != nil || string(got) != want {
		t.Fatalf("%d bytes, want %d: %v", len(got), len(want), err)
	}
}
