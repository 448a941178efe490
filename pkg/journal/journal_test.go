package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

func testDir(t testing.TB) Dir { return Dir{Path: filepath.Join(t.TempDir(), "runs")} }

func testHeader(id string, at time.Time) Header {
	return Header{RunId: id, Time: at, Muster: "test", Action: "RunCommand", Script: "true", Total: 2}
}

func testPlan(id string) fleet.Plan {
	command := fleet.Command{Run: &assist.RunCommandRequest{Name: "muster-" + id, CommandContent: "true"}}
	return fleet.NewPlan(id, command, []fleet.Target{{InstanceId: "i-1"}, {InstanceId: "i-2"}}, nil, fleet.Cut{BatchSize: 1})
}

// story returns the events of a run of two instances.
func story(id string) []fleet.Event {
	result := func(n int, output string) *fleet.Result {
		status := fleet.TargetStatus{InstanceId: fmt.Sprint("i-", n), InvocationStatus: assist.StatusSuccess}
		return &fleet.Result{TargetStatus: status, Output: fleet.Output(output)}
	}
	return []fleet.Event{
		{Event: fleet.Planned, RunId: id, Action: "RunCommand", Targets: []fleet.Target{{InstanceId: "i-1", Wave: 1}, {InstanceId: "i-2", Wave: 1}}},
		{Event: fleet.Submitting, ClientToken: "a", InstanceIds: []string{"i-1"}},
		{Event: fleet.Submitted, ClientToken: "a", InvokeId: "t-1"},
		{Event: fleet.Submitting, ClientToken: "b", InstanceIds: []string{"i-2"}},
		{Event: fleet.Submitted, ClientToken: "b", InvokeId: "t-2"},
		{Event: fleet.StatusEvent, InvokeId: "t-1", InvocationStatus: assist.StatusSuccess},
		{Event: fleet.OutputEvent, InvokeId: "t-1", Result: result(1, "same\xff\n")},
		{Event: fleet.StatusEvent, InvokeId: "t-2", InvocationStatus: assist.StatusSuccess},
		{Event: fleet.OutputEvent, InvokeId: "t-2", Result: result(2, "same\xff\n")},
		{Event: fleet.Settled, Status: assist.StatusSuccess, Counts: map[string]int{"success": 2}},
	}
}

// write creates the journal of a run.
func write(t testing.TB, d Dir, id string, at time.Time) {
	t.Helper()
	j, err := d.Create(testHeader(id, at), testPlan(id))
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range story(id) {
		if err := errors.Join(j.Append(event), j.Sync()); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func folded(events []fleet.Event) *fleet.State {
	s := fleet.NewState()
	for _, event := range events {
		s.Apply(event)
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	d := testDir(t)
	at := time.Now().UTC().Round(0)
	write(t, d, "run-1", at)
	r, err := d.Read("run-1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	want := testHeader("run-1", at)
	want.Journal = version
	if diff := cmp.Diff(want, r.Header); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(testPlan("run-1").Waves, r.Plan.Waves); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(folded(story("run-1")).Targets, r.State.Targets); diff != "" {
		t.Error(diff)
	}
	for _, target := range r.State.Targets {
		if text, err := r.Output(target.Output); err != nil || text != "same\xff\n" {
			t.Errorf("output %q, %v", text, err)
		}
	}
	if text, _ := os.ReadFile(d.file("run-1")); strings.Count(string(text), `"Output"`) != 1 {
		t.Errorf("an output that two instances share is not stored once: %s", text)
	}
}

// TestTruncatedAnywhere truncates a journal at every byte: the rest is a beginning of the run, and can be continued.
func TestTruncatedAnywhere(t *testing.T) {
	d := testDir(t)
	write(t, d, "run-1", time.Now())
	whole, err := os.ReadFile(d.file("run-1"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	begun := len(lines[0]) + len(lines[1])
	for size := begun; size <= len(whole); size++ {
		if err := os.WriteFile(d.file("run-1"), whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		events := strings.Count(string(whole[:size]), "\n") - 2
		j, r, err := d.Open("run-1")
		if err != nil {
			t.Fatalf("cut at %d: %v", size, err)
		}
		if diff := cmp.Diff(folded(story("run-1")[:events]).Targets, r.State.Targets); diff != "" {
			t.Fatalf("cut at %d: %s", size, diff)
		}
		for _, event := range story("run-1")[events:] {
			if err := j.Append(event); err != nil {
				t.Fatal(err)
			}
		}
		for _, target := range r.State.Targets {
			if _, err := j.Output(target.Output); err != nil {
				t.Fatalf("cut at %d: %v", size, err)
			}
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := d.Read("run-1")
		if err != nil {
			t.Fatalf("cut at %d and continued: %v", size, err)
		}
		if diff := cmp.Diff(folded(story("run-1")).Targets, again.State.Targets); diff != "" {
			t.Fatalf("cut at %d and continued: %s", size, diff)
		}
		_ = again.Close()
	}
	for size := range begun {
		if err := os.WriteFile(d.file("run-1"), whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := d.Read("run-1")
		if _, corrupt := errors.AsType[*CorruptError](err); !corrupt {
			t.Fatalf("cut at %d, before the run began: %v", size, err)
		}
	}
}

// TestZerosAreIgnored replaces any part by zeros, as a power failure does: what follows them is ignored, too.
func TestZerosAreIgnored(t *testing.T) {
	d := testDir(t)
	write(t, d, "run-1", time.Now())
	whole, _ := os.ReadFile(d.file("run-1"))
	lines := strings.SplitAfter(string(whole), "\n")
	for from := len(lines[0]) + len(lines[1]); from < len(whole); from += 5 {
		text := slices.Clone(whole)
		clear(text[from:min(from+200, len(text))])
		if err := os.WriteFile(d.file("run-1"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		j, r, err := d.Open("run-1")
		if err != nil {
			t.Fatalf("zeros from byte %d: %v", from, err)
		}
		events := strings.Count(string(whole[:from]), "\n") - 2
		if diff := cmp.Diff(folded(story("run-1")[:events]).Targets, r.State.Targets); diff != "" {
			t.Fatalf("zeros from byte %d: %s", from, diff)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDamageIsReported(t *testing.T) {
	d := testDir(t)
	write(t, d, "run-1", time.Now())
	whole, _ := os.ReadFile(d.file("run-1"))
	rapid.Check(t, func(t *rapid.T) {
		text := slices.Clone(whole)
		for range rapid.IntRange(1, 3).Draw(t, "bytes") {
			text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
		}
		if err := os.WriteFile(d.file("run-1"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := d.Read("run-1")
		if err == nil {
			_ = r.Close()
			return
		}
		_, corrupt := errors.AsType[*CorruptError](err)
		_, newer := errors.AsType[*NewerError](err)
		if !corrupt && !newer {
			t.Fatalf("err %v", err)
		}
	})
	lines := strings.SplitAfter(string(whole), "\n")
	lines[3] = "{\n"
	if err := os.WriteFile(d.file("run-1"), []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := d.Read("run-1")
	corrupt, ok := errors.AsType[*CorruptError](err)
	if !ok || corrupt.Line != 4 {
		t.Errorf("err %v", err)
	}
}

func TestNewerFormat(t *testing.T) {
	d := testDir(t)
	write(t, d, "run-1", time.Now())
	whole, _ := os.ReadFile(d.file("run-1"))
	text := strings.Replace(string(whole), `"Journal":1`, `"Journal":2`, 1)
	if err := os.WriteFile(d.file("run-1"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := d.Open("run-1")
	if newer, ok := errors.AsType[*NewerError](err); !ok || newer.Version != 2 || newer.RunId != "run-1" {
		t.Errorf("err %v", err)
	}
	if list, err := d.List(); err != nil || len(list) != 1 || list[0].Err == nil {
		t.Errorf("list %+v, %v", list, err)
	}
}

func inUse(err error) bool {
	_, ok := errors.AsType[*InUseError](err)
	return ok
}

func TestOneProcessAtATime(t *testing.T) {
	d := testDir(t)
	j, err := d.Create(testHeader("run-1", time.Now()), testPlan("run-1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Open("run-1"); !inUse(err) {
		t.Errorf("a run in use was opened: %v", err)
	}
	if err := d.Remove("run-1"); !inUse(err) {
		t.Errorf("a run in use was removed: %v", err)
	}
	if removed, err := d.Prune(time.Now().Add(time.Hour)); len(removed) != 0 || err != nil {
		t.Errorf("runs in use %q were pruned, %v", removed, err)
	}
	if list, err := d.List(); err != nil || !list[0].Running {
		t.Errorf("list %+v, %v", list, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Create(testHeader("run-1", time.Now()), testPlan("run-1")); !errors.Is(err, os.ErrExist) {
		t.Errorf("two runs with the same id: %v", err)
	}
	if list, err := d.List(); err != nil || list[0].Running {
		t.Errorf("list %+v, %v", list, err)
	}
}

func TestOnlyTheOwnerCanRead(t *testing.T) {
	d := testDir(t)
	write(t, d, "run-1", time.Now())
	for path, want := range map[string]os.FileMode{d.Path: 0o700, d.file("run-1"): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
	}
}

func TestFind(t *testing.T) {
	d := testDir(t)
	if _, err := d.Find("last"); err == nil {
		t.Error("the last of no runs is found")
	}
	for i, id := range []string{"20270101t000000-aaaa", "20270101t000001-bbbb", "20270202t000000-aabb"} {
		write(t, d, id, time.Now().Add(time.Duration(i)*time.Second))
	}
	for text, want := range map[string]string{
		"last": "20270202t000000-aabb", "20270202": "20270202t000000-aabb", "aaaa": "20270101t000000-aaaa",
		"20270101t000001-bbbb": "20270101t000001-bbbb", "last~0": "20270202t000000-aabb", "last~1": "20270101t000001-bbbb", "last~02": "20270101t000000-aaaa",
	} {
		if id, err := d.Find(text); err != nil || id != want {
			t.Errorf("%s is %s, %v; want %s", text, id, err, want)
		}
	}
	for text, near := range map[string]string{
		"20270101": "20270101t000001-bbbb", "20270101t000000-aaab": "20270101t000000-aaaa", "": "", "../x": "",
		"last~3": "", "last~99999999999999999999": "", "last~": "", "last~x": "", "last~-1": "",
	} {
		_, err := d.Find(text)
		unknown, ok := errors.AsType[*UnknownRunError](err)
		if !ok || near != "" && (len(unknown.Near) == 0 || unknown.Near[0] != near) || (unknown.Many > 1) != (text == "20270101") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestListAndPrune(t *testing.T) {
	d := testDir(t)
	now := time.Now()
	for i, id := range []string{"run-1", "run-2", "run-3"} {
		write(t, d, id, now.Add(time.Duration(i)*time.Hour))
		if err := os.Chtimes(d.file(id), now, now.Add(time.Duration(i)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := d.List()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, run := range list {
		ids = append(ids, run.RunId)
	}
	if diff := cmp.Diff([]string{"run-3", "run-2", "run-1"}, ids); diff != "" {
		t.Fatalf("runs (-want +got):\n%s", diff)
	}
	if end := list[2].End(); end == nil || end.Counts["success"] != 2 {
		t.Errorf("the oldest run is %+v", list[2])
	}
	if removed, err := d.Prune(now.Add(90 * time.Minute)); len(removed) != 2 || err != nil {
		t.Errorf("%q pruned, %v", removed, err)
	}
	if list, _ = d.List(); len(list) != 1 || list[0].RunId != "run-3" {
		t.Errorf("list %+v", list)
	}
	if err := d.Remove("run-3"); err != nil {
		t.Error(err)
	}
}

// TestFullDisk writes where nothing can be written: the line is an error, and the lines before it stay intact.
func TestFullDisk(t *testing.T) {
	d := testDir(t)
	j, err := d.Create(testHeader("run-1", time.Now()), testPlan("run-1"))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Append(story("run-1")[0]); err != nil {
		t.Fatal(err)
	}
	good := j.writable
	if j.writable, err = os.Open(d.file("run-1")); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(story("run-1")[1]); err == nil {
		t.Error("a line that cannot be written is not an error")
	}
	_ = j.writable.Close()
	j.writable = good
	if err := j.Append(story("run-1")[1]); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := d.Read("run-1")
	if err != nil || r.State.InDoubt() != 1 {
		t.Fatalf("after a full disk: %v", err)
	}
	_ = r.Close()
}

func TestSyncIsShared(t *testing.T) {
	d := testDir(t)
	j, err := d.Create(testHeader("run-1", time.Now()), testPlan("run-1"))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				if err := errors.Join(j.Append(fleet.Event{Event: fleet.StatusEvent}), j.Sync()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if j.synced != j.written || j.written != 8*20+2 {
		t.Errorf("%d lines written, %d on disk", j.written, j.synced)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTemporaryLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	j, err := Temporary()
	if err != nil {
		t.Fatal(err)
	}
	event := story("run-1")[6]
	if err := j.Append(event); err != nil {
		t.Fatal(err)
	}
	if text, err := j.Output(event.Result.Output.Key()); err != nil || text != event.Result.Output {
		t.Errorf("output %q, %v", text, err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// FuzzRead reads anything: a record or an error, and no panic.
func FuzzRead(f *testing.F) {
	d := testDir(f)
	write(f, d, "run-1", time.Unix(1_800_000_000, 0))
	whole, _ := os.ReadFile(d.file("run-1"))
	f.Add(whole)
	f.Add([]byte("{\"Journal\":1}\n{\"RunId\":\"x\"}\n{\"Event\":\"output\"}\n{}\n"))
	f.Add([]byte("{\"Journal\":1}\n{\"RunId\":\"x\"}\n{\"Event\":\"status\",\"InvokeId\":\"t\",\"Instances\":[{}]}\n{}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(d.file("run-1"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := d.Read("run-1"); err == nil {
			_ = r.State.Status()
			_ = r.Close()
		}
		_, _ = d.readSummary("run-1", new(lineReader))
	})
}

func TestStopRequest(t *testing.T) {
	d := testDir(t)
	write(t, d, "run-1", time.Now())
	if err := d.RequestStop("run-1"); err != nil { // no process uses it
		t.Fatal(err)
	}
	j, _, err := d.Open("run-1")
	if err != nil {
		t.Fatal(err)
	}
	if j.StopRequested() {
		t.Error("an earlier request was not removed")
	}
	if err := d.RequestStop("run-1"); err != nil {
		t.Fatal(err)
	}
	if !j.StopRequested() {
		t.Error("a request is not reported")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(d.Path); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if ids, err := d.ids(); err != nil || len(ids) != 1 {
		t.Errorf("runs: %q, %v", ids, err)
	}
}

func TestSubmittedBy(t *testing.T) {
	d := testDir(t)
	write(t, d, "20270101t000000-aaaa", time.Now())
	recent := d.RecentInvocations(1, "")
	if len(recent) == 0 {
		t.Fatal("no run has submitted anything")
	}
	if id, site, ok := d.SubmittedBy(recent[0]); !ok || id != "20270101t000000-aaaa" || site.RegionId != "" {
		t.Errorf("%s was submitted by %q at %v: %t", recent[0], id, site, ok)
	}
	if id, _, ok := d.SubmittedBy("t-nobody's"); ok {
		t.Errorf("run %s has submitted an unknown invocation", id)
	}
	if recent := d.RecentInvocations(1, "cn-beijing"); len(recent) > 0 {
		t.Errorf("in another region: %q", recent)
	}
}
