package render

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/term"
)

var liveStart = time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)

// partlySent returns a run of n targets in calls of 50, of which the given number has been sent.
func partlySent(n, sent int) *fleet.State {
	s := fleet.NewState()
	planned := fleet.Event{Event: fleet.Planned, RunId: "r-1", Action: "RunCommand", Site: hangzhou()}
	for i := range n {
		planned.Targets = append(planned.Targets, fleet.Target{
			InstanceId: fmt.Sprintf("i-%05d", i), InstanceName: fmt.Sprintf("web-%05d", i), Site: hangzhou(), Wave: 1 + i*2/n,
		})
	}
	s.Apply(planned)
	for from := 0; from < sent; from += 50 {
		var ids []string
		for i := from; i < min(from+50, sent); i++ {
			ids = append(ids, planned.Targets[i].InstanceId)
		}
		s.Apply(fleet.Event{Event: fleet.Submitting, Site: hangzhou(), ClientToken: fmt.Sprint(from), InstanceIds: ids})
		s.Apply(fleet.Event{Event: fleet.Submitted, Site: hangzhou(), ClientToken: fmt.Sprint(from), InvokeId: fmt.Sprint("t-", from/50)})
	}
	return s
}

func inAMinute(*fleet.State) time.Time { return liveStart.Add(time.Minute) }

// moveTo changes the state of a target of partlySent, which began some seconds after liveStart.
func moveTo(s *fleet.State, i int, status assist.Status, began, exit int) {
	s.Apply(fleet.Event{Event: fleet.StatusEvent, Site: hangzhou(), InvokeId: fmt.Sprint("t-", i/50), Instances: []fleet.TargetStatus{{
		InstanceId: fmt.Sprintf("i-%05d", i), InvocationStatus: status, ExitCode: int64(exit),
		StartTime: liveStart.Add(time.Duration(began) * time.Second).Format(time.RFC3339),
	}}})
}

// TestLive has the lines of a small run and of a large one, on terminals of several widths.
func TestLive(t *testing.T) {
	small := partlySent(20, 10)
	for i := range 6 {
		moveTo(small, i, assist.StatusSuccess, i, 0)
	}
	moveTo(small, 6, assist.StatusFailed, 0, 3)
	moveTo(small, 7, assist.StatusTimeout, 0, 0)
	moveTo(small, 8, assist.StatusRunning, 7, 0)
	moveTo(small, 9, assist.StatusRunning, 3, 0)
	large := partlySent(20000, 20000)
	for i := range 19000 {
		moveTo(large, i, assist.StatusSuccess, 0, 0)
	}
	moveTo(large, 19000, assist.StatusFailed, 0, 1)
	for i := 19001; i < 19900; i++ {
		moveTo(large, i, assist.StatusRunning, i-19001, 0)
	}
	periodic := partlySent(3, 3)
	periodic.Apply(fleet.Event{
		Event: fleet.StatusEvent, Site: hangzhou(), InvokeId: "t-0", InvocationStatus: assist.StatusScheduled, Periodic: true, Frequency: "rate(1m)",
	})
	moveTo(periodic, 0, assist.StatusRunning, 4, 0)
	for _, test := range []struct {
		name  string
		state *fleet.State
		width int
		want  []string
	}{
		{"small", small, 120, []string{
			"[======xx>>..........] 8/20  6 success  1 exit  1 timeout  10s  about 15s left  wave 1 of 2  0.8/s",
			"2 running, 10 not sent yet; longest: web-00009 7s, web-00008 3s",
			"failed last: web-00007 timeout, web-00006 exit 3",
		}},
		{"small in a narrow terminal", small, 40, []string{
			"8/20  6 success  1 exit  1 timeout  10s",
			"2 running, 10 not sent yet",
			"failed last: web-00007 timeout",
		}},
		{"periodic", periodic, 80, []string{
			"periodic, on 3 instances  next run in 50s  10s",
			"1 running, 2 waiting; longest: web-00000 6s",
		}},
		{"large", large, 100, []string{
			"[=================x>.] 19001/20000  19000 success  1 exit  10s  about 1s left  wave 2 of 2  1865/s",
			"899 running, 100 waiting; longest: web-19001 10s, web-19002 9s, web-19003 8s, web-19004 7s",
			"failed last: web-19000 exit 1",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			live := NewLive(liveStart, inAMinute)
			style := Style{Width: test.width}
			live.completionRate.measure(0, liveStart, 0)
			if diff := cmp.Diff(test.want, live.Lines(test.state, style, liveStart.Add(10*time.Second))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestLiveFits draws runs of any kind on terminals of any width, with names that contain control characters.
func TestLiveFits(t *testing.T) {
	statuses := []assist.Status{
		assist.StatusPending, assist.StatusRunning, assist.StatusSuccess, assist.StatusFailed, assist.StatusAborted, assist.StatusStopping,
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 120).Draw(t, "targets")
		s := partlySent(n, rapid.IntRange(0, n).Draw(t, "sent"))
		for i := range s.Targets {
			s.Targets[i].InstanceName = rapid.SampledFrom([]string{"", "web", "世界", "a\nb", "\x1b[2J", strings.Repeat("long", 5)}).Draw(t, "name")
			moveTo(s, i, rapid.SampledFrom(statuses).Draw(t, "status"), rapid.IntRange(0, 100).Draw(t, "began"), 1)
		}
		live := NewLive(liveStart, inAMinute)
		style := Style{Width: rapid.IntRange(1, 200).Draw(t, "width")}
		colours := term.New(nil, nil, nil, func(name string) string { return map[string]string{"CLICOLOR_FORCE": "1"}[name] }).ErrPainter()
		for seconds := range 3 {
			now := liveStart.Add(time.Duration(seconds) * time.Minute)
			plain := live.Lines(s, style, now)
			for _, line := range plain {
				const inAnyCase = 60 // counts, and a name with its cause
				if columnsOf(line) > max(style.Width, inAnyCase) {
					t.Errorf("%d columns in %d: %q", columnsOf(line), style.Width, line)
				}
				if strings.ContainsAny(line, "\n\x1b") {
					t.Errorf("a name has control characters: %q", line)
				}
			}
			painted := live.Lines(s, Style{Width: style.Width, Paint: colours}, now)
			if len(plain) != len(painted) || len(plain) > 3 {
				t.Errorf("%q, and painted %q", plain, painted)
			}
		}
	})
}

func TestApportion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 1000), 1, 5).Draw(t, "sizes")
		sizes[0]++
		cells := rapid.IntRange(len(sizes), 60).Draw(t, "cells")
		shares := apportion(sizes, cells)
		sum := 0
		for i, n := range shares {
			if sum += n; (n > 0) != (sizes[i] > 0) {
				t.Errorf("%d of %d cells for %d: %v of %v", n, cells, sizes[i], shares, sizes)
			}
		}
		if sum != cells {
			t.Errorf("%d cells, want %d", sum, cells)
		}
	})
}

func TestCompletionRate(t *testing.T) {
	p := new(completionRate)
	at := func(seconds int) (time.Time, time.Duration) {
		elapsed := time.Duration(seconds) * time.Second
		return liveStart.Add(elapsed), elapsed
	}
	measure := func(seconds, ended int) {
		now, elapsed := at(seconds)
		p.measure(ended, now, elapsed)
	}
	left := func(seconds, n int) (time.Duration, bool) {
		now, elapsed := at(seconds)
		return p.left(n, now, elapsed)
	}
	measure(0, 500) // of a resumed run
	if _, ok := left(0, 10); ok || p.String() != "" {
		t.Errorf("an estimate, and %q, before any has ended", p)
	}
	for second := range 60 {
		measure(second+1, 500+2*(second+1))
	}
	if got, ok := left(60, 100); !ok || got != 50*time.Second || p.String() != "2.0/s" {
		t.Errorf("%v left at %s", got, p)
	}
	for second := range 40 {
		measure(61+second, 620)
	}
	if _, ok := left(100, 100); !ok {
		t.Error("a pause ends the estimate immediately")
	}
	measure(200, 620)
	if _, ok := left(200, 100); ok {
		t.Error("an estimate although none has ended for long")
	}
	if got, ok := left(60, 0); ok {
		t.Errorf("%v left for none", got)
	}
}

func TestUnderWayNamesAll(t *testing.T) {
	s := partlySent(200, 150)
	for i := range 100 {
		moveTo(s, i, assist.StatusRunning, i%60, 0)
	}
	for i := range 20 {
		moveTo(s, i, assist.StatusSuccess, 0, 0)
	}
	var b strings.Builder
	if err := WriteUnderWay(&b, Style{Width: 60}, s, liveStart.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	want := []string{
		"80 running: web-[00020-00099]",
		"    1m0s  web-00060  i-00060",
		"     59s  web-00061  i-00061",
	}
	if diff := cmp.Diff(want, lines[:3]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"50 waiting: web-[00100-00149]", "50 not sent yet: web-[00150-00199]"}, lines[11:]); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	if err := WriteUnderWay(&b, Style{}, fleet.NewState(), liveStart); err != nil || !strings.HasPrefix(b.String(), "no instance is running") {
		t.Errorf("%q, %v", b.String(), err)
	}
}

// TestLongest compares the few that are kept with all targets in their order.
func TestLongest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := partlySent(30, 30)
		var began []int
		for i := range 30 {
			began = append(began, rapid.IntRange(0, 20).Draw(t, "began"))
			moveTo(s, i, assist.StatusRunning, began[i], 0)
		}
		order := make([]int, 30)
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return began[a] - began[b] })
		n := rapid.IntRange(0, 30).Draw(t, "n")
		for place, target := range newUnderWay(s, n).longest {
			if want := fmt.Sprintf("i-%05d", order[place]); target.InstanceId != want {
				t.Fatalf("%s in place %d, want %s: %v", target.InstanceId, place, want, began)
			}
		}
	})
}

func BenchmarkLive(b *testing.B) {
	for _, n := range []int{1000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := partlySent(n, n)
			for i := range n {
				moveTo(s, i, assist.StatusRunning, i%60, 0)
			}
			live := NewLive(liveStart, inAMinute)
			b.ReportAllocs()
			for b.Loop() {
				live.Lines(s, Style{Width: 100}, liveStart.Add(time.Minute))
			}
		})
	}
}

func TestWaitsSayWhyAndWhen(t *testing.T) {
	now := time.Date(2027, 6, 6, 13, 15, 30, 0, time.UTC)
	failed := errors.New("RunCommand: Throttling.User: slow\x1b[2J down")
	waits := []assist.Waiting{
		{Request: new(assist.DescribeInvocationsRequest), Err: failed, Tries: 1, Until: now.Add(time.Second)},
		{Request: new(assist.RunCommandRequest), Err: failed, Tries: 7, Until: now.Add(4200 * time.Millisecond)},
		{Request: new(assist.SendFileRequest), Err: failed, Tries: 1, Until: now.Add(time.Minute)},
	}
	want := []string{
		"RunCommand waits, again in 4s, after 7 tries: RunCommand: Throttling.User: slow^[[2J down",
		"SendFile waits, again in 1m0s, after 1 try: RunCommand: Throttling.User: slow^[[2J down",
	}
	if diff := cmp.Diff(want, Waits(waits, Style{}, now)); diff != "" {
		t.Error(diff)
	}
}
