package render

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// readSuites is what a CI system reads from JUnit's XML.
type readSuites struct {
	Suites []struct {
		Name                             string `xml:"name,attr"`
		Tests, Failures, Errors, Skipped int    `xml:",attr"`
		Properties                       []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"properties>property"`
		Cases []readCase `xml:"testcase"`
	} `xml:"testsuite"`
}

type readCase struct {
	Name      string `xml:"name,attr"`
	ClassName string `xml:"classname,attr"`
	Out       string `xml:"system-out"`
	Err       string `xml:"system-err"`
	Failure   *readEnd
	Error     *readEnd
	Skipped   *readEnd
}

type readEnd struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func (c *readCase) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	type plain struct {
		Name      string   `xml:"name,attr"`
		ClassName string   `xml:"classname,attr"`
		Out       string   `xml:"system-out"`
		Err       string   `xml:"system-err"`
		Failure   *readEnd `xml:"failure"`
		Error     *readEnd `xml:"error"`
		Skipped   *readEnd `xml:"skipped"`
	}
	return d.DecodeElement((*plain)(c), &start)
}

func readJUnit(t interface{ Fatal(...any) }, text string) readSuites {
	var suites readSuites
	if err := xml.Unmarshal([]byte(text), &suites); err != nil {
		t.Fatal(err, text)
	}
	return suites
}

// TestJUnitRoundTrip reads outputs of any text.
func TestJUnitRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		output := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "output")
		read := readJUnit(t, formatted(t, JUnit, oneTarget(fleet.CauseSuccess, "web", output))).Suites[0].Cases[0]
		want := strings.Map(inXML, textOf(fleet.Output(output)).Output)
		if diff := cmp.Diff(want, read.Out); diff != "" {
			t.Fatal(diff)
		}
		if (want != output) != strings.Contains(read.Err, "U+FFFD") {
			t.Fatalf("%q stands for %q, and the note is %q", want, output, read.Err)
		}
	})
}

// TestJUnitNamesQuotes checks that quotes have names, not numbers, and that outputs with such texts are unchanged.
func TestJUnitNamesQuotes(t *testing.T) {
	run := oneTarget(fleet.CauseError, `"web" 'one'`, "it's &#39;quoted&#34;, &quot;twice&apos;\n")
	run.state.Targets[0].ErrorCode, run.state.Targets[0].ErrorInfo = "ScriptError", `can't "run"`
	var b strings.Builder
	if err := Write(&b, JUnit, run, Style{Suite: `the "nightly" one's`}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`name="the &quot;nightly&quot; one&apos;s"`, `name="&quot;web&quot; &apos;one&apos; (i-1)"`, `message="ScriptError: can&apos;t &quot;run&quot;"`,
		`it's &amp;#39;quoted&amp;#34;, &amp;quot;twice&amp;apos;`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	if out := readJUnit(t, b.String()).Suites[0].Cases[0].Out; out != "it's &#39;quoted&#34;, &quot;twice&apos;\n" {
		t.Errorf("output %q", out)
	}
}

func TestJUnitOfAFailure(t *testing.T) {
	run := oneTarget(fleet.CauseExit, "web", strings.Repeat("line\n", 2000)+"the last words\n")
	run.state.Targets[0].ExitCode, run.state.Targets[0].Dropped = 3, 7
	suite := readJUnit(t, formatted(t, JUnit, run)).Suites[0]
	c := suite.Cases[0]
	if c.Name != "web (i-1)" || c.ClassName != "cn-hangzhou" || suite.Name != "muster RunCommand" {
		t.Errorf("suite %q, case %q of %q", suite.Name, c.Name, c.ClassName)
	}
	if c.Failure == nil || c.Failure.Message != "exit code 3" || c.Failure.Type != "exit" {
		t.Fatalf("failure %+v", c.Failure)
	}
	if text := c.Failure.Text; len(text) > failureEnd+100 || !strings.HasSuffix(text, "line\nthe last words\n") || !strings.HasPrefix(text, "… ") {
		t.Errorf("%d bytes: %.80q", len(text), text)
	}
	if !strings.HasPrefix(c.Err, "7 bytes of the output were dropped") {
		t.Errorf("note %q", c.Err)
	}
}

// TestJUnitNamesAreStable checks that a case has the same name in each run, because CI systems identify cases by their names.
func TestJUnitNamesAreStable(t *testing.T) {
	for _, tt := range []struct{ runID, name, action, want string }{
		{"r-1", "deploy", "RunCommand", "deploy"},
		{"r-1", "muster-r-1", "RunCommand", "muster RunCommand"},
		{"r-1", "app.conf", "SendFile", "app.conf"},
		{"r-1", "", "InvokeCommand", "muster invoke c-1"},
		{"", "", "", "muster watch"},
	} {
		run := oneTarget(fleet.CauseSuccess, "web", "")
		run.state.Name, run.RunId, run.Action = tt.name, tt.runID, tt.action
		run.Invocations = []RunInvocation{{InvokeId: "t-1", CommandId: "c-1"}}
		if got := readJUnit(t, formatted(t, JUnit, run)).Suites[0].Name; got != tt.want {
			t.Errorf("%+v: %q", tt, got)
		}
	}
	var b strings.Builder
	if err := Write(&b, JUnit, oneTarget(fleet.CauseSuccess, "web", ""), Style{Suite: "smoke"}); err != nil {
		t.Fatal(err)
	}
	if got := readJUnit(t, b.String()).Suites[0].Name; got != "smoke" {
		t.Errorf("a suite named smoke is %q", got)
	}
}

// TestJUnitCaseNamesAreUnique has an instance in two invocations: GitLab uses only the first of two cases with the same name.
func TestJUnitCaseNamesAreUnique(t *testing.T) {
	run := oneTarget(fleet.CauseSuccess, "web", "")
	run.state.Targets = append(run.state.Targets, run.state.Targets[0])
	cases := readJUnit(t, formatted(t, JUnit, run)).Suites[0].Cases
	if cases[0].Name != "web (i-1)" || cases[1].Name != "web (i-1) #2" {
		t.Errorf("names %q and %q", cases[0].Name, cases[1].Name)
	}
}

// TestJUnitHasMessages checks that each cause has a message.
func TestJUnitHasMessages(t *testing.T) {
	for _, cause := range append(fleet.Causes(), "") {
		run := oneTarget(cause, "web", "")
		run.state.Targets[0].ErrorCode, run.state.Targets[0].ErrorInfo, run.state.Targets[0].HasResult = "", "", false
		c := readJUnit(t, formatted(t, JUnit, run)).Suites[0].Cases[0]
		for _, end := range []*readEnd{c.Failure, c.Error, c.Skipped} {
			if end != nil && end.Message == "" {
				t.Errorf("%q: no message", cause)
			}
		}
		if cause == fleet.CauseUnknown && !strings.Contains(c.Error.Text, "The output is unknown") {
			t.Errorf("%q: %q", cause, c.Error.Text)
		}
	}
}

// TestJUnitKeepsToItsSize has outputs of all lengths in a file of a limited size, which always has the end of each.
func TestJUnitKeepsToItsSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, outputs := fleet.NewState(), stored{}
		s.RunId, s.Sites = "r-1", []fleet.Site{hangzhou()}
		for i := range rapid.IntRange(1, 60).Draw(t, "instances") {
			output := strings.Repeat(rapid.SampledFrom([]string{"line\n", "<&>\r", "世界"}).Draw(t, "text"), rapid.IntRange(0, 3000).Draw(t, "times")) + "end"
			s.Targets = append(s.Targets, fleet.TargetState{
				TargetStatus: fleet.TargetStatus{InstanceId: fmt.Sprint("i-", i), InvocationStatus: assist.StatusFailed, ExitCode: 1},
				Site:         hangzhou(), Cause: rapid.SampledFrom([]fleet.Cause{fleet.CauseSuccess, fleet.CauseExit}).Draw(t, "cause"),
				HasResult: true, Output: outputs.add(output),
			})
		}
		size := rapid.IntRange(4<<10+2000*len(s.Targets), 2_000_000).Draw(t, "size")
		var b strings.Builder
		if err := Write(&b, JUnit, NewRun(s, outputs, nil), Style{MaxBytes: size}); err != nil {
			t.Fatal(err)
		}
		if b.Len() > size {
			t.Fatalf("%d bytes, want at most %d", b.Len(), size)
		}
		for i, c := range readJUnit(t, b.String()).Suites[0].Cases {
			if !strings.HasSuffix(c.Out, "end") {
				t.Fatalf("case %d has lost its end: %.40q", i, c.Out)
			}
		}
	})
}
