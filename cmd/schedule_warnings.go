package cmd

import (
	"fmt"
	"time"

	"muster/pkg/schedule"
)

// scheduleWarnings returns what is probably not meant, and what instances do differently from the calendar.
func scheduleWarnings(f *schedule.Frequency, from time.Time, local *time.Location) []string {
	var warnings []string
	if days, other := f.IdleDays(); days != "" {
		warnings = append(warnings, fmt.Sprintf("warning: %s has no effect, because a day has to match only one of the two day fields, and %s matches every day: write ? there", days, other))
	}
	return append(warnings, clockWarnings(f, from, local)...)
}

// clockWarnings returns a warning for each change of clocks in the next year at which instances do something else than the
// calendar says.
func clockWarnings(f *schedule.Frequency, from time.Time, local *time.Location) []string {
	zone, named := f.Location()
	if !named {
		zone = "this machine's time zone"
	}
	var warnings []string
	for _, change := range f.ClockChanges(from, from.AddDate(1, 0, 0), local) {
		warnings = append(warnings, fmt.Sprintf("warning: when the clocks change on %s (%s), instances %s", change.Time.Format(time.DateOnly), zone, deviation(change)))
	}
	return warnings
}

// deviation describes what instances do at a change of clocks.
func deviation(c schedule.ClockChange) string {
	text := ""
	switch calendar, agent := someTimes(c.Calendar), someTimes(c.Agent); {
	case agent != "" && calendar != "":
		text = "run it at " + agent + " instead of " + calendar
	case agent != "":
		text = "run it at " + agent + ", which is not a time of the schedule"
	case calendar != "":
		text = "do not run it at " + calendar
	}
	switch {
	case c.Last.IsZero():
		return text
	case text == "":
		return "do not run it after " + c.Last.Format(time.RFC3339) + " until the agent is restarted"
	}
	return text + ", and then not again until the agent is restarted"
}

// someTimes lists the first times, and says how many more there are.
func someTimes(times []time.Time) string {
	const most = 2
	text := ""
	for i, t := range times {
		switch {
		case i == most:
			return text + fmt.Sprintf(" and %d more", len(times)-most)
		case i > 0 && i == len(times)-1:
			text += " and "
		case i > 0:
			text += ", "
		}
		text += t.Format(time.RFC3339)
	}
	return text
}
