package render

import (
	"fmt"
	"strings"
	"time"

	"muster/pkg/fleet"
)

// Standing returns the progress of a run in one line, such as "12/200 done, 2 exit, wave 1 of 3, 3m10s". It is empty while
// nothing is known.
func Standing(s *fleet.State, elapsed time.Duration, now time.Time) string {
	if len(s.Targets) == 0 {
		return ""
	}
	counts := s.Counts()
	parts := []string{fmt.Sprintf("%d/%d done", s.Ended(), len(s.Targets))}
	if periodic(s) {
		parts = []string{"periodic, on " + plural(len(s.Targets), "instance")}
	}
	for _, cause := range fleet.Causes() {
		if n := counts[string(cause)]; n > 0 && cause != fleet.CauseSuccess {
			parts = append(parts, fmt.Sprintf("%d %s", n, cause))
		}
	}
	if waves := s.Waves(); waves > 1 {
		parts = append(parts, fmt.Sprintf("wave %d of %d", s.CurrentWave(), waves))
	}
	if wait := untilNextWave(s, now); wait != "" {
		parts = append(parts, wait)
	}
	return strings.Join(append(parts, elapsed.Round(time.Second).String()), ", ")
}

// untilNextWave returns the rest of a pause, or an empty string if the run is not paused.
func untilNextWave(s *fleet.State, now time.Time) string {
	left := s.PausedUntil.Sub(now)
	if left <= 0 {
		return ""
	}
	return "next wave in " + (left + time.Second - 1).Truncate(time.Second).String()
}
