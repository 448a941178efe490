package schedule

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustParse(t testing.TB, text string) *Frequency {
	t.Helper()
	f, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustLoad(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func mustTime(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// stamps formats times in RFC 3339, each in its own location.
func stamps(times []time.Time) []string {
	var texts []string
	for _, t := range times {
		texts = append(texts, t.Format(time.RFC3339))
	}
	return texts
}

func TestFires(t *testing.T) {
	const newYear = "2027-01-01T00:00:00Z"
	tests := []struct {
		text, from string
		want       []string
	}{
		{"*/10 * * * * ?", newYear, []string{"2027-01-01T00:00:10Z", "2027-01-01T00:00:20Z"}},
		{"10-40/15 * * * * *", newYear, []string{"2027-01-01T00:00:10Z", "2027-01-01T00:00:25Z", "2027-01-01T00:00:40Z", "2027-01-01T00:01:10Z"}},
		{"0 15 10 ? * MON-FRI", newYear, []string{"2027-01-01T10:15:00Z", "2027-01-04T10:15:00Z", "2027-01-05T10:15:00Z"}},
		{"0 15 10 LW * ?", newYear, []string{"2027-01-29T10:15:00Z", "2027-02-26T10:15:00Z"}},
		{"0 15 10 ? * 6L", newYear, []string{"2027-01-30T10:15:00Z", "2027-02-27T10:15:00Z"}},
		{"0 0 8 * * FRI#2", newYear, []string{"2027-01-08T08:00:00Z", "2027-02-12T08:00:00Z"}},
		{"0 0 8 13 * 5", newYear, []string{"2027-01-01T08:00:00Z", "2027-01-08T08:00:00Z", "2027-01-13T08:00:00Z"}},
		{"0 0 8 ? JAN-MAR/2 TUE,THU", newYear, []string{"2027-01-05T08:00:00Z", "2027-01-07T08:00:00Z"}},
		{"0 0 0 29 2 ? *", newYear, []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		{"0 0 8 * * ? Asia/Shanghai", newYear, []string{"2027-01-02T08:00:00+08:00", "2027-01-03T08:00:00+08:00"}},
		{"0 0 8 * * ? 2027,2029 UTC", newYear, []string{"2027-01-01T08:00:00Z"}},
		{"0 0 8 * * ? 2027,2029 UTC", "2027-12-31T08:00:00Z", []string{"2029-01-01T08:00:00Z"}},

		// The API's own examples.
		{"0 15 10 ? * * 2022 Asia/Shanghai", "2021-06-01T00:00:00Z", []string{"2022-01-01T10:15:00+08:00", "2022-01-02T10:15:00+08:00"}},
		{"0 15 10 ? * * 2022 Asia/Shanghai", "2022-12-31T02:15:00Z", nil},
		{"0 0/30 10-11 * * ? 2022 GMT+8:00", "2021-06-01T00:00:00Z", []string{"2022-01-01T10:00:00+08:00", "2022-01-01T10:30:00+08:00", "2022-01-01T11:00:00+08:00", "2022-01-01T11:30:00+08:00", "2022-01-02T10:00:00+08:00"}},
		{"0 0/5 14 * 10 ? 2022/2 UTC", "2022-10-31T14:50:00Z", []string{"2022-10-31T14:55:00Z", "2024-10-01T14:00:00Z"}},
		{"at(2022-06-06 13:15:30 Asia/Shanghai)", "2022-06-06T00:00:00Z", []string{"2022-06-06T13:15:30+08:00"}},
		{"at(2022-06-06 13:15:30 GMT-7:00)", "2022-06-06T00:00:00Z", []string{"2022-06-06T13:15:30-07:00"}},
		{"rate(5m)", newYear, []string{"2027-01-01T00:05:00Z", "2027-01-01T00:10:00Z"}},
		{"0 */20 * * * ?", newYear, []string{"2027-01-01T00:20:00Z", "2027-01-01T00:40:00Z", "2027-01-01T01:00:00Z"}},
		{"0 */15 * * * *", newYear, []string{"2027-01-01T00:15:00Z"}},
		{"0 0-5 14 * * ?", "2027-01-01T14:04:00Z", []string{"2027-01-01T14:05:00Z", "2027-01-02T14:00:00Z"}},

		{"at(2027-01-01 00:00:01)", newYear, []string{"2027-01-01T00:00:01Z"}},
		{"at(2027-01-01 00:00:00)", newYear, nil},
		{"at(2027-01-01 05:45:01 GMT+5:45)", newYear, []string{"2027-01-01T05:45:01+05:45"}},
		{"rate(90s)", "2027-01-01T00:00:00.5Z", []string{"2027-01-01T00:01:30Z", "2027-01-01T00:03:00Z"}},
		{"rate(7d)", newYear, []string{"2027-01-08T00:00:00Z"}},
		{"rate(05h)", newYear, []string{"2027-01-01T05:00:00Z"}},

		// Sunday is 0 and 7.
		{"0 0 8 ? * 0", newYear, []string{"2027-01-03T08:00:00Z"}},
		{"0 0 8 ? * 7", newYear, []string{"2027-01-03T08:00:00Z"}},
		{"0 0 8 ? * 7-1", newYear, []string{"2027-01-03T08:00:00Z", "2027-01-04T08:00:00Z", "2027-01-10T08:00:00Z"}},
		{"0 0 8 ? * sunday-Tue/2", newYear, []string{"2027-01-03T08:00:00Z", "2027-01-05T08:00:00Z", "2027-01-10T08:00:00Z"}},
		{"0 0 8 ? * 7#1", newYear, []string{"2027-01-03T08:00:00Z", "2027-02-07T08:00:00Z"}},
		{"0 0 8 ? * 7L", newYear, []string{"2027-01-31T08:00:00Z", "2027-02-28T08:00:00Z"}},
		{"0 0 8 ? * fril", newYear, []string{"2027-01-29T08:00:00Z", "2027-02-26T08:00:00Z"}},
		{"0 0 8 ? * FRI#5", newYear, []string{"2027-01-29T08:00:00Z", "2027-04-30T08:00:00Z"}},
		{"0 0 8 ? * 4/2", newYear, []string{"2027-01-02T08:00:00Z", "2027-01-07T08:00:00Z"}},

		// W stays in its month; 2027-05-01 is a Saturday, 2027-10-31 a Sunday.
		{"0 0 8 1W 5 ?", newYear, []string{"2027-05-03T08:00:00Z"}},
		{"0 0 8 31w 10 ?", newYear, []string{"2027-10-29T08:00:00Z"}},
		{"0 0 8 31W 2-5 ?", newYear, []string{"2027-03-31T08:00:00Z", "2027-05-31T08:00:00Z"}},
		{"0 0 8 l,15 * ?", newYear, []string{"2027-01-15T08:00:00Z", "2027-01-31T08:00:00Z", "2027-02-15T08:00:00Z", "2027-02-28T08:00:00Z"}},

		// A day field is set unless it has a bare star. */1 is set, and then matches every day.
		{"0 0 8 */1 * 5", newYear, []string{"2027-01-01T08:00:00Z", "2027-01-02T08:00:00Z"}},
		{"0 0 8 *,13 * 5", newYear, []string{"2027-01-01T08:00:00Z", "2027-01-08T08:00:00Z"}},
		{"0 0 8 13 * ?,5", newYear, []string{"2027-01-13T08:00:00Z", "2027-02-13T08:00:00Z"}},

		{"0 0 8 1 dec,JULY ?", newYear, []string{"2027-07-01T08:00:00Z", "2027-12-01T08:00:00Z"}},
		{"? ? ? ? ? ? ?", newYear, []string{"2027-01-01T00:00:01Z"}},
		{" 00  05\t08 01 02 ? ", newYear, []string{"2027-02-01T08:05:00Z"}},
		{"50/30 * * * * ?", newYear, []string{"2027-01-01T00:00:50Z", "2027-01-01T00:01:50Z"}},
		{"0 0 8 * * ? */10", newYear, []string{"2030-01-01T08:00:00Z"}},
		{"0 0 8 * * ? GMT", newYear, []string{"2027-01-01T08:00:00Z"}},
		{"0 0 8 * * ? GMT-0:30", newYear, []string{"2027-01-01T08:00:00-00:30"}},
		{"0 0 8 * * ? GMT+14:00", newYear, []string{"2027-01-02T08:00:00+14:00"}},
		{"0 0 8 * * ? America/Argentina/Buenos_Aires", newYear, []string{"2027-01-01T08:00:00-03:00"}},
		{"0 0 8 * * ? Etc/GMT+8", newYear, []string{"2027-01-01T08:00:00-08:00"}},

		{"0 0 8 * * ? 2026", newYear, nil},
		{"0 0 8 31 4 ?", newYear, nil},
		{"0 0 8 30W 2 ?", newYear, nil},
		{"59 59 23 31 12 ? 2099", newYear, []string{"2099-12-31T23:59:59Z"}},
		{"* * * * * ?", "2099-12-31T23:59:59Z", nil},
		{"* * * * * ?", "9999-12-31T23:59:59Z", nil},
		{"* * * * * ?", "0001-01-01T00:00:00Z", []string{"1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z"}},
		{"* * * * * ?", "1969-12-31T23:59:59.999Z", []string{"1970-01-01T00:00:00Z"}},
	}
	for _, test := range tests {
		n := max(1, len(test.want))
		got := stamps(mustParse(t, test.text).Fires(mustTime(t, test.from), time.UTC, n))
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s, from %s (-want +got):\n%s", test.text, test.from, diff)
		}
	}
}

func TestLocation(t *testing.T) {
	tests := []struct {
		text, name string
		explicit   bool
		kind       Kind
	}{
		{"rate(5m)", "", false, Rate},
		{"at(2027-01-31 08:00:00)", "UTC", false, At},
		{"at(2027-01-31 08:00:00 UTC)", "UTC", true, At},
		{"at(2027-01-31 08:00:00 GMT+8:00)", "GMT+8:00", true, At},
		{"0 0 8 * * ?", "", false, Cron},
		{"0 0 8 * * ? 2027", "", false, Cron},
		{"0 0 8 * * ? ?", "", false, Cron},
		{"0 0 8 * * ? GMT", "GMT", true, Cron},
		{"0 0 8 * * ? * Asia/Shanghai", "Asia/Shanghai", true, Cron},
	}
	for _, test := range tests {
		f := mustParse(t, test.text)
		if name, explicit := f.Location(); name != test.name || explicit != test.explicit {
			t.Errorf("%s: location %q, %v", test.text, name, explicit)
		}
		if f.Kind() != test.kind || f.String() != test.text {
			t.Errorf("%s: kind %s, text %q", test.text, f.Kind(), f)
		}
	}
}

func TestLocalZone(t *testing.T) {
	from, shanghai := mustTime(t, "2027-01-01T00:00:00Z"), mustLoad(t, "Asia/Shanghai")
	for text, want := range map[string]string{
		"0 0 8 * * ?":             "2027-01-02T08:00:00+08:00",
		"0 0 8 * * ? UTC":         "2027-01-01T08:00:00Z",
		"at(2027-01-01 08:00:00)": "2027-01-01T08:00:00Z",
	} {
		if got := mustParse(t, text).Next(from, shanghai).Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	if got := mustParse(t, "0 0 8 * * ?").Next(from, nil); !got.Equal(mustTime(t, "2027-01-01T08:00:00Z")) {
		t.Errorf("without any zone: %s", got)
	}
}

func TestNoFires(t *testing.T) {
	f, from := mustParse(t, "* * * * * ?"), mustTime(t, "2027-01-01T00:00:00Z")
	for _, n := range []int{0, -1} {
		if got := f.Fires(from, time.UTC, n); len(got) != 0 {
			t.Errorf("%d fires: %v", n, got)
		}
	}
}

func TestNextOverflow(t *testing.T) {
	end := time.Unix(1<<63-62135596801, 999999999) // the last time that time.Time can represent
	for _, text := range []string{"rate(7d)", "* * * * * ?", "at(2027-01-01 00:00:00)"} {
		if got := mustParse(t, text).Next(end, time.UTC); !got.IsZero() {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// TestConcurrentUse finds writes to a Frequency when run with -race.
func TestConcurrentUse(t *testing.T) {
	f, from := mustParse(t, "0 0 8 L * 1#1 America/New_York"), mustTime(t, "2027-01-01T00:00:00Z")
	want := stamps(f.Fires(from, nil, 50))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if diff := cmp.Diff(want, stamps(f.Fires(from, nil, 50))); diff != "" {
				t.Errorf("(-alone +together):\n%s", diff)
			}
			_ = f.Words()
			_ = f.Check(time.Hour)
		})
	}
	all.Wait()
}
