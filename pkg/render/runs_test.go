package render

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func someRuns() []RunSummary {
	at := func(minute int) time.Time { return time.Date(2026, 1, 2, 3, minute, 5, 999, time.FixedZone("", 3600)) }
	return []RunSummary{
		{RunId: "r-1", Action: "RunCommand", RegionId: "cn-hangzhou", Script: "#!/bin/sh\n\n  uptime \x1b[2J\nls", StartTime: at(1), FinishTime: at(2),
			Status: "PartialFailed", Total: 120, Counts: Counts{"Total": 120, "success": 118, "exit": 2}},
		{RunId: "r-3", Action: "RunCommand", RegionId: "cn-hangzhou", Profile: "prod", Script: strings.Repeat("日", 50), StartTime: at(3), Status: RunRunning, Total: 7},
		{RunId: "r-2", Action: "SendFile", StartTime: at(2), Status: RunInterrupted, Total: 2, Counts: Counts{"Total": 2, "unknown": 1}},
	}
}

func TestRunsTable(t *testing.T) {
	want := `RUN  STARTED                    STATUS         TARGETS  RESULT                  SCRIPT
r-3  2026-01-02T03:03:05+01:00  Running        7        -                       ` + strings.Repeat("日", 39) + `…
r-2  2026-01-02T03:02:05+01:00  Interrupted    2        1 unknown, 1 under way  -
r-1  2026-01-02T03:01:05+01:00  PartialFailed  120      118 success, 2 exit     uptime ^[[2J
`
	if diff := cmp.Diff(want, written(t, Table, NewRuns(someRuns()))); diff != "" {
		t.Error(diff)
	}
	var b strings.Builder
	if err := NewRuns(someRuns()[:1]).WriteTable(&b, Style{Width: 120}); err != nil {
		t.Fatal(err)
	}
	if local := someRuns()[0].StartTime.Local().Format("2006-01-02 15:04"); !strings.Contains(b.String(), " "+local+"  PartialFailed") {
		t.Error(b.String())
	}
	b.Reset()
	narrow := someRuns()[:2]
	narrow[0].StartTime = time.Now().Add(-50 * time.Hour)
	if err := NewRuns(narrow).WriteTable(&b, Style{Width: 50}); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(b.String(), "RUN  AGE ") || !strings.Contains(b.String(), "\nr-1  2d  ") || strings.Contains(b.String(), "TARGETS") {
		t.Error(b.String())
	}
}

func TestRunsJSON(t *testing.T) {
	const want = `{"Runs":[{"RunId":"r-3","Action":"RunCommand","RegionId":"cn-hangzhou","Profile":"prod","Script":"uptime","StartTime":"2026-01-02T03:03:05+01:00","Status":"Running","Total":7},` +
		`{"RunId":"r-1","Action":"RunCommand","RegionId":"cn-hangzhou","Script":"uptime \u001b[2J","StartTime":"2026-01-02T03:01:05+01:00","FinishTime":"2026-01-02T03:02:05+01:00","Status":"PartialFailed","Total":120,` +
		`"Counts":{"Total":120,"success":118,"exit":2,"timeout":0,"undelivered":0,"invalid":0,"error":0,"cancelled":0,"terminated":0,"rejected":0,"skipped":0,"unsent":0,"unknown":0}}]}` + "\n"
	list := someRuns()[:2]
	list[1].Script = "uptime"
	var b strings.Builder
	if err := Line(&b, NewRuns(list)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	if got := written(t, JSON, NewRuns(nil)); got != "{\n  \"Runs\": []\n}\n" {
		t.Error(got)
	}
}
