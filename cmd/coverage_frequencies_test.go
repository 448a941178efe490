package cmd

import (
	"encoding/json"
	"slices"
	"testing"

	"muster/pkg/assist"
)

// TestCoverageFrequencies checks which frequencies the documents allow, and when they fire.
func TestCoverageFrequencies(t *testing.T) {
	for _, c := range []struct {
		text    string
		timeout int64
		good    bool
	}{
		{"rate(60s)", 59, true},
		{"rate(60s)", 60, false},
		{"rate(59s)", 1, false},
		{"rate(5m)", 60, true},
		{"rate(12h)", 60, true},
		{"rate(7d)", 60, true},
		{"rate(8d)", 60, false},
		{"rate(1w)", 60, false},
		{"rate(m)", 60, false},
		{"at(2022-06-06 13:15:30 Asia/Shanghai)", 60, true},
		{"at(2022-06-06 13:15:30 GMT-7:00)", 60, true},
		{"at(2022-06-06 13:15:30 UTC)", 60, true},
		{"at(2022-06-06 13:15:30)", 60, true},
		{"at(2022-06-06 13:15:30 GMT-07:00)", 60, false},
		{"at(2022-06-06 13:15:30 CST)", 60, false},
		{"at(2022-06-06)", 60, false},
		{"0 */20 * * * *", 60, true},
		{"0 */20 * * * ?", 60, true},
		{"0 0-5 14 * * ?", 60, true},
		{"0 15 10 ? * * 2022 Asia/Shanghai", 60, true},
		{"0 0/30 10-11 * * ? 2022 GMT+8:00", 60, true},
		{"0 0/5 14 * 10 ? 2022/2 UTC", 60, true},
		{"0 0 8 * * ? GMT+08:00", 60, false},
		{"0 0 8 * * ? EST", 60, false},
		{"*/10 * * * * ?", 10, true},
		{"*/10 * * * * ?", 11, false},
		{"*/5 * * * * ?", 1, false},
		{"* * * * *", 60, false},
	} {
		err := (&assist.RunCommandRequest{
			RegionId: labRegion, Type: "RunShellScript", CommandContent: "true", InstanceId: []string{"i-1"},
			Frequency: c.text, Timeout: c.timeout,
		}).Validate(assist.DefaultLimits())
		if (err == nil) != c.good {
			t.Errorf("%s with a Timeout of %d: %v", c.text, c.timeout, err)
		}
	}
	o := newObservedLab(t, 0)
	for text, want := range map[string][]string{
		"rate(5m)":                              {"2022-01-01T00:05:00Z", "2022-01-01T00:10:00Z"},
		"at(2022-06-06 13:15:30)":               {"2022-06-06T13:15:30Z"},
		"at(2022-06-06 13:15:30 Asia/Shanghai)": {"2022-06-06T13:15:30+08:00"},
		"at(2022-06-06 13:15:30 GMT-7:00)":      {"2022-06-06T13:15:30-07:00"},
		"0 15 10 ? * * 2022 Asia/Shanghai":      {"2022-01-01T10:15:00+08:00", "2022-01-02T10:15:00+08:00"},
		"0 0/30 10-11 * * ? 2022 GMT+8:00":      {"2022-01-01T10:00:00+08:00", "2022-01-01T10:30:00+08:00"},
		"0 0/5 14 * 10 ? 2022/2 UTC":            {"2022-10-01T14:00:00Z", "2022-10-01T14:05:00Z"},
		"0 0 8 * * ?":                           {"2022-01-01T08:00:00Z", "2022-01-02T08:00:00Z"},
	} {
		stdout, _ := o.muster(0, "-o", "json", "schedule", text, "-n", "2", "--from", "2022-01-01T00:00:00Z")
		var document scheduleDocument
		if err := json.Unmarshal([]byte(stdout), &document); err != nil || !slices.Equal(document.Next, want) {
			t.Errorf("%s fires at %v, want %v (%v)", text, document.Next, want, err)
		}
	}
}
