package schedule

import (
	"fmt"
	"time"
)

// spell says a length of time in the largest unit that it is a whole number of.
func spell(d time.Duration) string {
	n, unit := wholeUnits(d)
	switch {
	case unit == "":
		return d.String()
	case n == 1:
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

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
