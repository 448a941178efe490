package render

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// Suites is a document of runs, which JUnit's XML can tell of.
type Suites interface{ Suites() []*Run }

// Suites is the run.
func (r *Run) Suites() []*Run { return []*Run{r} }

// junitCase is a test case: an instance.
type junitCase struct {
	XMLName   xml.Name `xml:"testcase"`
	Name      string   `xml:"name,attr"`
	ClassName string   `xml:"classname,attr"`
	Time      string   `xml:"time,attr"`
	Failure   *junitEnd
	Error     *junitEnd
	Skipped   *junitEnd
	Output    string `xml:"system-out,omitempty"`
}

// junitEnd is why it did not succeed.
type junitEnd struct {
	XMLName xml.Name
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
}

// writeJUnit writes a suite a run and a case an instance, as CI systems read it: what ran and went wrong is a failure, what
// could not run an error, and what was left out is skipped.
func writeJUnit(w io.Writer, document Document) error {
	runs, ok := document.(Suites)
	if !ok {
		return errors.New("JUnit's XML is for runs alone")
	}
	if _, err := io.WriteString(w, xml.Header+"<testsuites name=\"muster\">\n"); err != nil {
		return err
	}
	for _, run := range runs.Suites() {
		if err := run.writeSuite(w); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "</testsuites>\n")
	return err
}

func (r *Run) writeSuite(w io.Writer) error {
	kinds := map[string]int{}
	for _, cause := range fleet.Causes() {
		kinds[junitKind(cause)] += r.Counts[string(cause)]
	}
	attr := func(name, value string) xml.Attr { return xml.Attr{Name: xml.Name{Local: name}, Value: value} }
	suite := xml.StartElement{Name: xml.Name{Local: "testsuite"}, Attr: []xml.Attr{
		attr("name", r.RunId), attr("tests", strconv.Itoa(r.Counts["Total"])), attr("failures", strconv.Itoa(kinds["failure"])),
		attr("errors", strconv.Itoa(kinds["error"])), attr("skipped", strconv.Itoa(kinds["skipped"])), attr("time", seconds(r.took())),
	}}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.EncodeToken(suite); err != nil {
		return err
	}
	for record, err := range r.Records() {
		if err != nil {
			return err
		}
		if err := encoder.Encode(caseOf(record.(RunInstance))); err != nil {
			return err
		}
	}
	if err := encoder.EncodeToken(suite.End()); err != nil {
		return err
	}
	if err := encoder.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func caseOf(i RunInstance) junitCase {
	name := i.InstanceId
	if i.InstanceName != "" {
		name = i.InstanceName + " (" + i.InstanceId + ")"
	}
	c := junitCase{Name: name, ClassName: i.RegionId, Time: seconds(timeOf(i)), Output: i.Output}
	end := &junitEnd{Message: i.ErrorCode, Type: string(i.Cause)}
	if i.Cause == fleet.CauseExit && i.ExitCode != nil {
		end.Message = fmt.Sprintf("exit code %d", *i.ExitCode)
	} else if i.ErrorInfo != "" {
		end.Message += ": " + i.ErrorInfo
	}
	switch end.XMLName.Local = junitKind(i.Cause); end.XMLName.Local {
	case "failure":
		c.Failure = end
	case "error":
		c.Error = end
	case "skipped":
		c.Skipped = end
	}
	return c
}

func junitKind(cause fleet.Cause) string {
	switch cause {
	case fleet.CauseSuccess:
		return ""
	case fleet.CauseSkipped, fleet.CauseUnsent:
		return "skipped"
	case fleet.CauseExit, fleet.CauseTimeout, fleet.CauseTerminated, fleet.CauseCancelled:
		return "failure"
	}
	return "error"
}

func timeOf(i RunInstance) time.Duration {
	from, to := assist.ParseTime(i.StartTime), assist.ParseTime(i.FinishTime)
	if from.IsZero() || to.Before(from) {
		return 0
	}
	return to.Sub(from)
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
