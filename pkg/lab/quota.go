package lab

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"muster/pkg/assist"
)

// quota is a limit on the number of calls in a window of time. A window begins with its first call.
type quota struct {
	limit  int
	window time.Duration
	start  time.Time
	used   int
}

// parseQuota parses 100/m or 5/s.
func parseQuota(text string) (*quota, error) {
	number, unit, _ := strings.Cut(text, "/")
	windows := map[string]time.Duration{"s": time.Second, "m": time.Minute}
	limit, err := strconv.Atoi(number)
	if err != nil || limit < 1 || windows[unit] == 0 {
		return nil, fmt.Errorf("invalid quota %q", text)
	}
	return &quota{limit: limit, window: windows[unit]}, nil
}

// take counts a call. If the call exceeds the quota, take returns how much of the window is left.
func (q *quota) take(now time.Time) (left time.Duration) {
	if now.Sub(q.start) >= q.window {
		q.start, q.used = now, 0
	}
	if q.used < q.limit {
		q.used++
		return 0
	}
	return q.window - now.Sub(q.start)
}

// quotaError is a refusal with the value of the rate limit header of the service.
type quotaError struct {
	refusal *assist.Error
	header  string
}

func (e *quotaError) Error() string { return e.refusal.Error() }
func (e *quotaError) Unwrap() error { return e.refusal }

func (q *quota) refusal(left time.Duration) error {
	seconds := (left + time.Second - 1) / time.Second
	return &quotaError{
		refusal: assist.Refusal(http.StatusBadRequest, "Throttling.User", "Request was denied due to user flow control."),
		header:  fmt.Sprintf("Limit:%d,Remain:0,TimeLeft:%d", q.limit, seconds),
	}
}
