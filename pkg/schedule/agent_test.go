package schedule

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestAgentFires has what build 578 of the agent does, measured with its cron library and its timer.
func TestAgentFires(t *testing.T) {
	tests := []struct {
		name, text, zone, from string
		silent                 bool
		want                   []string
	}{
		{"skipped, west of Greenwich", "0 30 2 * * ?", "America/New_York", "2027-03-13T00:00:00-05:00", true,
			[]string{"2027-03-13T02:30:00-05:00", "2027-03-14T01:30:00-05:00"}},
		{"skipped, agent restarted afterwards", "0 30 2 * * ?", "America/New_York", "2027-03-14T03:00:00-04:00", false,
			[]string{"2027-03-15T02:30:00-04:00"}},
		{"skipped, east of Greenwich", "0 30 2 * * ?", "Europe/Berlin", "2027-03-27T00:00:00+01:00", false,
			[]string{"2027-03-27T02:30:00+01:00", "2027-03-28T03:30:00+02:00", "2027-03-29T02:30:00+02:00"}},
		{"midnight skipped, west", "0 0 0 * * ?", "America/Santiago", "2027-09-04T12:00:00-04:00", true,
			[]string{"2027-09-04T23:00:00-04:00"}},
		{"midnight skipped, east", "0 0 0 * * ?", "Africa/Cairo", "2027-04-29T12:00:00+02:00", false,
			[]string{"2027-04-30T01:00:00+03:00", "2027-05-01T00:00:00+03:00"}},
		{"half an hour skipped", "0 15 2 * * ?", "Australia/Lord_Howe", "2027-10-02T12:00:00+10:30", false,
			[]string{"2027-10-03T02:45:00+11:00", "2027-10-04T02:15:00+11:00"}},
		{"clock put back, west", "0 */30 * * * ?", "America/New_York", "2027-11-07T00:40:00-04:00", false,
			[]string{"2027-11-07T01:00:00-04:00", "2027-11-07T01:30:00-04:00", "2027-11-07T02:00:00-05:00", "2027-11-07T02:30:00-05:00"}},
		{"shown twice, at Greenwich", "0 30 2 * * ?", "Africa/Casablanca", "2027-02-06T12:00:00+01:00", false,
			[]string{"2027-02-07T02:30:00Z", "2027-02-08T02:30:00Z"}},
		{"shown twice, east", "0 30 2 * * ?", "Europe/Berlin", "2027-10-30T12:00:00+02:00", false,
			[]string{"2027-10-31T02:30:00+01:00", "2027-11-01T02:30:00+01:00"}},
		{"shown twice, west", "0 30 1 * * ?", "America/New_York", "2027-11-06T12:00:00-04:00", false,
			[]string{"2027-11-07T01:30:00-04:00", "2027-11-08T01:30:00-05:00"}},
		{"clock put forward, west", "0 */30 * * * ?", "America/New_York", "2027-03-14T00:40:00-05:00", true,
			[]string{"2027-03-14T01:00:00-05:00", "2027-03-14T01:30:00-05:00"}},
		{"clock put forward, east", "0 */30 * * * ?", "Europe/Berlin", "2027-03-28T01:10:00+01:00", false,
			[]string{"2027-03-28T01:30:00+01:00", "2027-03-28T03:00:00+02:00", "2027-03-28T03:30:00+02:00"}},
		{"clock put back, half an hour", "0 */15 * * * ?", "Australia/Lord_Howe", "2027-04-04T01:10:00+11:00", false,
			[]string{"2027-04-04T01:15:00+11:00", "2027-04-04T01:30:00+10:30", "2027-04-04T01:45:00+10:30", "2027-04-04T02:00:00+10:30"}},
		{"no change", "0 0 8 * * ?", "America/New_York", "2027-03-13T12:00:00-05:00", false,
			[]string{"2027-03-14T08:00:00-04:00", "2027-03-15T08:00:00-04:00"}},
		{"a rate does not know clocks", "rate(1h)", "America/New_York", "2027-03-14T01:30:00-05:00", false,
			[]string{"2027-03-14T03:30:00-04:00"}},
	}
	for _, test := range tests {
		from := mustTime(t, test.from).In(mustLoad(t, test.zone))
		fires, silent := mustParse(t, test.text).AgentFires(from, from.Location(), len(test.want))
		if diff := cmp.Diff(test.want, stamps(fires)); diff != "" || silent != test.silent {
			t.Errorf("%s: %s %s: silent %v, want %v (-want +got):\n%s", test.name, test.zone, test.text, silent, test.silent, diff)
		}
	}
}

// TestAgentFiresToTheEnd tests that an agent with nothing left to do is not called silent.
func TestAgentFiresToTheEnd(t *testing.T) {
	fires, silent := mustParse(t, "0 0 8 1 1 ? 2028 Europe/Berlin").AgentFires(mustTime(t, "2027-01-01T00:00:00Z"), nil, 5)
	if diff := cmp.Diff([]string{"2028-01-01T08:00:00+01:00"}, stamps(fires)); diff != "" || silent {
		t.Errorf("silent %v (-want +got):\n%s", silent, diff)
	}
}

func TestClockChangesOfAYear(t *testing.T) {
	for _, test := range []struct {
		text, zone string
		want       []string
	}{
		{"0 30 2 * * ?", "America/New_York", []string{
			"2027-03-14T03:00:00-04:00: calendar [], agent [2027-03-14T01:30:00-05:00], last 2027-03-14T01:30:00-05:00"}},
		{"0 30 2 * * ?", "Europe/Berlin", []string{
			"2027-03-28T03:00:00+02:00: calendar [], agent [2027-03-28T03:30:00+02:00], last -",
			"2027-10-31T02:00:00+01:00: calendar [2027-10-31T02:30:00+02:00], agent [2027-10-31T02:30:00+01:00], last -"}},
		{"0 0 0 * * ?", "America/Santiago", []string{
			"2027-09-05T01:00:00-03:00: calendar [], agent [2027-09-04T23:00:00-04:00], last 2027-09-04T23:00:00-04:00"}},
		{"0 0 0 * * ?", "Africa/Cairo", []string{
			"2027-04-30T01:00:00+03:00: calendar [], agent [2027-04-30T01:00:00+03:00], last -"}},
		{"0 15 2 * * ?", "Australia/Lord_Howe", []string{
			"2027-10-03T02:30:00+11:00: calendar [], agent [2027-10-03T02:45:00+11:00], last -"}},
		{"0 */30 * * * ?", "America/New_York", []string{
			"2027-03-14T03:00:00-04:00: calendar [], agent [], last 2027-03-14T01:30:00-05:00",
			"2027-11-07T01:00:00-05:00: calendar [2027-11-07T01:00:00-05:00 2027-11-07T01:30:00-05:00], agent [], last -"}},
		{"0 30 2 * * ?", "Africa/Casablanca", []string{
			"2027-02-07T02:00:00Z: calendar [2027-02-07T02:30:00+01:00], agent [2027-02-07T02:30:00Z], last -",
			"2027-03-14T03:00:00+01:00: calendar [], agent [2027-03-14T03:30:00+01:00], last -"}},
		{"0 0 8 * * ?", "America/New_York", nil},
		{"0 30 2 * * ? UTC", "America/New_York", nil},
		{"0 30 2 1 1 ?", "America/New_York", nil},
		{"at(2027-03-14 02:30:00 America/New_York)", "America/New_York", nil},
		{"rate(5m)", "America/New_York", nil},
	} {
		loc := mustLoad(t, test.zone)
		from := time.Date(2027, 1, 1, 0, 0, 0, 0, loc)
		var got []string
		for _, c := range mustParse(t, test.text).ClockChanges(from, from.AddDate(1, 0, 0), loc) {
			last := "-"
			if !c.Last.IsZero() {
				last = c.Last.Format(time.RFC3339)
			}
			got = append(got, fmt.Sprintf("%s: calendar %v, agent %v, last %s", c.Time.Format(time.RFC3339), stamps(c.Calendar), stamps(c.Agent), last))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.zone, test.text, diff)
		}
	}
}

// TestSameWithoutClockChanges tests that agents fire by the calendar wherever the clocks stay, and everywhere within a period
// without a reported change.
func TestSameWithoutClockChanges(t *testing.T) {
	zones := []string{"America/New_York", "Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Asia/Shanghai", "Africa/Casablanca"}
	rapid.Check(t, func(r *rapid.T) {
		loc := mustLoad(t, rapid.SampledFrom(zones).Draw(r, "zone"))
		text := fmt.Sprintf("0 %d %d/%d * * ?", rapid.IntRange(0, 59).Draw(r, "minute"), rapid.IntRange(0, 23).Draw(r, "hour"), rapid.IntRange(1, 23).Draw(r, "step"))
		f := mustParse(t, text)
		from := time.Date(2027, 1, rapid.IntRange(1, 365).Draw(r, "day"), rapid.IntRange(0, 23).Draw(r, "at"), 0, 0, 0, loc)
		next, silent := f.AgentNext(from, loc)
		calendar := f.Next(from, loc)
		if next.Equal(calendar) && !silent {
			return
		}
		around := f.ClockChanges(from.Add(-48*time.Hour), from.Add(72*time.Hour), loc)
		if len(around) == 0 {
			r.Fatalf("%s %s from %s: %s on the agent (silent %v), %s by the calendar, and no change is reported", loc, text, from, next, silent, calendar)
		}
	})
}
