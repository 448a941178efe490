package lab

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"muster/pkg/assist"
)

// quota lets so many calls through in a window of time, which begins with the first of them.
type quota struct {
	most   int
	window time.Duration
	began  time.Time
	used   int
}

// parseQuota reads 100/m or 5/s.
func parseQuota(text string) (*quota, error) {
	number, unit, _ := strings.Cut(text, "/")
	windows := map[string]time.Duration{"s": time.Second, "m": time.Minute}
	most, err := strconv.Atoi(number)
	if err != nil || most < 1 || windows[unit] == 0 {
		return nil, fmt.Errorf("%q is no quota", text)
	}
	return &quota{most: most, window: windows[unit]}, nil
}

// take counts a call; where that is one too many, it gives how long the window still lasts.
func (q *quota) take(now time.Time) (left time.Duration) {
	if now.Sub(q.began) >= q.window {
		q.began, q.used = now, 0
	}
	if q.used < q.most {
		q.used++
		return 0
	}
	return q.window - now.Sub(q.began)
}

// quotaError is a refusal with what the service's headers say of a quota.
type quotaError struct {
	refused *assist.Error
	limits  string
}

func (e *quotaError) Error() string { return e.refused.Error() }
func (e *quotaError) Unwrap() error { return e.refused }

func (q *quota) refuse(left time.Duration) error {
	seconds := (left + time.Second - 1) / time.Second
	return &quotaError{
		refused: assist.Refusal(http.StatusBadRequest, "Throttling.User", "Request was denied due to user flow control."),
		limits:  fmt.Sprintf("Limit:%d,Remain:0,TimeLeft:%d", q.most, seconds),
	}
}
