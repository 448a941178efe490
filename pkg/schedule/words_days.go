package schedule

import (
	"fmt"
	"slices"
	"strconv"
)

// IdleDays describes the days of one day field that have no effect, such as "Monday", because the other field, whose name it returns
// too, matches every day. It returns "" if there are none. A day has to match only one of the two fields if both are set, and
// only * and ? mean that a field is not.
func (f *Frequency) IdleDays() (days, other string) {
	c, ok := f.rule.(*cron)
	switch {
	case !ok || c.monthDay.any || c.week.any || c.monthDay.all() && c.week.all():
		return "", ""
	case c.monthDay.all():
		return c.week.weekdays(), "day of month"
	case c.week.all():
		return c.monthDay.dates(), "day of week"
	}
	return "", ""
}

// dates describes the days of the month: "days 1 to 7 and the last weekday".
func (v values) dates() string {
	var items []string
	switch len(v.list) {
	case 0:
	case 1:
		items = append(items, "day "+strconv.Itoa(v.list[0]))
	default:
		items = append(items, "days "+runs(v.list, strconv.Itoa))
	}
	for _, s := range v.special {
		items = append(items, s.words())
	}
	return join(items)
}

// weekdays describes the days of the week: "Monday to Friday", "Monday and the last Friday".
func (v values) weekdays() string {
	items := weekdayRuns(v.list)
	for _, s := range v.special {
		items = append(items, s.words())
	}
	return join(items)
}

func (s special) words() string {
	switch s.form {
	case lastDay:
		return "the last day"
	case lastWorkday:
		return "the last weekday"
	case nearest:
		return fmt.Sprintf("the weekday nearest day %d", s.n)
	case lastOf:
		return "the last " + weekdayName(s.n)
	}
	which := []string{"first", "second", "third", "fourth", "fifth"}
	return "the " + which[s.nth-1] + " " + weekdayName(s.n)
}

// weekdayRuns starts the week on Sunday or on Monday, whichever needs fewer items.
func weekdayRuns(list []int) []string {
	fromSunday := runItems(list, weekdayName)
	fromMonday := list
	if len(list) > 0 && list[0] == 0 {
		fromMonday = append(slices.Clone(list[1:]), 7)
	}
	name := func(n int) string { return weekdayName(n % 7) }
	if items := runItems(fromMonday, name); len(items) <= len(fromSunday) {
		return items
	}
	return fromSunday
}
