package assist

import "time"

const (
	toTheSecond = "2006-01-02T15:04:05Z"
	toTheMinute = "2006-01-02T15:04Z"
)

// FormatTime formats a time to the second, like the API in invocations. It returns "" for the zero time.
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(toTheSecond)
}

// FormatMinute formats a time to the minute, like the API for instances and commands. It returns "" for the zero time.
func FormatMinute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(toTheMinute)
}

// ParseTime parses a time in either of the API's formats. It returns the zero time for any other text.
func ParseTime(s string) time.Time {
	for _, layout := range []string{toTheSecond, toTheMinute} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
