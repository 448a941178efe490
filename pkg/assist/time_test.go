package assist

import (
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	east := time.FixedZone("UTC+8", 8*60*60)
	at := time.Date(2026, 3, 1, 7, 4, 5, 999, east)
	if got, want := FormatTime(at), "2026-02-28T23:04:05Z"; got != want {
		t.Errorf("FormatTime: %s, want %s", got, want)
	}
	if got, want := FormatMinute(at), "2026-02-28T23:04Z"; got != want {
		t.Errorf("FormatMinute: %s, want %s", got, want)
	}
	if FormatTime(time.Time{}) != "" || FormatMinute(time.Time{}) != "" {
		t.Error("the zero time is not empty")
	}
	for text, want := range map[string]time.Time{
		"2026-02-28T23:04:05Z":      time.Date(2026, 2, 28, 23, 4, 5, 0, time.UTC),
		"2026-02-28T23:04Z":         time.Date(2026, 2, 28, 23, 4, 0, 0, time.UTC),
		"":                          {},
		"2026-02-28":                {},
		"2026-02-30T23:04Z":         {},
		"2026-02-28T23:04:05+08:00": {},
	} {
		if got := ParseTime(text); !got.Equal(want) {
			t.Errorf("ParseTime(%q) = %v, want %v", text, got, want)
		}
	}
}
