package cmd

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/schedule"
)

// TestNextFire checks that the next run is that of instances where it is not the calendar's.
func TestNextFire(t *testing.T) {
	type fire struct {
		Next, Calendar string
		Silent         bool
	}
	const never = ""
	for _, c := range []struct{ frequency, lastStart, now, next, calendar, deviation string }{
		{"0 30 2 * * ? Asia/Shanghai", never, "2027-03-13T12:00:00+08:00", "2027-03-14T02:30:00+08:00", "2027-03-14T02:30:00+08:00", ""},
		{"0 30 2 * * ? America/New_York", never, "2027-03-12T12:00:00-05:00", "2027-03-13T02:30:00-05:00", "2027-03-13T02:30:00-05:00", ""},
		{
			"0 30 2 * * ? America/New_York", "2027-03-13T02:30:00-05:00", "2027-03-13T12:00:00-05:00", "2027-03-14T01:30:00-05:00", "2027-03-15T02:30:00-04:00",
			"run it next at 2027-03-14T01:30:00-05:00 instead of 2027-03-15T02:30:00-04:00, because clocks change:",
		},
		{ // between the last run and the change
			"0 30 2 * * ? America/New_York", "2027-03-14T01:30:00-05:00", "2027-03-14T01:45:00-05:00", never, "2027-03-15T02:30:00-04:00",
			"do not run it until their agents are restarted, because clocks have changed:",
		},
		{ // long after it
			"0 30 2 * * ? America/New_York", "2027-03-14T01:30:00-05:00", "2027-03-20T12:00:00-04:00", never, "2027-03-21T02:30:00-04:00",
			"do not run it until their agents are restarted, because clocks have changed:",
		},
		{ // some instance has started it again
			"0 30 2 * * ? America/New_York", "2027-03-19T02:30:00-04:00", "2027-03-20T12:00:00-04:00", "2027-03-21T02:30:00-04:00", "2027-03-21T02:30:00-04:00", "",
		},
		{ // it is not known when it last started
			"0 30 2 * * ? America/New_York", never, "2027-03-20T12:00:00-04:00", "2027-03-21T02:30:00-04:00", "2027-03-21T02:30:00-04:00", "",
		},
		{
			"0 30 2 28 3 ? 2027 Europe/Berlin", never, "2027-03-27T12:00:00+01:00", "2027-03-28T03:30:00+02:00", never,
			"run it next at 2027-03-28T03:30:00+02:00, which is not a time of the schedule, because clocks change:",
		},
		{"0 30 2 * * ? 2026 Europe/Berlin", never, "2027-03-27T12:00:00+01:00", never, never, ""},
		{"rate(1h)", never, "2027-03-14T01:45:00Z", "2027-03-14T02:45:00Z", "2027-03-14T02:45:00Z", ""},
		{"rate(1h)", "2027-03-14T01:30:00Z", "2027-03-14T01:45:00Z", "2027-03-14T02:30:00Z", "2027-03-14T02:30:00Z", ""},
		{"at(2027-06-06 13:15:30)", never, "2027-03-14T01:45:00Z", "2027-06-06T13:15:30Z", "2027-06-06T13:15:30Z", ""},
	} {
		f, err := schedule.Parse(c.frequency)
		if err != nil {
			t.Fatal(err)
		}
		next := nextFireAfter(f, moment(t, c.lastStart), moment(t, c.now), time.UTC)
		got := fire{formatTime(next.time), formatTime(next.calendar), next.silent}
		if diff := cmp.Diff(fire{c.next, c.calendar, c.next == "" && c.calendar != ""}, got); diff != "" {
			t.Errorf("%s at %s: %s", c.frequency, c.now, diff)
		}
		if text := next.deviation(); text != c.deviation {
			t.Errorf("%s at %s: %q", c.frequency, c.now, text)
		}
	}
}

// moment parses a time as documents write it; "" is the zero time.
func moment(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestNextRunNotes checks the warnings of a watch before and after a change of clocks.
func TestNextRunNotes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := func(text string) { time.Sleep(time.Until(moment(t, text))) }
		state := fleet.NewState()
		state.Invocations = []fleet.InvocationState{
			{InvokeId: "t-1", Frequency: "0 30 2 * * ? America/New_York", InvocationStatus: assist.StatusScheduled},
			{InvokeId: "t-2", Frequency: "0 30 2 * * ? America/New_York", InvocationStatus: assist.StatusStopped},
			{InvokeId: "t-3", Frequency: "0 30 4 * * ? America/New_York", InvocationStatus: assist.StatusScheduled},
		}
		state.Targets = []fleet.TargetState{{InvokeId: "t-1", TargetStatus: fleet.TargetStatus{StartTime: "2000-04-01T07:30:00Z"}}}
		at("2000-04-01T12:00:00-05:00")
		want := []string{"warning: instances run it next at 2000-04-02T01:30:00-05:00 instead of 2000-04-03T02:30:00-04:00, because clocks change: t-1"}
		if diff := cmp.Diff(want, nextRunNotes(state)); diff != "" {
			t.Error(diff)
		}
		if got := nextRun(state); !got.Equal(moment(t, "2000-04-02T01:30:00-05:00")) {
			t.Errorf("the display has %s", got)
		}
		state.Targets[0].StartTime = "2000-04-02T06:30:00Z"
		at("2000-04-02T12:00:00-04:00")
		want = []string{"warning: instances do not run it until their agents are restarted, because clocks have changed: t-1"}
		if diff := cmp.Diff(want, nextRunNotes(state)); diff != "" {
			t.Error(diff)
		}
		if got := nextRun(state); !got.IsZero() {
			t.Errorf("the display has %s", got)
		}
	})
}
