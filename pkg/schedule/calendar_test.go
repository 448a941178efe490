package schedule

import (
	"testing"
	"time"

	"github.com/hashicorp/cronexpr"
)

// What cronexpr makes of a text by itself, where that is not what it means here. If one of these changes, a part of the
// fence around cronexpr can go.
func TestCronexprHasItsOwnIdeas(t *testing.T) {
	from := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		text, cronexpr string // its next fire, an error or a panic
		here           string // ours; empty if refused
	}{
		// Five fields begin with the minute, and so do six, of which the last is a year: the classic six have another meaning.
		{"30 8 1 1 *", "2027-01-01T08:30:00Z", ""},
		{"0 0 8 * * ?", "2027-01-08T00:00:00Z", "2027-01-01T08:00:00Z"},
		{"@daily", "2027-01-02T00:00:00Z", ""},
		// What follows the seventh field is dropped.
		{"0 0 8 * * ? * anything", "2027-01-01T08:00:00Z", ""},
		// A leading zero makes any weekday a Sunday, and a range to Sunday loses it.
		{"0 0 8 ? * 05 *", "2027-01-03T08:00:00Z", ""},
		{"0 0 8 ? * 6-7 *", "2027-01-02T08:00:00Z", ""},
		// Ranges that run backwards are empty.
		{"0 0 8 ? * FRI-MON *", "", ""},
		{"0 0 22-2 * * ? *", "", ""},
		{"50-10 0 8 * * ? *", "panic", ""},
		{"0 0 8,,9, * * ? *", "2027-01-01T08:00:00Z", ""},
		// The two agree on these.
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

func cronexprNext(text string, from time.Time) (outcome string) {
	defer func() {
		if recover() != nil {
			outcome = "panic"
		}
	}()
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

// Asked in a zone of its own, cronexpr fires twice where the clock is put back.
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
