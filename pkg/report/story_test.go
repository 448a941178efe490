package report

import (
	"bytes"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// kept are outputs in memory.
type kept map[fleet.OutputKey]fleet.Output

func (k kept) Output(key fleet.OutputKey) (fleet.Output, error) {
	if output, ok := k[key]; ok {
		return output, nil
	}
	return "", fmt.Errorf("no output %x", key)
}

// story is a run that is built event by event.
type story struct {
	now     time.Time
	events  []fleet.Event
	outputs kept
	script  string
}

var noon = time.Date(2027, 6, 6, 12, 0, 0, 0, time.UTC)

var home = fleet.Site{RegionId: "cn-hangzhou"}

func newStory(targets ...fleet.Target) *story {
	s := &story{now: noon, outputs: kept{}, script: "./deploy.sh"}
	for i := range targets {
		targets[i].Site = home
	}
	s.tell(fleet.Event{Event: fleet.Planned, RunId: "run-1", Action: "RunCommand", Targets: targets})
	return s
}

func (s *story) tell(e fleet.Event) {
	e.Time, e.Site = s.now, home
	s.events = append(s.events, e)
}

func (s *story) wait(d time.Duration) { s.now = s.now.Add(d) }

// send sends a batch, which the service accepts.
func (s *story) send(invokeID string, ids ...string) {
	s.tell(fleet.Event{Event: fleet.Submitting, ClientToken: invokeID, InstanceIds: ids})
	s.wait(20 * time.Millisecond)
	s.tell(fleet.Event{Event: fleet.Submitted, ClientToken: invokeID, InvokeId: invokeID, CommandId: "c-1", RequestId: "REQ"})
}

// end ends an instance after some time from now, with an output.
func (s *story) end(invokeID string, status fleet.TargetStatus, after time.Duration, output string) {
	if status.InvocationStatus != assist.StatusAborted {
		status.StartTime, status.FinishTime = assist.FormatTime(s.now), assist.FormatTime(s.now.Add(after))
	}
	key := fleet.Output(output).Key()
	s.outputs[key] = fleet.Output(output)
	s.events = append(s.events, fleet.Event{
		Event: fleet.OutputEvent, Time: s.now.Add(after + 100*time.Millisecond), InvokeId: invokeID,
		Result: &fleet.Result{TargetStatus: status, Output: fleet.Output(output)},
	})
}

func (s *story) source() Source {
	state := fleet.NewState()
	for _, event := range s.events {
		state.Apply(event)
	}
	return Source{State: state, Events: s.all(), Outputs: s.outputs, Script: s.script, Muster: "test"}
}

func (s *story) all() iter.Seq2[fleet.Event, error] {
	return func(yield func(fleet.Event, error) bool) {
		for _, event := range s.events {
			if !yield(event, nil) {
				return
			}
		}
	}
}

// hostile is an output that tries to be interpreted.
const hostile = "</pre></script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">" +
	"\x1b[31mred\x1b[0m \u202egnp.exe \u2028 \x00 \xff\xfe ' \" & {{.}} <!-- ]]>\n"

// threeWaves returns a run of 12 instances in three waves, of which one fails in the second, one is never reached, and two have
// hostile names and outputs.
func threeWaves() *story {
	var targets []fleet.Target
	for n := 1; n <= 12; n++ {
		wave := 1 + min(2, (n+2)/4)
		targets = append(targets, fleet.Target{InstanceId: fmt.Sprintf("i-%03d", n), InstanceName: fmt.Sprintf("web-%03d", n), Wave: wave})
	}
	targets[10].InstanceName = hostile
	s := newStory(targets...)
	for wave := 1; wave <= 3; wave++ {
		if wave > 1 {
			s.tell(fleet.Event{Event: fleet.GateEvent, Wave: wave})
		}
		invokeID := fmt.Sprint("t-", wave)
		var ids []string
		for _, target := range targets {
			if target.Wave == wave {
				ids = append(ids, target.InstanceId)
			}
		}
		s.send(invokeID, ids...)
		for n, id := range ids {
			ended, after, output := fleet.TargetStatus{InstanceId: id, InvocationStatus: assist.StatusSuccess}, time.Duration(n)*2*time.Second, "all is well\n"
			switch id {
			case "i-004":
				ended.InvocationStatus, ended.ExitCode, output = assist.StatusFailed, 7, "no space left on DISK\n"
			case "i-006":
				ended.InvocationStatus, ended.ErrorCode, ended.ErrorInfo, output = assist.StatusAborted, "DeliveryTimeout", "It took too long "+hostile, ""
			case "i-011":
				output = hostile
			}
			s.end(invokeID, ended, after, output)
		}
		s.wait(20 * time.Second)
	}
	s.tell(fleet.Event{Event: fleet.Settled})
	return s
}

// written returns the page of a report.
func written(t testing.TB, s *story, most int) string {
	t.Helper()
	report, err := newReport(s.source(), most)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parse(t testing.TB, text string) *html.Node {
	t.Helper()
	page, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// all returns the elements of a kind.
func all(page *html.Node, tag string) []*html.Node {
	var found []*html.Node
	for node := range page.Descendants() {
		if node.Type == html.ElementNode && node.Data == tag {
			found = append(found, node)
		}
	}
	return found
}

func attribute(node *html.Node, name string) (string, bool) {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func withID(t testing.TB, page *html.Node, id string) *html.Node {
	t.Helper()
	for node := range page.Descendants() {
		if got, _ := attribute(node, "id"); got == id {
			return node
		}
	}
	t.Fatalf("the page has no #%s", id)
	return nil
}

func textOf(node *html.Node) string {
	var b strings.Builder
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}
