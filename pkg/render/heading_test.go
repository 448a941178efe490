package render

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/target"
)

// twoGroups returns a run of n instances, every other one of which has the same output.
func twoGroups(n int) *Run {
	s, outputs := fleet.NewState(), stored{}
	s.RunId, s.Sites = "r-1", []fleet.Site{hangzhou()}
	keys := []fleet.OutputKey{outputs.add("even\n"), outputs.add("odd\n")}
	for i := range n {
		s.Targets = append(s.Targets, fleet.TargetState{
			TargetStatus: fleet.TargetStatus{InstanceId: fmt.Sprintf("i-%04d", i)}, InstanceName: fmt.Sprintf("web-%04d", i),
			Site: hangzhou(), Cause: fleet.CauseSuccess, Output: keys[i%2],
		})
	}
	return NewRun(s, outputs, nil)
}

func TestHeadingsFit(t *testing.T) {
	run := twoGroups(1000)
	for _, test := range []struct{ width, most int }{{0, headingColumns}, {80, 80}, {200, 200}, {10, leastHeading + len("==>  (500 instances) <==")}} {
		for _, diff := range []bool{false, true} {
			var b strings.Builder
			style := Style{Width: test.width, Grouping: Grouping{Diff: diff}}
			if _, err := run.outcomes().write(&b, style, run.numbers(0)); err != nil {
				t.Fatal(err)
			}
			headings := 0
			for line := range strings.Lines(b.String()) {
				line = strings.TrimSuffix(line, "\n")
				switch {
				case strings.HasPrefix(line, "==> "):
					headings++
					if got := displaywidth.String(line); got > test.most || got < test.most-10 {
						t.Errorf("%d columns for %d: %s", got, test.most, line)
					}
					if !strings.HasPrefix(line, "==> web-[000") || !strings.HasSuffix(line, " (500 instances) <==") || strings.Count(line, "…") != 1 {
						t.Errorf("%d columns: %s", test.width, line)
					}
				case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
					if got := displaywidth.String(line); got > headingColumns+len("--- ") {
						t.Errorf("%d columns: %s", got, line)
					}
				}
			}
			if headings != 2 {
				t.Errorf("%d headings in %s", headings, b.String())
			}
		}
	}
	if text := formatted(t, Table, twoGroups(6)); !strings.HasPrefix(text, "==> web-[0000,0002,0004] (3 instances) <==\n") {
		t.Errorf("a heading that fits is truncated: %s", text)
	}
}

// TestHeadingsDistinguishInstances has instances with the same name, and one that is a target twice.
func TestHeadingsDistinguishInstances(t *testing.T) {
	s, outputs := fleet.NewState(), stored{}
	key := outputs.add("same\n")
	for _, target := range []fleet.TargetState{
		{TargetStatus: fleet.TargetStatus{InstanceId: "i-1"}, InstanceName: "web", Site: hangzhou()},
		{TargetStatus: fleet.TargetStatus{InstanceId: "i-2"}, InstanceName: "web", Site: beijing()},
		{TargetStatus: fleet.TargetStatus{InstanceId: "i-3"}, InstanceName: "db-1", Site: hangzhou(), InvokeId: "t-1"},
		{TargetStatus: fleet.TargetStatus{InstanceId: "i-3"}, InstanceName: "db-1", Site: hangzhou(), InvokeId: "t-2"},
	} {
		target.Cause, target.Output = fleet.CauseSuccess, key
		s.Targets = append(s.Targets, target)
	}
	run := NewRun(s, outputs, nil)
	if text := formatted(t, Table, run); !strings.HasPrefix(text, "==> i-[1-2],db-1 (3 instances) <==\n") {
		t.Errorf("got %s", text)
	}
	if text := formatted(t, Nodeset, run); text != "i-[1-2],db-1\n" {
		t.Errorf("got %s", text)
	}
	s.Targets = s.Targets[2:]
	if text := formatted(t, Table, NewRun(s, outputs, nil)); !strings.HasPrefix(text, "==> db-1 <==\n") {
		t.Errorf("got %s", text)
	}
}

func resultsOf(ids ...string) []assist.InvocationResult {
	var list []assist.InvocationResult
	for _, id := range ids {
		list = append(list, assist.InvocationResult{InstanceId: id})
	}
	return list
}

func TestNodeset(t *testing.T) {
	for want, document := range map[string]Document{
		"web-[0000-0999]\n": twoGroups(1000),
		"\n":                NewInstances(nil),
		"i-[1-2],web-3\n": &Instances{Instances: []*target.Record{
			{InstanceId: "i-1", InstanceName: "web", RegionId: "a"}, {InstanceId: "i-2", InstanceName: "web", RegionId: "b"}, {InstanceId: "i-3", InstanceName: "web-3"},
		}},
		"web-1,i-2\n": NewResults(resultsOf("i-1", "i-2", "i-1"), map[string]string{"i-1": "web-1"}),
	} {
		if got := formatted(t, Nodeset, document); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if err := Write(io.Discard, Nodeset, &Settings{}, Style{}); err == nil {
		t.Error("settings are written as instances")
	}
}
