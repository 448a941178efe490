package render

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// outputsOf returns a run of instances with these outputs, some of which failed.
func outputsOf(list []string, failed func(i int) bool) *Run {
	s, outputs := fleet.NewState(), stored{}
	s.RunId, s.Sites = "r-1", []fleet.Site{hangzhou()}
	for i, output := range list {
		t := fleet.TargetState{
			TargetStatus: fleet.TargetStatus{InstanceId: fmt.Sprintf("i-%03d", i), InvocationStatus: assist.StatusSuccess},
			Site:         hangzhou(), Cause: fleet.CauseSuccess, HasResult: true, Output: outputs.add(output),
		}
		if failed(i) {
			t.Cause, t.ExitCode = fleet.CauseExit, 1
		}
		s.Targets = append(s.Targets, t)
	}
	return NewRun(s, outputs, nil)
}

// TestMarkdownKeepsToItsSize has documents of all sizes, with a row and an output for each instance, or a note on those that
// are left out.
func TestMarkdownKeepsToItsSize(t *testing.T) {
	rows := regexp.MustCompile(`(?m)^\| i-\d{3} `)
	more := regexp.MustCompile(`(?m)^(\d+) more (row|output)s?.* left out`)
	rapid.Check(t, func(t *rapid.T) {
		outputs := make([]string, rapid.IntRange(1, 200).Draw(t, "instances"))
		for i := range outputs {
			outputs[i] = fmt.Sprint(i, strings.Repeat(" ```\n", rapid.IntRange(0, 3000).Draw(t, "lines")))
		}
		failed := rapid.IntRange(0, len(outputs)-1).Draw(t, "failed")
		size := rapid.IntRange(4<<10, 1<<20).Draw(t, "size")
		var b strings.Builder
		if err := Write(&b, Markdown, outputsOf(outputs, func(i int) bool { return i == failed }), Style{MaxBytes: size}); err != nil {
			t.Fatal(err)
		}
		text := b.String()
		if len(text) > size {
			t.Fatalf("%d bytes, want at most %d", len(text), size)
		}
		there := map[string]int{"row": len(rows.FindAllString(text, -1)), "output": strings.Count(text, "<details")}
		for _, match := range more.FindAllStringSubmatch(text, -1) {
			omitted := 0
			if _, err := fmt.Sscan(match[1], &omitted); err != nil {
				t.Fatal(err)
			}
			there[match[2]] += omitted
		}
		if there["row"] != len(outputs) || there["output"] != len(outputs) {
			t.Fatalf("%v of %d", there, len(outputs))
		}
		first, _, _ := strings.Cut(rows.ReplaceAllString(text, "| FIRST "), "FIRST")
		if !strings.HasPrefix(text, fmt.Sprintf("%s: ", plural(len(outputs), "instance"))) || strings.Contains(first, "<details") {
			t.Fatalf("the document begins with %.200q", text)
		}
		if at := strings.Index(text, "<details"); at >= 0 && !strings.HasPrefix(text[at:], "<details open><summary>i-"+fmt.Sprintf("%03d", failed)) {
			t.Fatalf("the failure is not the first output: %.100q", text[at:])
		}
	})
}

func TestMarkdownHasFailuresFirst(t *testing.T) {
	text := formatted(t, Markdown, outputsOf([]string{"a", "b", "b", "c"}, func(i int) bool { return i == 3 }))
	order := []string{"4 instances: ", "| i-003 ", "| i-000 ", "<summary>i-003: exit 1<", "<summary>i-[001-002] (2 instances)<", "<summary>i-000<"}
	at := 0
	for _, want := range order {
		next := strings.Index(text[at:], want)
		if next < 0 {
			t.Fatalf("no %q after the others in:\n%s", want, text)
		}
		at += next
	}
}
