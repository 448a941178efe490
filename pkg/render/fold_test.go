package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/target"
)

// runOf returns a run of n targets that ended as fail sets, with the output of none.
func runOf(n int, fail func(i int, t *fleet.TargetState)) *Run {
	s := fleet.NewState()
	s.RunId, s.Action, s.Sites = "r-1", "RunCommand", []fleet.Site{hangzhou()}
	for i := range n {
		t := fleet.TargetState{InstanceName: fmt.Sprintf("web-%03d", i), Site: hangzhou(), Cause: fleet.CauseUndelivered}
		t.InstanceId, t.ErrorCode = fmt.Sprintf("i-%03d", i), "ClientNotResponse"
		fail(i, &t)
		s.Targets = append(s.Targets, t)
	}
	return NewRun(s, stored{}, nil)
}

func tableOf(t *testing.T, run *Run) string {
	t.Helper()
	var b strings.Builder
	if err := run.writeEnds(&b, Style{}, run.numbers(0), 20); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestEqualOutcomesShareRows(t *testing.T) {
	for name, test := range map[string]struct {
		n    int
		fail func(i int, t *fleet.TargetState)
		want string
	}{
		"a row each where there is room": {2, func(int, *fleet.TargetState) {}, `INSTANCE  NAME     STATUS       EXIT  TIME  INFO
i-000     web-000  undelivered  -     -     ClientNotResponse
i-001     web-001  undelivered  -     -     ClientNotResponse
`},
		"but for its own name": {30, func(i int, t *fleet.TargetState) {
			t.ErrorInfo = fmt.Sprintf("%s (%s) is silent", t.InstanceId, t.InstanceName)
			if i == 7 {
				t.ErrorInfo = "it is <away>"
			}
		}, `COUNT  STATUS       EXIT  TIME  INFO                                        INSTANCES
1      undelivered  -     -     ClientNotResponse: it is <away>             web-007
29     undelivered  -     -     ClientNotResponse: <id> (<name>) is silent  web-[000-006,008-029]
`},
		"but for addresses, where the rows are too many": {30, func(i int, t *fleet.TargetState) {
			t.ErrorInfo = fmt.Sprintf("10.0.0.%d is silent", i)
		}, `COUNT  STATUS       EXIT  TIME  INFO                                    INSTANCES
30     undelivered  -     -     ClientNotResponse: <address> is silent  web-[000-029]
`},
		"by their codes": {30, func(i int, t *fleet.TargetState) {
			t.ErrorInfo = strings.Repeat("x", i+1)
			if i == 29 {
				t.ErrorCode, t.ErrorInfo = "InstanceNotExists", "gone"
			}
		}, `COUNT  STATUS       EXIT  TIME  INFO                                    INSTANCES
1      undelivered  -     -     InstanceNotExists: gone                 web-029
29     undelivered  -     -     ClientNotResponse: 29 different errors  web-[000-028]
`},
		"with whatever exit code": {30, func(i int, t *fleet.TargetState) {
			t.Cause, t.ErrorCode, t.ExitCode, t.ErrorInfo = fleet.CauseExit, "ExitCodeNonzero", int64(i+1), "hidden"
		}, `COUNT  STATUS  EXIT      TIME  INSTANCES
30     exit    30 codes  -     web-[000-029]
`},
		"failures last, and times": {30, func(i int, t *fleet.TargetState) {
			t.StartTime, t.FinishTime = "2026-01-02T03:04:05Z", fmt.Sprintf("2026-01-02T03:04:%02dZ", 5+i)
			switch t.ErrorCode = ""; {
			case i < 3:
				t.Cause, t.ExitCode, t.ErrorCode = fleet.CauseExit, 2, "ExitCodeNonzero"
			case i < 4:
				t.Cause, t.StartTime = fleet.CauseUnsent, ""
			case i < 5:
				t.Cause, t.InvocationStatus, t.FinishTime = "", assist.StatusRunning, ""
			default:
				t.Cause = fleet.CauseSuccess
			}
		}, `COUNT  STATUS   EXIT  TIME    INSTANCES
25     success  0     5s-29s  web-[005-029]
1      Running  -     -       web-004
1      unsent   -     -       web-003
3      exit     2     <1s-2s  web-[000-002]
`},
	} {
		if diff := cmp.Diff(test.want, tableOf(t, runOf(test.n, test.fail))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestSitesDoNotShareRows has a run in two regions of two profiles.
func TestSitesDoNotShareRows(t *testing.T) {
	s := runOf(30, func(i int, t *fleet.TargetState) {
		if i%2 == 1 {
			t.Site = beijing()
		}
	}).state
	s.Sites = []fleet.Site{hangzhou(), beijing()}
	var even, odd []string
	for i := range 15 {
		even, odd = append(even, fmt.Sprintf("%03d", 2*i)), append(odd, fmt.Sprintf("%03d", 2*i+1))
	}
	want := `COUNT  REGION       PROFILE  STATUS       EXIT  TIME  INFO               INSTANCES
15     cn-hangzhou  -        undelivered  -     -     ClientNotResponse  web-[` + strings.Join(even, ",") + `]
15     cn-beijing   prod     undelivered  -     -     ClientNotResponse  web-[` + strings.Join(odd, ",") + `]
`
	if diff := cmp.Diff(want, tableOf(t, NewRun(s, stored{}, nil))); diff != "" {
		t.Error(diff)
	}
}

func TestPeriodicRunsFold(t *testing.T) {
	s := runOf(30, func(i int, t *fleet.TargetState) {
		t.Cause, t.InvocationStatus = "", assist.StatusPending
		if i < 3 {
			t.InvocationStatus, t.Repeats, t.FinishTime, t.ExitCode = assist.StatusFailed, 4, "2026-01-02T03:04:05Z", 7
		}
	}).state
	s.Invocations = []fleet.InvocationState{{InvokeId: "t-1", Periodic: true}}
	want := `COUNT  STATUS   EXIT  NEXT RUN  INSTANCES
3      Failed   7     -         web-[000-002]
27     Pending  -     -         web-[003-029]
`
	if diff := cmp.Diff(want, written(t, Table, NewRun(s, stored{}, nil))); diff != "" {
		t.Error(diff)
	}
}

func TestResultsOfSeveralInvocationsFold(t *testing.T) {
	var list []assist.InvocationResult
	for i := range 40 {
		list = append(list, assist.InvocationResult{InvokeId: fmt.Sprint("t-", i/20), InstanceId: fmt.Sprintf("i-%03d", i), InvocationStatus: "Success"})
	}
	if text := written(t, Table, NewResults(list, nil)); !strings.Contains(text, "COUNT  INVOCATION  STATUS   EXIT  TIME  INSTANCES\n20     t-0         success  0     -     i-[000-019]\n20     t-1  ") {
		t.Errorf("got %s", text)
	}
	for i := range list {
		list[i].InvokeId = fmt.Sprint("t-", i)
	}
	if text := written(t, Table, NewResults(list, nil)); !strings.Contains(text, "COUNT  STATUS   EXIT  TIME  INSTANCES\n40     success  0     -     i-[000-039]\n") {
		t.Errorf("got %s", text)
	}
}

func TestInstancesFold(t *testing.T) {
	list := make([]*target.Record, 60)
	for i := range list {
		list[i] = &target.Record{
			InstanceId: fmt.Sprintf("i-%03d", i), InstanceName: fmt.Sprintf("web-%03d", i), RegionId: "r", Status: "Running", OSType: "linux",
			ZoneId: fmt.Sprint("z-", i%2), CloudAssistantVersion: "2.0", CloudAssistantStatus: "true",
			Tags: []assist.TagPair{{TagKey: "role", TagValue: "web"}},
		}
	}
	list[0].Status = "Stopped"
	text := written(t, Table, NewInstances(list))
	if !strings.HasPrefix(text, "COUNT  STATUS   AGENT  OS     ZONE  TAGS      INSTANCES\n30     Running  2.0    linux  z-1   role=web  web-[001,003,") ||
		!strings.HasSuffix(text, "\n1      Stopped  2.0    linux  z-0   role=web  web-000\n(… all instances: -o wide)\n") {
		t.Errorf("got %s", text)
	}
	for i := range list {
		list[i].Tags[0].TagValue = fmt.Sprint(i)
	}
	if text := written(t, Table, NewInstances(list)); !strings.HasPrefix(text, "COUNT  STATUS   AGENT  OS     ZONE  INSTANCES\n30 ") {
		t.Errorf("got %s", text)
	}
	for i := range list {
		list[i].ZoneId = fmt.Sprint("z-", i)
	}
	if text := written(t, Table, NewInstances(list)); !strings.HasPrefix(text, "COUNT  STATUS   AGENT  OS     INSTANCES\n59 ") {
		t.Errorf("got %s", text)
	}
	if text := written(t, Wide, NewInstances(list)); strings.Count(text, "\n") != 61 {
		t.Errorf("got %s", text)
	}
}

func TestNarrowed(t *testing.T) {
	state, outputs := ran(t, hangzhou())
	run := NewRun(state, outputs, nil)
	run.Narrow(func(t *fleet.TargetState) bool { return t.Cause == fleet.CauseExit })
	const want = `==> web-3: exit 3 <==
(7 bytes were dropped: an instance keeps 24 KB)
\xff^[[2Jbad

INSTANCE  NAME   STATUS  EXIT  TIME  INFO
i-3       web-3  exit    3     2s    -

6 instances: 2 success, 1 exit, 1 skipped, 2 unsent in 1.3s, stopped by --max-failures (1 shown)
`
	if diff := cmp.Diff(want, written(t, Table, run)); diff != "" {
		t.Error(diff)
	}
	for format, want := range map[Format]int{NDJSON: 1, CSV: 2, Name: 1, Nodeset: 1} {
		if text := written(t, format, run); strings.Count(text, "\n") != want {
			t.Errorf("%s: %s", format, text)
		}
	}
	if text := written(t, JSON, run); strings.Count(text, `"InstanceId"`) != 1 || !strings.Contains(text, `"Total": 6`) {
		t.Errorf("got %s", text)
	}
	if text := written(t, JUnit, run); !strings.Contains(text, `tests="1"`) {
		t.Errorf("got %s", text)
	}
}

// TestTablesFitTheTerminal writes runs of any kind on terminals of any size: no line of a table is wider than that, each target
// is counted
// once, and failures come last.
func TestTablesFitTheTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		causes := append(fleet.Causes(), "")
		run := runOf(rapid.IntRange(1, 120).Draw(t, "targets"), func(_ int, target *fleet.TargetState) {
			target.Cause = rapid.SampledFrom(causes).Draw(t, "cause")
			target.ExitCode = rapid.Int64Range(0, 40).Draw(t, "exit")
			target.ErrorInfo = rapid.StringMatching(`[a-z ]{0,3}( 世界){0,30}`).Draw(t, "info")
			target.InstanceName = rapid.OneOf(rapid.Just(target.InstanceName), rapid.StringMatching(`[a-z]{1,60}`), rapid.Just("")).Draw(t, "name")
		})
		style := Style{Width: rapid.IntRange(50, 220).Draw(t, "width"), Height: rapid.IntRange(5, 60).Draw(t, "height")}
		var b strings.Builder
		if err := run.WriteTable(&b, style); err != nil {
			t.Fatal(err)
		}
		_, table, folded := strings.Cut("\n"+b.String(), "\nCOUNT  ")
		if !folded {
			_, table, _ = strings.Cut("\n"+b.String(), "\nINSTANCE  ")
		}
		for line := range strings.Lines(table) {
			if columnsOf(strings.TrimSuffix(line, "\n")) > style.Width {
				t.Errorf("wider than %d: %s", style.Width, line)
			}
		}
		if !folded {
			return
		}
		total := 0
		for line := range strings.Lines(table) {
			n := 0
			if _, err := fmt.Sscanf(line, "%d ", &n); err == nil && !strings.Contains(line, " instances: ") {
				total += n
			}
		}
		if total != len(run.state.Targets) {
			t.Errorf("%d of %d are counted in %s", total, len(run.state.Targets), b.String())
		}
	})
}
