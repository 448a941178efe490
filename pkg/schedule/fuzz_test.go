package schedule

import (
	"testing"
	"time"
)

func seeds() []string {
	return []string{
		"*/10 * * * * ?", "10-40/15 * * * * *", "0 15 10 ? * MON-FRI", "0 15 10 LW * ?", "0 15 10 ? * 6L", "0 0 8 * * FRI#2",
		"0 0 8 13 * 5", "0 0 8 ? JAN-MAR/2 TUE,THU", "0 0 0 29 2 ? *", "0 0 8 * * ? Asia/Shanghai", "0 0 8 * * ? 2027,2029 UTC",
		"0 0/5 14 * 10 ? 2022/2 GMT-7:30", "0 0 8 31 4 ?", "0 30 2 ? 3 SUN#2 America/New_York", "0 45 1 1W,31w 4 ? Australia/Lord_Howe",
		"0 0 0,23 2-28/2 * ?", "0 0 22-2 * * ?", "* * * * *", "@daily", "", "rate(5m)", "rate(9223372036854775807s)",
		"at(2022-06-06 13:15:30)", "at(2027-03-14 02:30:00 America/New_York)", "at(9999-12-31 23:59:59 GMT+14:59)", "0 0 8 中 * ?", "rate(\t)0",
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range seeds() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkParse(t, text) })
}

func FuzzNext(f *testing.F) {
	for i, text := range seeds() {
		f.Add(text, int64(1804982399+i*3600), int64(i), uint8(i))
	}
	f.Add("* * * * * ?", int64(-1<<63), int64(0), uint8(7))
	f.Add("rate(7d)", int64(1<<63-1), int64(999999999), uint8(7))
	f.Fuzz(func(t *testing.T, text string, seconds, nanoseconds int64, zone uint8) {
		frequency, err := Parse(text)
		if err != nil {
			return
		}
		local := mustLoadZone(zoneNames()[int(zone)%len(zoneNames())])
		after := time.Unix(seconds, nanoseconds)
		for range 5 {
			next := frequency.Next(after, local)
			if next.IsZero() {
				return
			}
			if !next.After(after) {
				t.Fatalf("%q after %s in %s: %s", text, after, local, next)
			}
			if frequency.Kind() != Rate {
				if again := frequency.Next(next.Add(-1), local); !again.Equal(next) {
					t.Fatalf("%q just before %s in %s: %s", text, next, local, again)
				}
				if next.Nanosecond() != 0 {
					t.Fatalf("%q after %s: %s", text, after, next)
				}
			}
			after = next
		}
	})
}
