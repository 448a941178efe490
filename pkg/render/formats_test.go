package render

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// oneTarget returns a run of one instance with a cause and an output.
func oneTarget(cause fleet.Cause, name, output string) *Run {
	s, outputs := fleet.NewState(), stored{}
	s.RunId, s.Action, s.Sites = "r-1", "RunCommand", []fleet.Site{hangzhou()}
	s.Targets = []fleet.TargetState{{
		TargetStatus: fleet.TargetStatus{InstanceId: "i-1", InvocationStatus: assist.StatusSuccess, ErrorCode: "Code", ErrorInfo: "info"},
		InstanceName: name, Site: hangzhou(), Cause: cause, HasResult: true, Output: outputs.add(output),
	}}
	return NewRun(s, outputs, nil)
}

func formatted(t interface{ Fatal(...any) }, format Format, document Document) string {
	var b bytes.Buffer
	if err := Write(&b, format, document, Style{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCSVRoundTrip reads CSV back: a row keeps its cells, whatever the output is.
func TestCSVRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		output := rapid.String().Draw(t, "output")
		rows, err := csv.NewReader(strings.NewReader(formatted(t, CSV, oneTarget(fleet.CauseSuccess, "web", output)))).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][0] != "i-1" {
			t.Fatalf("rows %q, %v", rows, err)
		}
		for i, name := range rows[0] {
			want := strings.ReplaceAll(strings.TrimSuffix(output, "\n"), "\r\n", "\n") // as the reader returns it
			if name == "Output" && rows[1][i] != want {
				t.Fatalf("%q came back as %q", want, rows[1][i])
			}
		}
	})
}

// TestCSVOfEmptyLists checks that only the header is written, including keys of nested structs.
func TestCSVOfEmptyLists(t *testing.T) {
	for want, document := range map[string]Document{
		"Key,Value,Origin\n": &Settings{},
		"Name,RunId,Action,RegionId,Profile,Status,Gate,GateReason,Fanout,Counts,Invocations,Warnings,Calls\n":                &sent{},
		"Name,RunId,Action,RegionId,Profile,Status,Gate,GateReason,Fanout,Counts,Invocations,Warnings,Calls\na,,,,,,,,,,,,\n": &sent{files: []sentFile{{Name: "a"}}},
	} {
		if got := formatted(t, CSV, document); got != want {
			t.Errorf("%T: %q, want %q", document, got, want)
		}
	}
}

// TestJUnitIsXML reads the XML back, whatever the outputs and names of instances are.
func TestJUnitIsXML(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cause := rapid.SampledFrom(fleet.Causes()).Draw(t, "cause")
		text := formatted(t, JUnit, oneTarget(cause, rapid.String().Draw(t, "name"), rapid.String().Draw(t, "output")))
		var suites struct {
			Suite struct {
				Tests int `xml:"tests,attr"`
				Cases []struct {
					Failure, Error, Skipped *struct{}
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal([]byte(text), &suites); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if len(suites.Suite.Cases) != 1 {
			t.Fatalf("%d cases in %s", len(suites.Suite.Cases), text)
		}
	})
}

func TestJUnitKinds(t *testing.T) {
	want := map[fleet.Cause]string{
		fleet.CauseSuccess: "", fleet.CauseExit: "failure", fleet.CauseTimeout: "failure", fleet.CauseTerminated: "failure",
		fleet.CauseCancelled: "failure", fleet.CauseUndelivered: "error", fleet.CauseInvalid: "error", fleet.CauseError: "error",
		fleet.CauseRejected: "error", fleet.CauseUnknown: "error", fleet.CauseSkipped: "skipped", fleet.CauseUnsent: "skipped",
	}
	got := map[fleet.Cause]string{}
	for _, cause := range fleet.Causes() {
		got[cause] = junitKind(cause)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := Write(io.Discard, JUnit, &Settings{}, Style{}); err == nil {
		t.Error("settings are written as test results")
	}
}

// TestMarkdownIsEscaped has outputs that Markdown and HTML would interpret.
func TestMarkdownIsEscaped(t *testing.T) {
	text := formatted(t, Markdown, oneTarget(fleet.CauseSuccess, "a|b<script>", "```\n</details><script>alert(1)</script>\n````\n"))
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "|") && strings.Contains(line, "i-1") && line != "| i-1 | a\\|b&lt;script&gt; | success | 0 | - | Code: info |" {
			t.Errorf("row %s", line)
		}
	}
	if !strings.Contains(text, "\n`````\n```\n</details><script>alert(1)</script>\n````\n`````\n") {
		t.Errorf("the fence does not enclose the output: %s", text)
	}
}

func TestNames(t *testing.T) {
	if got := formatted(t, Name, oneTarget(fleet.CauseExit, "web", "")); got != "i-1\n" {
		t.Errorf("got %q", got)
	}
	if got := formatted(t, Name, &Settings{Settings: []Setting{{Key: "region"}, {Key: "rate"}}}); got != "region\nrate\n" {
		t.Errorf("got %q", got)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
