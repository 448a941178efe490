package schedule

import (
	"errors"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		text    string
		timeout time.Duration
		gap     time.Duration // 0 if it passes
		limit   time.Duration
		reason  string
	}{
		{"rate(60s)", 0, 0, 0, ""},
		{"rate(60s)", 59 * time.Second, 0, 0, ""},
		{"rate(60s)", time.Minute, time.Minute, time.Minute, "an interval of 1 minute is not longer than the timeout of 1 minute"},
		{"rate(1m)", 90 * time.Second, time.Minute, 90 * time.Second, "an interval of 1 minute is not longer than the timeout of 90 seconds"},
		{"rate(59s)", 0, 59 * time.Second, time.Minute, "an interval of 59 seconds is shorter than 1 minute"},
		{"rate(7d)", 0, 0, 0, ""},
		{"rate(604800s)", 7*day - 1, 0, 0, ""},
		{"rate(604801s)", 0, 7*day + time.Second, 7 * day, "an interval of 604801 seconds is longer than 7 days"},
		{"rate(169h)", 0, 169 * time.Hour, 7 * day, "an interval of 169 hours is longer than 7 days"},
		{"at(2027-01-01 00:00:00)", 100 * day, 0, 0, ""},

		// Within a minute, an hour, a day.
		{"*/10 * * * * ?", 10 * time.Second, 0, 0, ""},
		{"*/10 * * * * ?", 10*time.Second + 1, 10 * time.Second, 10*time.Second + 1, "it fires 10 seconds apart, which is less than the timeout of 10.000000001s"},
		{"*/9 * * * * ?", 0, 6 * time.Second, minGap, "it fires 6 seconds apart, and 10 seconds are needed"},
		{"*/25 * * * * ?", 0, 0, 0, ""},
		{"0,51 * * * * ?", 0, 9 * time.Second, minGap, "it fires 9 seconds apart, and 10 seconds are needed"},
		{"0,51 0,30 * * * ?", 51 * time.Second, 0, 0, ""},
		{"5,10 * * * * ?", time.Hour, 5 * time.Second, minGap, "it fires 5 seconds apart, and 10 seconds are needed"},
		{"* * * * * ?", -time.Second, time.Second, minGap, "it fires 1 second apart, and 10 seconds are needed"},
		{"0 */7 * * * ?", 4 * time.Minute, 0, 0, ""},
		{"0 */7 * * * ?", 5 * time.Minute, 4 * time.Minute, 5 * time.Minute, "it fires 4 minutes apart, which is less than the timeout of 5 minutes"},
		{"0 */7 9 * * ?", 7 * time.Minute, 0, 0, ""},
		{"0 0,59 9,12 * * ?", 59 * time.Minute, 0, 0, ""},

		// Across midnight.
		{"0 0 8 * * ?", day, 0, 0, ""},
		{"0 0 8 * * ?", day + 1, day, day + 1, "it fires 1 day apart, which is less than the timeout of 24h0m0.000000001s"},
		{"0 0 0,23 * * ?", time.Hour, 0, 0, ""},
		{"0 0 0,23 * * ?", 2 * time.Hour, time.Hour, 2 * time.Hour, "it fires 1 hour apart, which is less than the timeout of 2 hours"},
		{"0,55 0,59 0,23 * * ?", 0, 5 * time.Second, minGap, "it fires 5 seconds apart, and 10 seconds are needed"},
		{"0,55 0,59 0,23 ? * MON", 10 * time.Second, 0, 0, ""},

		// Days that are never consecutive, or only at the end of a month, in a leap year or at the end of a year.
		{"0 0 0,23 2-28/2 * ?", 23 * time.Hour, 0, 0, ""},
		{"0 0 0,23 2-28/2 * ?", 24 * time.Hour, 23 * time.Hour, day, "it fires 23 hours apart, which is less than the timeout of 1 day"},
		{"0 0 0,23 1,30 * ?", 2 * time.Hour, time.Hour, 2 * time.Hour, "it fires 1 hour apart, which is less than the timeout of 2 hours"},
		{"0 0 0,23 1,30 1,3,5,7 ?", 2 * time.Hour, 0, 0, ""},
		{"0 0 0,23 1,29 2,3 ?", 2 * time.Hour, time.Hour, 2 * time.Hour, "it fires 1 hour apart, which is less than the timeout of 2 hours"},
		{"0 0 0,23 1,29 2,3 ? 2027", 2 * time.Hour, 0, 0, ""},
		{"0 0 0,23 1,31 1,12 ? 2027", 2 * time.Hour, 0, 0, ""},
		{"0 0 0,23 1,31 1,12 ? 2027,2029", 2 * time.Hour, 0, 0, ""},
		{"0 0 0,23 1,31 1,12 ? 2027,2028", 2 * time.Hour, time.Hour, 2 * time.Hour, "it fires 1 hour apart, which is less than the timeout of 2 hours"},
		{"0 0 0,23 LW,1W * ?", 2 * time.Hour, time.Hour, 2 * time.Hour, "it fires 1 hour apart, which is less than the timeout of 2 hours"},
		{"0 0 0,23 ? * MON,WED", 2 * time.Hour, 0, 0, ""},
		{"0 0 0,23 ? * SAT,SUN", 2 * time.Hour, time.Hour, 2 * time.Hour, "it fires 1 hour apart, which is less than the timeout of 2 hours"},
		{"0 0 8 ? * MON", 7 * day, 0, 0, ""},
		{"0 0 8 ? * MON", 8 * day, 7 * day, 8 * day, "it fires 7 days apart, which is less than the timeout of 8 days"},
		{"0 0 8 1 * ?", 28 * day, 0, 0, ""},
		{"0 0 8 1 * ?", 29 * day, 28 * day, 29 * day, "it fires 28 days apart, which is less than the timeout of 29 days"},
		{"0 0 8 1 1 ?", 365 * day, 0, 0, ""},

		// An expression that fires once or never has no gap.
		{"0 0 8 1 1 ? 2027", 1000 * day, 0, 0, ""},
		{"* * * 31 4 ?", day, 0, 0, ""},
		{"* * * * * ? 1999", day, time.Second, minGap, "it fires 1 second apart, and 10 seconds are needed"},
	}
	for _, test := range tests {
		err := mustParse(t, test.text).Check(test.timeout)
		if test.gap == 0 {
			if err != nil {
				t.Errorf("%s, timeout %s: %v", test.text, test.timeout, err)
			}
			continue
		}
		beyond, ok := errors.AsType[*LimitError](err)
		if !ok {
			t.Errorf("%s, timeout %s: %v, want a gap of %s", test.text, test.timeout, err, test.gap)
			continue
		}
		want := LimitError{Text: test.text, Gap: test.gap, Limit: test.limit, Reason: test.reason}
		if *beyond != want {
			t.Errorf("%s, timeout %s: %+v, want %+v", test.text, test.timeout, *beyond, want)
		}
	}
}

func TestLimitErrorText(t *testing.T) {
	err := mustParse(t, "rate(30s)").Check(0)
	if got, want := err.Error(), `frequency "rate(30s)": an interval of 30 seconds is shorter than 1 minute`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
