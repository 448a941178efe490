package render

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// Suites is a document of runs, which can be written as JUnit's XML.
type Suites interface{ Suites() []*Run }

// Suites returns the run.
func (r *Run) Suites() []*Run { return []*Run{r} }

// writeJUnit writes a suite for each run and a case for each instance. What ran and did not succeed is a failure, what could
// not run an error, and what was left out is skipped. The document is valid against the schema of Jenkins' xUnit plugin, which
// has no properties of cases. The names of suites and cases are the same in every run, because CI systems track a case by its
// name.
func writeJUnit(w io.Writer, document Document, style Style) error {
	runs, ok := document.(Suites)
	if !ok {
		return errors.New("JUnit's XML is for runs only")
	}
	if _, err := io.WriteString(w, xml.Header+"<testsuites name=\"muster\">\n"); err != nil {
		return err
	}
	const frame = 200 // bytes around the suites
	room := &budget{left: style.MaxBytes - frame}
	for _, run := range runs.Suites() {
		room.parts += run.shownCounts()["Total"]
	}
	for _, run := range runs.Suites() {
		if err := run.writeSuite(w, style.Suite, room); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "</testsuites>\n")
	return err
}

// junitSuite is a suite without its cases.
type junitSuite struct {
	XMLName    xml.Name        `xml:"testsuite"`
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

func (r *Run) writeSuite(w io.Writer, name string, room *budget) error {
	head, err := marshalElement(r.junitSuite(name), "")
	if err != nil {
		return err
	}
	const end = "\n</testsuite>"
	if _, err := io.WriteString(w, strings.TrimSuffix(string(head), end)); err != nil {
		return err
	}
	room.left -= len(head)
	names := map[string]int{}
	for record, err := range r.Records() {
		if err != nil {
			return err
		}
		text, err := caseWithin(record.(RunInstance), names, room.next())
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
		room.take(len(text))
	}
	_, err = io.WriteString(w, end+"\n")
	return err
}

// marshalElement returns the XML of an element, with names for quotes. encoding/xml writes &#34; and &#39;, which fast-xml-parser,
// and readers of test reports that are built on it, leave as they are.
func marshalElement(element any, prefix string) ([]byte, error) {
	text, err := xml.MarshalIndent(element, prefix, "  ")
	if err != nil {
		return nil, err
	}
	text = bytes.ReplaceAll(text, []byte("&#34;"), []byte("&quot;"))
	return bytes.ReplaceAll(text, []byte("&#39;"), []byte("&apos;")), nil
}

func (r *Run) junitSuite(name string) junitSuite {
	kinds, counts := map[string]int{}, r.shownCounts()
	for _, cause := range fleet.Causes() {
		kinds[junitKind(cause)] += counts[string(cause)]
	}
	underWay := counts["Total"]
	for _, n := range kinds {
		underWay -= n
	}
	kinds[junitKind("")] += underWay
	suite := junitSuite{
		Name: cmp.Or(name, r.junitName()), Tests: counts["Total"],
		Failures: kinds["failure"], Errors: kinds["error"], Skipped: kinds["skipped"], Time: seconds(r.took()),
	}
	if !r.state.Started.IsZero() {
		suite.Timestamp = r.state.Started.UTC().Format("2006-01-02T15:04:05")
	}
	for _, p := range []junitProperty{{"RunId", r.RunId}, {"Action", r.Action}, {"RegionId", r.RegionId}, {"Profile", r.Profile}, {"Status", r.Status}} {
		if p.Value != "" {
			suite.Properties = append(suite.Properties, p)
		}
	}
	return suite
}

// junitName returns the default name of a suite, which depends on what the run does, not on its id.
func (r *Run) junitName() string {
	switch {
	case r.RunId == "":
		return "muster watch"
	case r.state.Name != "" && !strings.Contains(r.state.Name, r.RunId):
		return r.state.Name
	case r.Action == (*assist.InvokeCommandRequest)(nil).Action() && len(r.Invocations) > 0:
		return "muster invoke " + r.Invocations[0].CommandId
	}
	return "muster " + r.Action
}
