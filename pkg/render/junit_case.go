package render

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// junitCase is a test case: an instance.
type junitCase struct {
	XMLName   xml.Name `xml:"testcase"`
	Name      string   `xml:"name,attr"`
	ClassName string   `xml:"classname,attr"`
	Time      string   `xml:"time,attr"`
	Failure   *junitEnd
	Error     *junitEnd
	Skipped   *junitEnd
	Output    *junitText `xml:"system-out"`
	Notes     *junitText `xml:"system-err"` // muster's remarks on the output
}

// junitEnd is the reason why a case did not succeed. CI systems show its text first.
type junitEnd struct {
	XMLName xml.Name
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	junitText
}

// junitText is text with unescaped line breaks, which encoding/xml would escape.
type junitText struct {
	Text string `xml:",innerxml"`
}

func textOfJUnit(text string) junitText {
	return junitText{strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;").Replace(text)}
}

const (
	failureEnd = 4 << 10 // the largest number of bytes of an output's end in the text of a failure
)

// caseWithin returns the XML of an instance's case, in at most size bytes if that is enough for everything except its output.
// names counts the names of cases.
func caseWithin(i RunInstance, names map[string]int, size int) ([]byte, error) {
	name := caseName(i, names)
	for most := size; ; most /= 2 {
		text, err := marshalElement(caseOf(i, name, most), "  ")
		if err != nil || len(text)+1 < size || most == 0 {
			return append([]byte("\n"), text...), err
		}
	}
}

// caseOf returns the case of an instance with at most size bytes of its output.
func caseOf(i RunInstance, name string, size int) junitCase {
	c := junitCase{Name: name, ClassName: i.RegionId, Time: seconds(timeOf(i))}
	if i.Profile != "" {
		c.ClassName = i.Profile + "." + i.RegionId
	}
	text := strings.Map(inXML, i.Output)
	end := junitEndOf(i)
	if end.XMLName.Local == "failure" || end.XMLName.Local == "error" {
		tail, before := lastLines(text, min(failureEnd, size/2))
		if before > 0 {
			tail = fmt.Sprintf("… %d bytes of output before this …\n", before) + tail
		}
		if i.OutputError != "" {
			tail = "The output is unknown: " + i.OutputError
		}
		end.junitText = textOfJUnit(tail)
		size -= len(tail)
	}
	output, before := lastLines(text, max(0, size))
	if output != "" {
		shown := textOfJUnit(output)
		c.Output = &shown
	}
	if notes := junitNotes(i, text, before); notes != "" {
		shown := textOfJUnit(notes)
		c.Notes = &shown
	}
	switch end.XMLName.Local {
	case "failure":
		c.Failure = &end
	case "error":
		c.Error = &end
	case "skipped":
		c.Skipped = &end
	}
	return c
}

// junitNotes returns remarks on an output whose text lacks some bytes at its beginning.
func junitNotes(i RunInstance, text string, before int) string {
	var notes []string
	if i.OutputError != "" {
		notes = append(notes, "The output is unknown: "+i.OutputError)
	}
	if i.Dropped > 0 {
		notes = append(notes, fmt.Sprintf("%d bytes of the output were dropped: an instance keeps 24 KB.", i.Dropped))
	}
	if i.OutputBase64 != nil || text != i.Output {
		notes = append(notes, "U+FFFD stands for bytes that are not UTF-8 and for characters that XML cannot hold. -o json has all bytes.")
	}
	if before > 0 {
		notes = append(notes, fmt.Sprintf("The first %d bytes of the output are left out to keep this file small. -o json has all bytes.", before))
	}
	return strings.Join(notes, "\n")
}

// caseName returns a unique name for a case, because readers may use only the first of two with the same name.
func caseName(i RunInstance, names map[string]int) string {
	name := i.InstanceId
	if i.InstanceName != "" {
		name = i.InstanceName + " (" + i.InstanceId + ")"
	}
	key := i.Profile + "\x00" + i.RegionId + "\x00" + name
	if names[key]++; names[key] > 1 {
		name += " #" + strconv.Itoa(names[key]) // in another invocation of a watch
	}
	return name
}

func junitEndOf(i RunInstance) junitEnd {
	end := junitEnd{XMLName: xml.Name{Local: junitKind(i.Cause)}, Type: string(i.Cause), Message: i.ErrorCode}
	switch {
	case i.Cause == fleet.CauseExit && i.ExitCode != nil:
		end.Message = fmt.Sprintf("exit code %d", *i.ExitCode)
	case i.ErrorCode != "" && i.ErrorInfo != "":
		end.Message += ": " + i.ErrorInfo
	case i.ErrorCode == "":
		end.Message = cmp.Or(i.ErrorInfo, junitMessage(i.Cause))
	}
	return end
}

// junitMessage returns a message for an outcome that the service does not explain.
func junitMessage(cause fleet.Cause) string {
	switch cause {
	case fleet.CauseTimeout:
		return "the script ran for longer than its timeout"
	case fleet.CauseUndelivered:
		return "the command did not reach the instance"
	case fleet.CauseInvalid:
		return "the instance cannot run the command"
	case fleet.CauseError:
		return "the instance could not run the script"
	case fleet.CauseCancelled:
		return "stopped before it started"
	case fleet.CauseTerminated:
		return "stopped while it ran"
	case fleet.CauseRejected:
		return "refused by the API"
	case fleet.CauseSkipped:
		return "not eligible, and left out"
	case fleet.CauseUnsent:
		return "never sent: the run ended before its turn"
	case fleet.CauseUnknown:
		return "not settled when the wait ended"
	}
	return "not settled yet"
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

// inXML returns U+FFFD for a character that XML 1.0 cannot contain (https://www.w3.org/TR/xml/#charsets), and the character
// itself otherwise.
func inXML(r rune) rune {
	switch {
	case r == '\t', r == '\n', r == '\r', r >= ' ' && r <= 0xd7ff, r >= 0xe000 && r <= 0xfffd, r >= 0x10000:
		return r
	}
	return '\ufffd'
}

func timeOf(i RunInstance) time.Duration {
	from, to := assist.ParseTime(i.StartTime), assist.ParseTime(i.FinishTime)
	if from.IsZero() || to.Before(from) {
		return 0
	}
	return to.Sub(from)
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
