package schedule

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClockChanges(t *testing.T) {
	tests := []struct {
		name, text, zone, from string
		want                   []string
	}{
		// New York: on 2027-03-14 no 02:00 to 03:00, on 2027-11-07 twice 01:00 to 02:00.
		{"skipped", "0 30 2 * * ?", "America/New_York", "2027-03-13T00:00:00-05:00",
			[]string{"2027-03-13T02:30:00-05:00", "2027-03-15T02:30:00-04:00"}},
		{"skipped, asked just before", "0 30 2 * * ?", "America/New_York", "2027-03-14T01:59:59-05:00",
			[]string{"2027-03-15T02:30:00-04:00"}},
		{"skipped, every minute of it", "* * 2 14 3 ?", "America/New_York", "2027-01-01T00:00:00-05:00",
			[]string{"2028-03-14T02:00:00-04:00"}},
		{"across the skipped hour", "0 */30 * * * ?", "America/New_York", "2027-03-14T01:00:00-05:00",
			[]string{"2027-03-14T01:30:00-05:00", "2027-03-14T03:00:00-04:00", "2027-03-14T03:30:00-04:00"}},
		{"first reading after the skipped hour", "0 0 3 * * ?", "America/New_York", "2027-03-14T01:59:59-05:00",
			[]string{"2027-03-14T03:00:00-04:00", "2027-03-15T03:00:00-04:00"}},
		{"skipped each year", "0 30 2 ? 3 SUN#2", "America/New_York", "2027-01-01T00:00:00-05:00", nil},
		{"skipped in this year", "0 30 2 14 3 ?", "America/New_York", "2027-01-01T00:00:00-05:00",
			[]string{"2028-03-14T02:30:00-04:00"}},
		{"skipped in the only year", "0 30 2 14 3 ? 2027", "America/New_York", "2027-01-01T00:00:00-05:00", nil},
		{"shown twice", "0 30 1 * * ?", "America/New_York", "2027-11-06T12:00:00-04:00",
			[]string{"2027-11-07T01:30:00-04:00", "2027-11-08T01:30:00-05:00"}},
		{"shown twice, asked in between", "0 30 1 * * ?", "America/New_York", "2027-11-07T01:10:00-05:00",
			[]string{"2027-11-08T01:30:00-05:00"}},
		{"shown twice, asked between two of them", "0 */20 1 * * ?", "America/New_York", "2027-11-07T01:10:00-04:00",
			[]string{"2027-11-07T01:20:00-04:00", "2027-11-07T01:40:00-04:00", "2027-11-08T01:00:00-05:00"}},
		{"shown twice, in two hours", "0 0 1-2 * * ?", "America/New_York", "2027-11-07T00:00:00-04:00",
			[]string{"2027-11-07T01:00:00-04:00", "2027-11-07T02:00:00-05:00", "2027-11-08T01:00:00-05:00"}},
		{"shown twice, for every hour", "0 30 * * * ?", "America/New_York", "2027-11-07T00:00:00-04:00",
			[]string{"2027-11-07T00:30:00-04:00", "2027-11-07T01:30:00-04:00", "2027-11-07T01:30:00-05:00", "2027-11-07T02:30:00-05:00"}},
		{"shown twice, for every hour by name", "0 30 0-23 7 11 ? 2027", "America/New_York", "2027-11-07T01:00:00-04:00",
			[]string{"2027-11-07T01:30:00-04:00", "2027-11-07T01:30:00-05:00"}},
		{"two readings before the clock is set back", "50 59 1 * * ?", "America/New_York", "2027-11-07T01:59:49-04:00",
			[]string{"2027-11-07T01:59:50-04:00", "2027-11-08T01:59:50-05:00"}},
		{"after many changes", "0 30 1 29 2 ? 2096", "America/New_York", "2027-11-07T01:10:00-04:00",
			[]string{"2096-02-29T01:30:00-05:00"}},
		{"long before many changes", "0 30 1 29 2 ? 1972", "America/New_York", "1700-01-01T00:00:00Z",
			[]string{"1972-02-29T01:30:00-05:00"}},

		{"on the last day of a leap year, after the last change in the database", "0 30 20 * * ?", "America/New_York", "2088-12-30T12:00:00-05:00",
			[]string{"2088-12-30T20:30:00-05:00", "2088-12-31T20:30:00-05:00", "2089-01-01T20:30:00-05:00"}},
		{"across the last day of a leap year", "0 30 20 1 1 ?", "America/New_York", "2088-12-30T20:00:00-05:00",
			[]string{"2089-01-01T20:30:00-05:00"}},

		// London: on 2027-03-28 no 01:00 to 02:00, on 2027-10-31 twice 01:00 to 02:00.
		{"skipped", "0 30 1 * * ?", "Europe/London", "2027-03-27T12:00:00Z",
			[]string{"2027-03-29T01:30:00+01:00"}},
		{"shown twice", "0 30 1 * * ?", "Europe/London", "2027-10-31T00:00:00+01:00",
			[]string{"2027-10-31T01:30:00+01:00", "2027-11-01T01:30:00Z"}},
		{"shown twice, for every hour", "0 0/30 * * * ?", "Europe/London", "2027-10-31T01:00:00+01:00",
			[]string{"2027-10-31T01:30:00+01:00", "2027-10-31T01:00:00Z", "2027-10-31T01:30:00Z", "2027-10-31T02:00:00Z"}},

		// Lord Howe: half an hour. On 2027-10-03 no 02:00 to 02:30, on 2027-04-04 twice 01:30 to 02:00.
		{"skipped", "0 15 2 * * ?", "Australia/Lord_Howe", "2027-10-02T12:00:00+10:30",
			[]string{"2027-10-04T02:15:00+11:00"}},
		{"just not skipped", "0 30 2 * * ?", "Australia/Lord_Howe", "2027-10-02T12:00:00+10:30",
			[]string{"2027-10-03T02:30:00+11:00"}},
		{"shown twice", "0 45 1 * * ?", "Australia/Lord_Howe", "2027-04-04T00:00:00+11:00",
			[]string{"2027-04-04T01:45:00+11:00", "2027-04-05T01:45:00+10:30"}},
		{"shown twice, for every hour", "0 */15 * * * ?", "Australia/Lord_Howe", "2027-04-04T01:15:00+11:00",
			[]string{"2027-04-04T01:30:00+11:00", "2027-04-04T01:45:00+11:00", "2027-04-04T01:30:00+10:30", "2027-04-04T01:45:00+10:30", "2027-04-04T02:00:00+10:30"}},

		// São Paulo's changes were at midnight: 2018-11-04 began at 01:00, and 2018-02-17 had 23:00 to 24:00 twice.
		{"skipped midnight", "0 0 0 * * ?", "America/Sao_Paulo", "2018-11-03T12:00:00-03:00",
			[]string{"2018-11-05T00:00:00-02:00"}},
		{"day shown again after its end", "0 30 * 17 2 ? 2018", "America/Sao_Paulo", "2018-02-17T22:30:00-02:00",
			[]string{"2018-02-17T23:30:00-02:00", "2018-02-17T23:30:00-03:00"}},
		{"day shown again, the next one a year away", "0 30 * 17 2 ?", "America/Sao_Paulo", "2018-02-17T22:30:00-02:00",
			[]string{"2018-02-17T23:30:00-02:00", "2018-02-17T23:30:00-03:00", "2019-02-17T00:30:00-03:00"}},
		{"day not shown again", "0 30 20-23 17 2 ? 2018", "America/Sao_Paulo", "2018-02-17T22:30:00-02:00",
			[]string{"2018-02-17T23:30:00-02:00"}},

		// Apia had no 2011-12-30.
		{"skipped day", "0 0 8 * * ?", "Pacific/Apia", "2011-12-29T12:00:00-10:00",
			[]string{"2011-12-31T08:00:00+14:00"}},
		// The clock of Troll changes by two hours.
		{"twice two hours", "0 0 2 * * ?", "Antarctica/Troll", "2027-10-31T00:00:00+02:00",
			[]string{"2027-10-31T02:00:00+02:00", "2027-11-01T02:00:00Z"}},
	}
	for _, test := range tests {
		f := mustParse(t, test.text)
		got := stamps(f.Fires(mustTime(t, test.from), mustLoad(t, test.zone), max(1, len(test.want))))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: %s %s (-want +got):\n%s", test.name, test.zone, test.text, diff)
		}
	}
}

func TestAtDuringClockChanges(t *testing.T) {
	for text, want := range map[string]string{
		"at(2027-03-14 01:59:59 America/New_York)":    "2027-03-14T01:59:59-05:00",
		"at(2027-03-14 02:00:00 America/New_York)":    "2027-03-14T03:00:00-04:00", // skipped
		"at(2027-03-14 02:30:00 America/New_York)":    "2027-03-14T03:30:00-04:00", // skipped
		"at(2027-03-14 03:00:00 America/New_York)":    "2027-03-14T03:00:00-04:00",
		"at(2027-11-07 00:59:59 America/New_York)":    "2027-11-07T00:59:59-04:00",
		"at(2027-11-07 01:30:00 America/New_York)":    "2027-11-07T01:30:00-04:00", // shown twice
		"at(2027-11-07 02:00:00 America/New_York)":    "2027-11-07T02:00:00-05:00",
		"at(2027-10-31 01:30:00 Europe/London)":       "2027-10-31T01:30:00+01:00", // shown twice
		"at(2027-03-28 01:30:00 Europe/London)":       "2027-03-28T02:30:00+01:00", // skipped
		"at(2027-10-03 02:15:00 Australia/Lord_Howe)": "2027-10-03T02:45:00+11:00", // skipped
		"at(2027-04-04 01:45:00 Australia/Lord_Howe)": "2027-04-04T01:45:00+11:00", // shown twice
		"at(2011-12-30 08:00:00 Pacific/Apia)":        "2011-12-31T08:00:00+14:00", // skipped
		"at(2018-02-17 23:30:00 America/Sao_Paulo)":   "2018-02-17T23:30:00-02:00", // shown twice
		"at(2088-12-31 12:00:00 America/New_York)":    "2088-12-31T12:00:00-05:00",
		"at(2089-01-01 12:00:00 America/New_York)":    "2089-01-01T12:00:00-05:00",
		"at(2600-07-01 08:00:00 Europe/London)":       "2600-07-01T08:00:00+01:00",
	} {
		if got := mustParse(t, text).Next(time.Unix(0, 0), nil).Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}
