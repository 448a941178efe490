package schedule

import (
	"testing"
	"time"

	"github.com/hashicorp/cronexpr"
)

// TestCronexprReadsOtherwise compares cronexpr's reading of a text with this package's. If one of cronexpr's changes, a part of
// newCalendar may no longer be needed.
func TestCronexprReadsOtherwise(t *testing.T) {
	from := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		text     string
		cronexpr string // see cronexprNext
		here     string // the same of this package; empty if it refuses the text
	}{
		// cronexpr's fields begin with the minute if there are five or six, and a sixth is the year.
		{"30 8 1 1 *", "2027-01-01T08:30:00Z", ""},
		{"0 0 8 * * ?", "2027-01-08T00:00:00Z", "2027-01-01T08:00:00Z"},
		{"@daily", "2027-01-02T00:00:00Z", ""},
		// cronexpr ignores what follows the seventh field.
		{"0 0 8 * * ? * anything", "2027-01-01T08:00:00Z", ""},
		// cronexpr reads every weekday with a leading zero as Sunday, and omits the Sunday of a range that ends on it.
		{"0 0 8 ? * 05 *", "2027-01-03T08:00:00Z", ""},
		{"0 0 8 ? * 6-7 *", "2027-01-02T08:00:00Z", ""},
		// A range that runs backwards is empty.
		{"0 0 8 ? * FRI-MON *", "", ""},
		{"0 0 22-2 * * ? *", "", ""},
		{"0 0 8,,9, * * ? *", "2027-01-01T08:00:00Z", ""},
		// Both agree on these.
		{"0 0 0/24 * * ? *", "error", ""},
		{"0 0 8 * * ? 2022/60", "error", ""},
		{"0 0 9 */1 * MON *", "2027-01-01T09:00:00Z", "2027-01-01T09:00:00Z"},
		{"0 0 9 13,L * TUE#1 *", "2027-01-05T09:00:00Z", "2027-01-05T09:00:00Z"},
	}
	for _, test := range tests {
		if got := cronexprNext(test.text, from); got != test.cronexpr {
			t.Errorf("%s: cronexpr finds %q, not %q as before", test.text, got, test.cronexpr)
		}
		here := ""
		if f, err := Parse(test.text); err == nil {
			here = f.Next(from, time.UTC).Format(time.RFC3339)
		}
		if here != test.here {
			t.Errorf("%s: %q, want %q", test.text, here, test.here)
		}
	}
}

// cronexprNext returns the first time after from at which cronexpr fires: "error" if it refuses the text, and "" if it never
// fires.
func cronexprNext(text string, from time.Time) string {
	expression, err := cronexpr.Parse(text)
	if err != nil {
		return "error"
	}
	next := expression.Next(from)
	if next.IsZero() {
		return ""
	}
	return next.Format(time.RFC3339)
}

// TestCronexprFiresTwice shows why cronexpr is only used in UTC: in another zone it fires twice when the clock is set back.
func TestCronexprFiresTwice(t *testing.T) {
	newYork := mustLoad(t, "America/New_York")
	from := time.Date(2027, 11, 7, 0, 0, 0, 0, newYork)
	fires := cronexpr.MustParse("0 30 1 * * * *").NextN(from, 2)
	if fires[1].Sub(fires[0]) != time.Hour {
		t.Errorf("cronexpr: %s", stamps(fires))
	}
	fires = mustParse(t, "0 30 1 * * *").Fires(from, newYork, 2)
	if fires[1].Sub(fires[0]) != 25*time.Hour {
		t.Errorf("here: %s", stamps(fires))
	}
}
