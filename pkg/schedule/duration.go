package schedule

import (
	"fmt"
	"time"
)

// formatDuration returns d in words, such as "90 seconds", in the largest unit of which it is a whole number.
func formatDuration(d time.Duration) string {
	n, unit := wholeUnits(d)
	switch {
	case unit == "":
		return d.String()
	case n == 1:
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// wholeUnits returns d as a whole number of the largest possible unit. The unit is empty if d is not in whole seconds.
func wholeUnits(d time.Duration) (n int64, unit string) {
	switch {
	case d%day == 0:
		return int64(d / day), "day"
	case d%time.Hour == 0:
		return int64(d / time.Hour), "hour"
	case d%time.Minute == 0:
		return int64(d / time.Minute), "minute"
	case d%time.Second == 0:
		return int64(d / time.Second), "second"
	}
	return 0, ""
}
