package assist

import "time"

const (
	toTheSecond = "2006-01-02T15:04:05Z"
	toTheMinute = "2006-01-02T15:04Z"
)

// FormatTime writes a time as the API does in invocations, to the second; the zero time is empty.
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(toTheSecond)
}

// FormatMinute writes a time as the API does for instances and commands, to the minute.
func FormatMinute(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(toTheMinute)
}

// ParseTime reads either of the API's forms. What is in neither is the zero time.
func ParseTime(s string) time.Time {
	for _, layout := range []string{toTheSecond, toTheMinute} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
