package report

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/term"
)

func TestCourses(t *testing.T) {
	s := newStory(fleet.Target{InstanceId: "i-1"}, fleet.Target{InstanceId: "i-2"}, fleet.Target{InstanceId: "i-3"}, fleet.Target{InstanceId: "i-4"}, fleet.Target{InstanceId: "i-5"})
	s.tell(fleet.Event{Event: fleet.Submitting, ClientToken: "a", InstanceIds: []string{"i-1", "i-2"}})
	s.wait(time.Second)
	s.tell(fleet.Event{Event: fleet.Submitting, ClientToken: "a", InstanceIds: []string{"i-1", "i-2"}}) // the answer was lost
	s.wait(time.Second)
	s.tell(fleet.Event{Event: fleet.Submitted, ClientToken: "a", InvokeId: "t-a"})
	s.tell(fleet.Event{Event: fleet.Submitting, ClientToken: "b", InstanceIds: []string{"i-3", "i-4"}})
	s.tell(fleet.Event{Event: fleet.Rejected, ClientToken: "b", Code: "InvalidInstance"})
	s.tell(fleet.Event{Event: fleet.Submitting, ClientToken: "ba", InstanceIds: []string{"i-3"}})
	s.wait(time.Second)
	s.tell(fleet.Event{Event: fleet.Rejected, ClientToken: "ba", Code: "InvalidInstance", Final: true})
	s.end("t-a", fleet.TargetStatus{InstanceId: "i-1", InvocationStatus: assist.StatusSuccess}, 4*time.Second, "")
	s.end("t-a", fleet.TargetStatus{InstanceId: "i-2", InvocationStatus: assist.StatusAborted}, 9*time.Second, "")
	source := s.source()
	m, err := fold(source.Events)
	if err != nil {
		t.Fatal(err)
	}
	at := noon.Add
	want := []course{
		{sent: at(0), accepted: at(2 * time.Second), started: at(3 * time.Second), ended: at(7 * time.Second), known: at(7*time.Second + 100*time.Millisecond)},
		{sent: at(0), accepted: at(2 * time.Second), ended: at(12*time.Second + 100*time.Millisecond), known: at(12*time.Second + 100*time.Millisecond)},
		{sent: at(2 * time.Second), ended: at(3 * time.Second), known: at(3 * time.Second)},
		{}, // its batch was bisected, and this half was never sent
		{},
	}
	var got []course
	for i := range source.State.Targets {
		got = append(got, m.course(&source.State.Targets[i]))
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(course{})); diff != "" {
		t.Error(diff)
	}
	if m.halved != 1 {
		t.Errorf("%d calls were bisected, want 1", m.halved)
	}
}

// The service's times are in whole seconds and its clock is not muster's, but the drawing is in order.
func TestDrawnInOrder(t *testing.T) {
	at := func(ms int) time.Time { return noon.Add(time.Duration(ms) * time.Millisecond) }
	for name, test := range map[string]struct {
		course course
		want   drawn
	}{
		"cut to the second":  {course{sent: at(700), accepted: at(720), started: at(0), ended: at(1000)}, drawn{700, 720, 720, 1000}},
		"ends in its second": {course{sent: at(700), accepted: at(720), started: at(0), ended: at(0)}, drawn{700, 720, 720, 720}},
		"another clock":      {course{sent: at(700), accepted: at(720), started: at(90_000), ended: at(99_000)}, drawn{700, 720, 5000, 5000}},
		"refused":            {course{sent: at(10), ended: at(20)}, drawn{10, -1, -1, 20}},
		"never sent":         {course{}, drawn{-1, -1, -1, -1}},
	} {
		if got := draw(test.course, noon, at(5000)); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestPage(t *testing.T) {
	text := written(t, threeWaves(), mostOutputs)
	page := parse(t, text)
	rows := all(withID(t, page, "rows"), "tr")[1:]
	if len(rows) != 12 {
		t.Fatalf("%d rows, want 12", len(rows))
	}
	cells := func(n int) []string {
		var texts []string
		for cell := range rows[n].ChildNodes() {
			texts = append(texts, textOf(cell))
		}
		return texts
	}
	want := []string{"i-004", "web-004", "2", "✗ exit", "7", "4s", "12:00:20.020", "12:00:20.040", "12:00:20", "12:00:24", ""}
	if diff := cmp.Diff(want, cells(3)); diff != "" {
		t.Error(diff)
	}
	if got := cells(5); got[3] != "▽ undelivered" || !strings.HasPrefix(got[10], "DeliveryTimeout: It took too long </pre>") {
		t.Errorf("the undelivered one: %q", got)
	}
	var groups []string
	for _, h := range all(withID(t, page, "groups"), "h3") {
		groups = append(groups, textOf(h))
	}
	if len(groups) != 4 || groups[0] != "✗ exit 7 web-004" || groups[2] != "✓ success web-[001-003,005,007-010,012] 9 instances" {
		t.Errorf("groups: %q", groups)
	}
	var gates []string
	for _, item := range all(page, "li") {
		if text := textOf(item); strings.Contains(text, "gate") {
			gates = append(gates, strings.TrimSpace(text))
		}
	}
	if diff := cmp.Diff([]string{"12:00:20.020 gate after wave 1: open", "12:00:40.040 gate after wave 2: open"}, gates); diff != "" {
		t.Error(diff)
	}
}

// Outputs of instances are shown and not interpreted, neither by a browser nor by a reader.
func TestHostile(t *testing.T) {
	text := written(t, threeWaves(), mostOutputs)
	if clean := term.Sanitize(text); clean != text {
		t.Error("the page has invisible characters")
	}
	page := parse(t, text)
	for tag, n := range map[string]int{"script": 1, "style": 1, "img": 0, "link": 0, "iframe": 0, "base": 0} {
		if got := len(all(page, tag)); got != n {
			t.Errorf("%d elements %s, want %d", got, tag, n)
		}
	}
	found := false
	for _, pre := range all(page, "pre") {
		found = found || textOf(pre) == strings.TrimSuffix(term.Sanitize(hostile), "\n")
	}
	if !found {
		t.Error("the hostile output is not shown literally")
	}
}

// Nothing is loaded: nothing that may load has an address, and the policy has the hashes of the style and the script.
func TestSelfContained(t *testing.T) {
	text := written(t, threeWaves(), mostOutputs)
	page := parse(t, text)
	policy := ""
	for _, meta := range all(page, "meta") {
		if kind, _ := attribute(meta, "http-equiv"); kind == "Content-Security-Policy" {
			policy, _ = attribute(meta, "content")
		}
	}
	_, style := inline(textOf(all(page, "style")[0]))
	_, script := inline(textOf(all(page, "script")[0]))
	want := "default-src 'none'; style-src " + style + "; script-src " + script + "; base-uri 'none'; form-action 'none'"
	if policy != want {
		t.Errorf("policy %q, want %q", policy, want)
	}
	for node := range page.Descendants() {
		for _, a := range node.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
				t.Errorf("<%s %s=%q>", node.Data, a.Key, a.Val)
			}
		}
	}
	if found := regexp.MustCompile(`@import|url\(|fetch\(|XMLHttpRequest|import\(`).FindString(pageCSS + pageJS); found != "" {
		t.Errorf("it has %q", found)
	}
}

// The largest runs have more output than a browser can handle.
func TestOutputsLeftOut(t *testing.T) {
	var targets []fleet.Target
	for n := range 20 {
		targets = append(targets, fleet.Target{InstanceId: fmt.Sprintf("i-%03d", n)})
	}
	s := newStory(targets...)
	for n, target := range targets {
		invokeID := fmt.Sprint("t-", n)
		s.send(invokeID, target.InstanceId)
		ended := fleet.TargetStatus{InstanceId: target.InstanceId, InvocationStatus: assist.StatusSuccess}
		output := strings.Repeat("x", 99) + fmt.Sprint(n)
		switch n {
		case 17:
			ended.InvocationStatus, ended.ExitCode = assist.StatusFailed, 1
		case 18:
			output = ""
		}
		s.end(invokeID, ended, time.Second, output)
	}
	page := parse(t, written(t, s, 500))
	if got := len(all(withID(t, page, "groups"), "pre")); got != 4 {
		t.Errorf("%d outputs in 500 bytes, want 4", got)
	}
	groups := textOf(withID(t, page, "groups"))
	if !strings.Contains(groups, "exit 1 i-017") || !strings.Contains(groups, "success i-018") {
		t.Errorf("want the failure first, and outcomes without output: %s", groups)
	}
	if text := textOf(page); !strings.Contains(text, "Those of 15 instances are left out; muster runs show run-1 has them.") {
		t.Error("the page does not say what is left out")
	}
	if rows := all(withID(t, page, "rows"), "tr"); len(rows) != 21 {
		t.Errorf("%d rows, want every instance's and the head", len(rows))
	}
}

// A run that sent nothing, or that is not over, has a page, too.
func TestUnfinished(t *testing.T) {
	empty := &story{now: noon}
	empty.tell(fleet.Event{Event: fleet.Planned, RunId: "run-1"})
	written(t, empty, mostOutputs)

	s := newStory(fleet.Target{InstanceId: "i-1"}, fleet.Target{InstanceId: "i-2"})
	s.send("t-1", "i-1")
	s.wait(time.Minute)
	s.tell(fleet.Event{Event: fleet.StatusEvent, InvokeId: "t-1", Instances: []fleet.TargetStatus{{InstanceId: "i-1", InvocationStatus: assist.StatusRunning, StartTime: assist.FormatTime(noon)}}})
	page := textOf(parse(t, written(t, s, mostOutputs)))
	for _, want := range []string{"… 2 under way", "This run was cut off", "Nothing was sent to 1 of the instances"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestDeliveryIsShown(t *testing.T) {
	s := newStory(fleet.Target{InstanceId: "i-1"})
	s.send("t-1", "i-1")
	s.end("t-1", fleet.TargetStatus{InstanceId: "i-1", InvocationStatus: assist.StatusSuccess, Dropped: 7}, time.Second, "end\n")
	s.events[len(s.events)-1].Result.Delivery = fleet.Delivery{OssOutputStatus: "Finished", OssOutputUri: "oss://b/<0>"}
	page := textOf(parse(t, written(t, s, mostOutputs)))
	for _, want := range []string{"7 bytes were dropped", "the whole output is at oss://b/<0>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestErrors(t *testing.T) {
	broken := errors.New("broken")
	source := threeWaves().source()
	source.Events = func(yield func(fleet.Event, error) bool) { yield(fleet.Event{}, broken) }
	if _, err := New(source); !errors.Is(err, broken) {
		t.Errorf("events that cannot be read: %v", err)
	}
	source = threeWaves().source()
	source.Outputs = kept{}
	var page strings.Builder
	if r, err := New(source); err != nil || r.Write(&page) != nil || !strings.Contains(page.String(), "no output") {
		t.Errorf("with a missing output: %v: %.200s", err, page.String())
	}
	report, err := New(threeWaves().source())
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Write(failing{broken}); !errors.Is(err, broken) {
		t.Errorf("write error: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestBuckets(t *testing.T) {
	edges := buckets()
	for seconds, want := range map[int]string{0: "<1s", 1: "1s", 4: "2–4s", 5: "5–9s", 59: "30–59s", 60: "1–2m", 86399: "12–24h", 1e6: "≥1d"} {
		target := fleet.TargetState{TargetStatus: fleet.TargetStatus{
			StartTime: assist.FormatTime(noon), FinishTime: assist.FormatTime(noon.Add(time.Duration(seconds) * time.Second)),
		}}
		if got := edges[bucketOf(&target, edges)].label; got != want {
			t.Errorf("%d s: %s, want %s", seconds, got, want)
		}
	}
	if got := bucketOf(&fleet.TargetState{}, edges); got != len(edges) {
		t.Errorf("no times: bucket %d", got)
	}
}

// FuzzEscape checks that no text changes the structure of a page.
func FuzzEscape(f *testing.F) {
	f.Add("name", "script", "output\n", "info")
	f.Add(hostile, hostile, hostile, hostile)
	f.Add("\"><svg onload=alert(1)>", "</title><script>", "\n\n<pre>", "-->")
	tell := func(name, script, output, info string) *story {
		s := newStory(fleet.Target{InstanceId: "i-" + name, InstanceName: "n" + name, Wave: 1})
		s.send("t-"+name, "i-"+name)
		s.end("t-"+name, fleet.TargetStatus{InstanceId: "i-" + name, InvocationStatus: assist.StatusError, ErrorCode: "E" + info, ErrorInfo: "e" + info}, time.Second, "o"+output)
		s.tell(fleet.Event{Event: fleet.GateEvent, Wave: 2, Code: "c" + script, Message: "m" + info})
		s.tell(fleet.Event{Event: fleet.Settled})
		s.events[0].RunId, s.events[0].Action, s.script = "r"+name, "a"+script, "s"+script
		for i := range s.events {
			if e := &s.events[i]; e.Event == fleet.Submitted {
				e.CommandId, e.RequestId = "c"+info, "r"+info
			}
		}
		s.tell(fleet.Event{Event: fleet.StatusEvent, InvokeId: "t-" + name, InvocationStatus: assist.Status("s" + info)})
		return s
	}
	want := skeleton(parse(f, written(f, tell("a", "b", "c", "d"), mostOutputs)))
	f.Fuzz(func(t *testing.T, name, script, output, info string) {
		text := written(t, tell(name, script, output, info), mostOutputs)
		if term.Sanitize(text) != text {
			t.Error("the page has invisible characters")
		}
		page := parse(t, text)
		if got := skeleton(page); !slices.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
		if got, want := textOf(all(page, "pre")[0]), strings.TrimSuffix(term.Sanitize("o"+output), "\n"); got != want {
			t.Errorf("the output is %q, want %q", got, want)
		}
	})
}

// skeleton returns a page without its texts and the values of its attributes.
func skeleton(page *html.Node) []string {
	var lines []string
	for node := range page.Descendants() {
		switch node.Type {
		case html.ElementNode:
			line := node.Data
			for _, a := range node.Attr {
				if a.Key != "tabindex" { // it depends on the length of an output
					line += " " + a.Key
				}
			}
			lines = append(lines, line)
		case html.CommentNode:
			lines = append(lines, "comment")
		}
	}
	return lines
}
