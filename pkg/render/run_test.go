package render

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

func written(t *testing.T, format Format, document Document) string {
	t.Helper()
	var b strings.Builder
	if err := Write(&b, format, document, Style{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRunJSON(t *testing.T) {
	state, outputs := ran(t, hangzhou())
	state.Targets = state.Targets[2:4]
	for i := range state.Targets {
		state.Targets[i].Wave = 1
	}
	state.Gate = ""
	const want = `{
  "RunId": "r-1",
  "Action": "RunCommand",
  "RegionId": "cn-hangzhou",
  "Status": "Failed",
  "Counts": {
    "Total": 2,
    "success": 2,
    "exit": 1,
    "timeout": 0,
    "undelivered": 0,
    "invalid": 0,
    "error": 0,
    "cancelled": 0,
    "terminated": 0,
    "rejected": 0,
    "skipped": 1,
    "unsent": 2,
    "unknown": 0
  },
  "Invocations": [
    {
      "InvokeId": "t-1",
      "CommandId": "c-9",
      "RequestId": "q-1",
      "InvocationStatus": "PartialFailed",
      "InstanceCount": 3
    }
  ],
  "Warnings": [],
  "Instances": [
    {
      "InstanceId": "i-3",
      "InstanceName": "web-3",
      "RegionId": "cn-hangzhou",
      "InvokeId": "t-1",
      "InvocationStatus": "Failed",
      "Cause": "exit",
      "ExitCode": 3,
      "Output": "�\u001b[2Jbad",
      "OutputBase64": "/xtbMkpiYWQ=",
      "Dropped": 7,
      "ErrorCode": "ExitCodeNonzero",
      "ErrorInfo": "",
      "StartTime": "2026-01-02T03:04:06Z",
      "FinishTime": "2026-01-02T03:04:08Z"
    },
    {
      "InstanceId": "i-4",
      "InstanceName": "db-1",
      "RegionId": "cn-hangzhou",
      "InvokeId": "",
      "InvocationStatus": "",
      "Cause": "skipped",
      "ExitCode": null,
      "Output": "",
      "Dropped": 0,
      "ErrorCode": "NotRunning",
      "ErrorInfo": "it is <Stopped>\n",
      "StartTime": "",
      "FinishTime": ""
    }
  ],
  "Calls": {
    "RunCommand": 1
  }
}
`
	got := written(t, JSON, NewRun(state, outputs, map[string]int{"RunCommand": 1}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// wholeRun is a run without parts.
type wholeRun struct {
	runHead
	Instances []RunInstance
	Calls     map[string]int
}

// sent is a document whose list has documents, like that of files.
type sent struct{ files []sentFile }

type sentFile struct {
	Name string
	*Run
}

func (d *sent) Parts() Parts                   { return Parts{Name: "Files", List: Records(d.files)} }
func (d *sent) Records() iter.Seq2[any, error] { return Records(d.files) }
func (d *sent) Record() any                    { return sentFile{} }
func (d *sent) WriteTable(w io.Writer, _ Style) error {
	_, err := fmt.Fprintln(w, len(d.files))
	return err
}
func (f sentFile) Parts() Parts {
	parts := f.Run.Parts()
	parts.Before = append([]any{struct{ Name string }{f.Name}}, parts.Before...)
	return parts
}

// TestPartsAreTheWhole writes documents part by part, and as one value each.
func TestPartsAreTheWhole(t *testing.T) {
	whole := func(run *Run) wholeRun {
		w := wholeRun{runHead: run.runHead, Instances: []RunInstance{}, Calls: run.Calls}
		for record, err := range run.Records() {
			if err != nil {
				t.Fatal(err)
			}
			w.Instances = append(w.Instances, record.(RunInstance))
		}
		return w
	}
	type wholeFile struct {
		Name string
		wholeRun
	}
	type wholeSent struct{ Files []wholeFile }
	one, outputs := ran(t, hangzhou())
	several, _ := ran(t, beijing())
	calls := map[string]int{"RunCommand": 2, "DescribeInvocations": 3}
	var documents []Document
	var wholes []any
	files, wholeFiles := &sent{}, wholeSent{Files: []wholeFile{}}
	documents, wholes = append(documents, &sent{}), append(wholes, wholeSent{Files: []wholeFile{}})
	for i, state := range []*fleet.State{fleet.NewState(), one, several} {
		run := NewRun(state, outputs, calls)
		documents, wholes = append(documents, run), append(wholes, whole(run))
		name := fmt.Sprint("file\n ", i)
		files.files, wholeFiles.Files = append(files.files, sentFile{name, run}), append(wholeFiles.Files, wholeFile{name, whole(run)})
	}
	documents, wholes = append(documents, files), append(wholes, wholeFiles)
	for i := range documents {
		var want bytes.Buffer
		encoder := json.NewEncoder(&want)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(wholes[i]); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), written(t, JSON, documents[i])); diff != "" {
			t.Errorf("document %d: %s", i, diff)
		}
		want.Reset()
		if err := writeYAML(&want, wholes[i]); err != nil {
			t.Fatal(err)
		}
		got := written(t, YAML, documents[i])
		if diff := cmp.Diff(want.String(), got); diff != "" {
			t.Errorf("document %d: %s", i, diff)
		}
		var back any
		if err := yaml.Unmarshal([]byte(got), &back); err != nil {
			t.Errorf("document %d: %v", i, err)
		}
		want.Reset()
		encoder.SetIndent("", "")
		if err := encoder.Encode(wholes[i]); err != nil {
			t.Fatal(err)
		}
		var line strings.Builder
		if err := Line(&line, documents[i]); err != nil || line.String() != want.String() {
			t.Errorf("document %d: %v: %s, want %s", i, err, line.String(), want.String())
		}
	}
}

func TestRunOfSeveralSites(t *testing.T) {
	state, outputs := ran(t, beijing())
	var document struct {
		RegionId, Profile, Gate string
		Invocations             []struct{ RegionId string }
		Instances               []struct {
			InstanceId, RegionId, Profile string
			Wave                          int
		}
	}
	if err := json.Unmarshal([]byte(written(t, JSON, NewRun(state, outputs, nil))), &document); err != nil {
		t.Fatal(err)
	}
	const want = "{cn-hangzhou,cn-beijing ,prod max-failures [{cn-hangzhou}] [{i-1 cn-hangzhou  1} {i-2 cn-hangzhou  1} " +
		"{i-3 cn-hangzhou  1} {i-4 cn-beijing prod 2} {i-5 cn-beijing prod 2} {i-6 cn-beijing prod 2}]}"
	if got := fmt.Sprint(document); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRunNDJSON(t *testing.T) {
	state, outputs := ran(t, hangzhou())
	lines := strings.SplitAfter(written(t, NDJSON, NewRun(state, outputs, nil)), "\n")
	if len(lines) != 7 || !strings.HasPrefix(lines[1], `{"InstanceId":"i-2",`) || !strings.Contains(lines[1], `"Output":"one\n  two <&>\n"`) {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
}

func TestRunTable(t *testing.T) {
	for name, test := range map[string]struct {
		second fleet.Site
		gate   string
		want   string
	}{
		"one site": {hangzhou(), fleet.GateMaxFailures, `==> web-[1-2] (2 instances) <==
one
  two <&>

==> web-3: exit 3 <==
(7 bytes were dropped: an instance keeps 24 KB)
\xff^[[2Jbad

INSTANCE  NAME   STATUS   EXIT  TIME  INFO
i-1       web-1  success  0     2s    -
i-2       web-2  success  0     2s    -
i-4       db-1   skipped  -     -     NotRunning: it is <Stopped>
i-5       db-2   unsent   -     -     -
i-6       db-3   unsent   -     -     -
i-3       web-3  exit     3     2s    -

6 instances: 2 success, 1 exit, 1 skipped, 2 unsent in 1.3s, stopped by --max-failures
`},
		"several sites": {beijing(), fleet.GateDeclined, `==> web-[1-2] (2 instances) <==
one
  two <&>

==> web-3: exit 3 <==
(7 bytes were dropped: an instance keeps 24 KB)
\xff^[[2Jbad

INSTANCE  NAME   REGION       PROFILE  STATUS   EXIT  TIME  INFO
i-1       web-1  cn-hangzhou  -        success  0     2s    -
i-2       web-2  cn-hangzhou  -        success  0     2s    -
i-4       db-1   cn-beijing   prod     skipped  -     -     NotRunning: it is <Stopped>
i-5       db-2   cn-beijing   prod     unsent   -     -     -
i-6       db-3   cn-beijing   prod     unsent   -     -     -
i-3       web-3  cn-hangzhou  -        exit     3     2s    -

6 instances: 2 success, 1 exit, 1 skipped, 2 unsent in 1.3s, the next wave was declined
`},
	} {
		state, outputs := ran(t, test.second)
		state.Gate = test.gate
		if diff := cmp.Diff(test.want, written(t, Table, NewRun(state, outputs, nil))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestRunWave(t *testing.T) {
	state, outputs := ran(t, hangzhou())
	run := NewRun(state, outputs, nil)
	for wave, want := range map[int]string{
		1: `==> web-[1-2] (2 instances) <==
one
  two <&>

==> web-3: exit 3 <==
(7 bytes were dropped: an instance keeps 24 KB)
\xff^[[2Jbad

INSTANCE  NAME   STATUS  EXIT  TIME  INFO
i-3       web-3  exit    3     2s    -

wave 1: 3 instances: 2 success, 1 exit
`,
		2: `INSTANCE  NAME  STATUS   EXIT  TIME  INFO
i-4       db-1  skipped  -     -     NotRunning: it is <Stopped>
i-5       db-2  unsent   -     -     -
i-6       db-3  unsent   -     -     -

wave 2: 3 instances: 1 skipped, 2 unsent
`,
	} {
		var b strings.Builder
		if err := run.WriteWave(&b, Style{}, wave); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, b.String()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRunOmitsSeenOutputs(t *testing.T) {
	state, outputs := ran(t, hangzhou())
	run := NewRun(state, outputs, nil)
	run.LeaveOut(func(target *fleet.TargetState) bool { return target.InstanceId != "i-2" })
	if text := written(t, Table, run); !strings.HasPrefix(text, "==> web-2 <==\none\n  two <&>\n\nINSTANCE ") {
		t.Errorf("got %q", text)
	}
	if document := written(t, JSON, run); !strings.Contains(document, `"InstanceId": "i-1"`) || strings.Count(document, `two <&>`) != 2 {
		t.Errorf("the JSON document lacks an output: %s", document)
	}
}

// delivered returns a run of instances whose outputs lack bytes, with these deliveries.
func delivered(deliveries ...*fleet.Delivery) (*Run, stored) {
	outputs := stored{}
	state := fleet.NewState()
	for i, delivery := range deliveries {
		state.Targets = append(state.Targets, fleet.TargetState{
			TargetStatus: fleet.TargetStatus{InstanceId: fmt.Sprint("i-", i), Dropped: 7}, Cause: fleet.CauseSuccess, HasResult: true, Output: outputs.add("end\n"), Delivery: delivery,
		})
	}
	return NewRun(state, outputs, nil), outputs
}

func TestRunShowsDeliveries(t *testing.T) {
	at := func(uri string) *fleet.Delivery {
		return &fleet.Delivery{OssOutputStatus: "Finished", OssOutputUri: uri}
	}
	const cut = "(7 bytes were dropped: an instance keeps 24 KB)\n"
	for want, deliveries := range map[string][]*fleet.Delivery{
		"==> i-0 <==\n" + cut + "end\n":                                                                                     {nil},
		"==> i-0 <==\n" + cut + "(the whole output is at oss://b/^[[2J0)\nend\n":                                            {at("oss://b/\x1b[2J0")},
		"==> i-0 <==\n" + cut + "(the whole output was still being delivered to oss://b/0)\nend\n":                          {{OssOutputStatus: "InProgress", OssOutputUri: "oss://b/0"}},
		"==> i-0 <==\n" + cut + "(the whole output could not be delivered to OSS: AccessDenied: no bucket for you)\nend\n":  {{OssOutputStatus: "Failed", OssOutputErrorCode: "AccessDenied", OssOutputErrorInfo: "no bucket\nfor you"}},
		"==> i-[0-2] (3 instances) <==\n" + cut + "(i-0: the whole output is at 0)\n(i-2: the whole output is at 2)\nend\n": {at("0"), {OssOutputStatus: "InProgress"}, at("2")},
	} {
		run, _ := delivered(deliveries...)
		if text := written(t, Table, run); !strings.HasPrefix(text, want+"\n") {
			t.Errorf("got %q, want %q", text, want)
		}
	}

	many := make([]*fleet.Delivery, 13)
	for i := range many {
		many[i] = at(fmt.Sprint(i))
	}
	run, _ := delivered(many...)
	if text := written(t, Table, run); strings.Count(text, "is at") != 10 || !strings.Contains(text, "at 9)\n(and of 3 more; -o json has all)\nend\n") {
		t.Errorf("got %s", text)
	}
	if text := written(t, JSON, run); strings.Count(text, `"OssOutputUri": "1`) != 4 || !strings.Contains(text, `"OssOutputStatus": "Finished"`) {
		t.Errorf("got %s", text)
	}
	if text := written(t, Markdown, run); !strings.Contains(text, "\n\ni-9: the whole output is at 9\n\n") {
		t.Errorf("got %s", text)
	}

	// Outputs that have been seen are not shown again, but their deliveries are.
	run, _ = delivered(at("0"), nil)
	run.LeaveOut(func(*fleet.TargetState) bool { return true })
	if text := written(t, Table, run); !strings.HasPrefix(text, "==> i-0 <==\n"+cut+"(the whole output is at 0)\n\nINSTANCE ") {
		t.Errorf("got %q", text)
	}
}

func TestRunWithoutDelivery(t *testing.T) {
	run, _ := delivered(nil)
	if text := written(t, JSON, run); strings.Contains(text, "Oss") {
		t.Errorf("got %s", text)
	}
}

// TestRunGroups has different outputs, and different outcomes.
func TestRunGroups(t *testing.T) {
	outputs := stored{}
	a, b := outputs.add("a\n"), outputs.add("b\n")
	state := fleet.NewState()
	for i, target := range []fleet.TargetState{
		{Cause: fleet.CauseExit, Output: a, TargetStatus: fleet.TargetStatus{ExitCode: 1}},
		{Cause: fleet.CauseSuccess, Output: a},
		{Cause: fleet.CauseSuccess, Output: b},
		{Cause: fleet.CauseUndelivered},
		{Cause: fleet.CauseSuccess, Output: a},
		{Cause: fleet.CauseSuccess, OutputLost: true},
		{Cause: fleet.CauseExit, Output: a, TargetStatus: fleet.TargetStatus{ExitCode: 2}},
		{Cause: fleet.CauseSuccess},
		{Cause: fleet.CauseError, Output: b},
		{Cause: fleet.CauseTimeout},
		{Cause: fleet.CauseUnknown},
	} {
		target.InstanceId, target.HasResult = fmt.Sprint("i-", i), i != 9
		state.Targets = append(state.Targets, target)
	}
	var got strings.Builder
	run := NewRun(state, outputs, nil)
	if _, err := run.outcomes().write(&got, Style{}, run.numbers(0)); err != nil {
		t.Fatal(err)
	}
	const want = `==> i-2 <==
b

==> i-5 <==
(output unknown: the service returned no output)

==> i-7 <==
(no output)

==> i-[1,4] (2 instances) <==
a

==> i-0: exit 1 <==
a

==> i-6: exit 2 <==
a

==> i-8: error <==
b

==> i-9: timeout <==
(output unknown: not fetched)
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

// TestMissingOutput has an output that cannot be read: it is unknown, and everything else is written.
func TestMissingOutput(t *testing.T) {
	state, outputs := ran(t, hangzhou())
	delete(outputs, state.Targets[2].Output)
	for _, format := range Formats() {
		var b strings.Builder
		if err := Write(&b, Format(format), NewRun(state, outputs, nil), Style{}); err != nil {
			t.Errorf("%s: %v", format, err)
		}
		hasOutputs := format != string(Nodeset) && format != string(Name)
		if hasOutputs && !strings.Contains(b.String(), "it is gone") || hasOutputs && !strings.Contains(b.String(), "db-1") {
			t.Errorf("%s: %s", format, b.String())
		}
	}
}

func TestPeriodicAndSubmitted(t *testing.T) {
	state, outputs := ran(t, beijing())
	state.Targets = state.Targets[2:4]
	state.Targets[0].Repeats = 4
	state.Invocations[0].Periodic = true
	run := NewRun(state, outputs, nil)
	run.Invocations[0].NextTime = "2026-01-02T04:00:00Z"
	const periodic = `INSTANCE  NAME   REGION       PROFILE  STATUS  RUNS  EXIT  LAST RUN              TIME  NEXT RUN
i-3       web-3  cn-hangzhou  -        Failed  4     3     2026-01-02T03:04:06Z  2s    2026-01-02T04:00:00Z
i-4       db-1   cn-beijing   prod     -       0     -     -                     -     -
`
	if diff := cmp.Diff(periodic, written(t, Table, run)); diff != "" {
		t.Error(diff)
	}
	const submitted = `INVOCATION  INSTANCES  NEXT RUN
t-1         3          -
`
	if diff := cmp.Diff(submitted, written(t, Table, NewSubmitted(state, nil))); diff != "" {
		t.Error(diff)
	}
}

func TestResultsTable(t *testing.T) {
	text := base64.StdEncoding.EncodeToString([]byte("same\n"))
	var list []assist.InvocationResult
	for _, id := range []string{"i-1", "i-2"} {
		list = append(list, assist.InvocationResult{
			InvokeId: "t-1", InstanceId: id, InvocationStatus: "Success", Output: text,
			StartTime: "2026-01-02T03:04:06Z", FinishedTime: "2026-01-02T03:04:06Z",
		})
	}
	list = append(list, assist.InvocationResult{InvokeId: "t-1", InstanceId: "i-3", InvocationStatus: "Failed", ExitCode: 1, Output: "/w==", Dropped: 7, OssOutputUri: "oss://b/3"})
	const want = `==> web-1,i-2 (2 instances) <==
same

==> web-3: exit 1 <==
(7 bytes were dropped: an instance keeps 24 KB)
(the whole output is at oss://b/3)
\xff

INVOCATION  INSTANCE  NAME   STATUS   EXIT  STARTED               TIME  INFO
t-1         i-1       web-1  success  0     2026-01-02T03:04:06Z  <1s   -
t-1         i-2       -      success  0     2026-01-02T03:04:06Z  <1s   -
t-1         i-3       web-3  exit     1     -                     -     -

3 results: 2 success, 1 exit
`
	if diff := cmp.Diff(want, written(t, Table, NewResults(list, map[string]string{"i-1": "web-1", "i-3": "web-3"}))); diff != "" {
		t.Error(diff)
	}
}

// heapWatch measures the live heap from time to time, and keeps the maximum.
type heapWatch struct {
	every, since, written int
	most                  uint64
}

func (h *heapWatch) Write(text []byte) (int, error) {
	h.written += len(text)
	if h.since += len(text); h.since > h.every {
		h.since = 0
		h.most = max(h.most, living())
	}
	return len(text), nil
}

func living() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// TestRunIsStreamed writes far more than may be in memory at any time.
func TestRunIsStreamed(t *testing.T) {
	for _, test := range []struct {
		format Format
		n      int
	}{{JSON, 5_000}, {NDJSON, 500}, {YAML, 500}, {Table, 500}} {
		state := manyTargets(test.n)
		run := NewRun(state, generated{}, nil)
		watch := &heapWatch{every: test.n * 24 * 1024 / 10}
		before := living()
		if err := Write(watch, test.format, run, Style{}); err != nil {
			t.Fatal(err)
		}
		const allowed = 4 << 20
		if watch.most == 0 || watch.written < test.n*24*1024 {
			t.Errorf("%s: %d bytes were written", test.format, watch.written)
		}
		if watch.most > before+allowed {
			t.Errorf("%s: the heap grew by %d bytes", test.format, watch.most-before)
		}
		t.Logf("%s: %d targets, %d MB written, %d KB more live", test.format, test.n, watch.written>>20, (int64(watch.most)-int64(before))>>10)
		runtime.KeepAlive(run)
	}
}

func benchmarkRun(b *testing.B, format Format) {
	run := NewRun(manyTargets(10_000), generated{}, nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, format, run, Style{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRunJSON(b *testing.B)  { benchmarkRun(b, JSON) }
func BenchmarkRunTable(b *testing.B) { benchmarkRun(b, Table) }
