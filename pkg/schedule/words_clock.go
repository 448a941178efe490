package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// clockWords describes the times of day, and reports whether the words already mean the whole day.
func (c *cron) clockWords() (words string, wholeDay bool) {
	times := slices.Collect(c.times())
	first, last := times[0], times[len(times)-1]
	step, even := evenStep(times)
	switch {
	case len(times) == 1:
		return "at " + clock(first), false
	case even && first == 0 && len(times)*step == int(day/time.Second):
		return every(step), true
	case len(times) <= 3:
		return "at " + runs(times, clock), false
	case c.hourly() && (c.minute.single() || c.minute.all()) && c.second.single():
		return c.fieldWords(), true
	case even:
		return fmt.Sprintf("%s from %s to %s", every(step), clock(first), clock(last)), false
	case len(times) <= 6:
		return "at " + runs(times, clock), false
	}
	return c.fieldWords(), c.hourly()
}

// fieldWords describes the three fields of the clock one by one: "at seconds 10, 25 and 40 of every minute".
func (c *cron) fieldWords() string {
	var parts []string
	if !c.second.only(0) {
		parts = append(parts, c.second.numbered())
	}
	parts = append(parts, c.minute.numbered())
	if !c.minute.all() || !c.hourly() {
		parts = append(parts, c.hour.numbered())
	}
	words := strings.Join(parts, " of ")
	if strings.HasPrefix(words, "every") {
		return words
	}
	return "at " + words
}

// numbered returns "every hour", "hour 9", "hours 9 to 17", "every 7th minute from 0 to 56" or "minutes 0, 7 and 20", and years
// without the name of the unit.
func (v values) numbered() string {
	unit := v.name
	step, even := evenStep(v.list)
	switch {
	case v.all():
		return "every " + unit
	case even && step > 1 && len(v.list) > 4:
		return fmt.Sprintf("every %s %s from %d to %d", ordinal(step), unit, v.list[0], v.list[len(v.list)-1])
	case unit == "year":
		return runs(v.list, strconv.Itoa)
	case v.single():
		return fmt.Sprintf("%s %d", unit, v.list[0])
	}
	return unit + "s " + runs(v.list, strconv.Itoa)
}

func clock(second int) string {
	return fmt.Sprintf("%02d:%02d:%02d", second/3600, second/60%60, second%60)
}

func every(seconds int) string {
	n, unit := wholeUnits(time.Duration(seconds) * time.Second)
	if n == 1 {
		return "every " + unit
	}
	return fmt.Sprintf("every %d %ss", n, unit)
}

func ordinal(n int) string {
	switch {
	case n%10 == 1 && n != 11:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2 && n != 12:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3 && n != 13:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

// evenStep returns the difference between neighbours, if it is the same for all.
func evenStep(list []int) (step int, even bool) {
	if len(list) < 2 {
		return 0, false
	}
	step = list[1] - list[0]
	for i := range len(list) - 1 {
		if list[i+1]-list[i] != step {
			return 0, false
		}
	}
	return step, true
}

// runs returns a list in words, with three or more consecutive numbers as "9 to 17".
func runs(list []int, name func(int) string) string { return join(runItems(list, name)) }

func runItems(list []int, name func(int) string) []string {
	var items []string
	for i := 0; i < len(list); i++ {
		end := i
		for end+1 < len(list) && list[end+1] == list[end]+1 {
			end++
		}
		if end-i < 2 {
			items = append(items, name(list[i]))
			continue
		}
		items = append(items, name(list[i])+" to "+name(list[end]))
		i = end
	}
	return items
}

func join(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " and " + items[len(items)-1]
}
