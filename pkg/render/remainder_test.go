package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"github.com/google/go-cmp/cmp"

	"muster/pkg/fleet"
)

func TestRemainder(t *testing.T) {
	state := fleet.NewState()
	for i, cause := range append(fleet.Causes(), "") {
		state.Targets = append(state.Targets, fleet.TargetState{
			TargetStatus: fleet.TargetStatus{InstanceId: fmt.Sprint("i-", i)}, InstanceName: fmt.Sprintf("web-%02d", i), Cause: cause,
		})
	}
	state.Targets[11].InvokeId = "t-1"
	state.Targets[0].InstanceName, state.Targets[1].InstanceName = "", "\x07web"
	const table = `done: 10: i-[0-1],web-[02-09]
still running: 1: web-11
in doubt: 1: web-12
never sent: 1: web-10
`
	if diff := cmp.Diff(table, written(t, Table, NewRemainder(state))); diff != "" {
		t.Error(diff)
	}
	const line = `{"Done":["i-0","i-1","i-2","i-3","i-4","i-5","i-6","i-7","i-8","i-9"],"Running":["i-11"],"InDoubt":["i-12"],"Unsent":["i-10"]}` + "\n"
	if diff := cmp.Diff(line, written(t, NDJSON, NewRemainder(state))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("done: 0\nstill running: 0\nnever sent: 0\n", written(t, Table, NewRemainder(fleet.NewState()))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`{"Done":[],"Running":[],"InDoubt":[],"Unsent":[]}`+"\n", written(t, NDJSON, NewRemainder(fleet.NewState()))); diff != "" {
		t.Error(diff)
	}
}

// TestRemainderFits has names that do not fold, and terminals of any width.
func TestRemainderFits(t *testing.T) {
	state, ids := fleet.NewState(), map[string]bool{"…": true}
	for i := range 1000 {
		id := fmt.Sprintf("i-日%c%c%c", 'a'+i%26, 'a'+i/26%26, 'a'+i/676)
		ids[id] = true
		state.Targets = append(state.Targets, fleet.TargetState{TargetStatus: fleet.TargetStatus{InstanceId: id}, Cause: fleet.CauseSuccess})
	}
	for width := range 200 {
		var b strings.Builder
		if err := NewRemainder(state).WriteTable(&b, Style{Width: width}); err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(b.String(), "\n")
		limit := width
		if width == 0 {
			limit = 1000
		}
		if got := displaywidth.String(first); got > max(limit, len("done: 1000: …")) || limit > 40 && got < limit-20 {
			t.Errorf("%d of %d columns: %s", got, width, first)
		}
		names := strings.TrimPrefix(first, "done: 1000: ")
		if !strings.Contains(names, "…") {
			t.Errorf("%d columns: no mark for names left out: %s", width, first)
		}
		for name := range strings.SplitSeq(names, ",") {
			if limit > 40 && !ids[name] {
				t.Errorf("%d columns: truncated within a name: %s", width, first)
			}
		}
	}
}
