package identity

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// expiration is the time at which keys expire, in the formats of helpers and services: RFC 3339 with any zone, or seconds or milliseconds
// since 1970, as a string or a number. Keys with an empty expiration never expire.
type expiration struct{ time.Time }

// leastMilliseconds is the smallest number that is read as milliseconds. As seconds, it would be in the year 5138.
const leastMilliseconds = 100_000_000_000

func (e *expiration) UnmarshalJSON(text []byte) error {
	word := strings.Trim(string(text), `"`)
	if word == "null" {
		return nil
	}
	if len(text) > 0 && text[0] == '"' {
		if err := json.Unmarshal(text, &word); err != nil {
			return err
		}
	}
	var err error
	e.Time, err = parseExpiration(word)
	return err
}

func parseExpiration(word string) (time.Time, error) {
	word = strings.TrimSpace(word)
	if word == "" || word == "0" {
		return time.Time{}, nil
	}
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		if n >= leastMilliseconds {
			return time.UnixMilli(n), nil
		}
		return time.Unix(n, 0), nil
	}
	if seconds, err := strconv.ParseFloat(word, 64); err == nil && seconds > 0 && seconds < leastMilliseconds {
		return time.Unix(int64(seconds), 0), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700"} {
		if t, err := time.Parse(layout, word); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("the expiration %q is not a time: want RFC 3339, or seconds since 1970", word)
}
