package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// model is a generated cron expression with its meaning, which is generated along with it and not parsed.
type model struct {
	text                               string
	second, minute, hour, month, year  func(int) bool
	monthDay, weekday                  func(time.Time) bool
	anyMonthDay, anyWeekday, everyHour bool
	location                           *time.Location
}

// matches reports whether the expression fires when a clock in the model's zone shows t.
func (m model) matches(t time.Time) bool {
	return m.dated(t) && m.hour(t.Hour()) && m.minute(t.Minute()) && m.second(t.Second()) && (m.everyHour || !shownBefore(t))
}

func (m model) dated(t time.Time) bool {
	if !m.year(t.Year()) || !m.month(int(t.Month())) {
		return false
	}
	switch {
	case m.anyMonthDay && m.anyWeekday:
		return true
	case m.anyMonthDay:
		return m.weekday(t)
	case m.anyWeekday:
		return m.monthDay(t)
	}
	return m.monthDay(t) || m.weekday(t)
}

// shownBefore reports whether the clock was set back, by an amount that occurs, and shows t for the second time.
func shownBefore(t time.Time) bool {
	for _, back := range []time.Duration{30 * time.Minute, time.Hour, 2 * time.Hour} {
		if t.Add(-back).Format(time.DateTime) == t.Format(time.DateTime) {
			return true
		}
	}
	return false
}

// next returns the first match later than after and not later than until. It tries every second, except in quarters of an hour
// and minutes that cannot match. The offsets of the zone must be multiples of 15 minutes.
func (m model) next(after, until time.Time) time.Time {
	t := after.Truncate(time.Second).Add(time.Second)
	for !t.After(until) {
		local := t.In(m.location)
		switch {
		case m.matches(local):
			return local
		case !m.dated(local) || !m.hour(local.Hour()):
			t = t.Truncate(15 * time.Minute).Add(15 * time.Minute)
		case !m.minute(local.Minute()):
			t = t.Truncate(time.Minute).Add(time.Minute)
		default:
			t = t.Add(time.Second)
		}
	}
	return time.Time{}
}

func models() *rapid.Generator[model] {
	return rapid.Custom(func(t *rapid.T) model {
		m := model{location: time.UTC}
		second, isSecond := drawField(t, "second", 0, 59, nil)
		minute, isMinute := drawField(t, "minute", 0, 59, nil)
		hour, isHour := drawField(t, "hour", 0, 23, nil)
		month, isMonth := drawField(t, "month", 1, 12, monthName)
		m.second, m.minute, m.hour, m.month = isSecond, isMinute, isHour, isMonth
		m.everyHour = true
		for h := range 24 {
			m.everyHour = m.everyHour && m.hour(h)
		}
		var monthDay, weekday string
		monthDay, m.monthDay, m.anyMonthDay = drawMonthDay(t)
		weekday, m.weekday, m.anyWeekday = drawWeekday(t)
		fields := []string{second, minute, hour, monthDay, month, weekday}
		m.year = func(int) bool { return true }
		if rapid.Bool().Draw(t, "with year") {
			year, isYear := drawField(t, "year", 1970, 2099, nil)
			fields, m.year = append(fields, year), isYear
		}
		if zone := rapid.SampledFrom(zoneNames()).Draw(t, "zone"); zone != "" {
			fields = append(fields, zone)
			m.location = mustLoadZone(zone)
		}
		m.text = strings.Join(fields, " ")
		return m
	})
}

func zoneNames() []string {
	return []string{
		"", "UTC", "GMT", "GMT+8:00", "GMT-9:30", "Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "Europe/London",
		"Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Antarctica/Troll", "Africa/Casablanca",
	}
}

func mustLoadZone(name string) *time.Location {
	switch name {
	case "", "UTC", "GMT":
		return time.UTC
	case "GMT+8:00":
		return time.FixedZone(name, 8*3600)
	case "GMT-9:30":
		return time.FixedZone(name, -(9*3600 + 30*60))
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

// drawField draws a list of numbers, ranges and steps. Half of the fields are a single star, so that enough fires.
func drawField(t *rapid.T, label string, least, most int, name func(int) string) (string, func(int) bool) {
	if rapid.Bool().Draw(t, label+" open") {
		return rapid.SampledFrom([]string{"*", "?"}).Draw(t, label), func(int) bool { return true }
	}
	var texts []string
	var tests []func(int) bool
	for range rapid.IntRange(1, 3).Draw(t, label+" parts") {
		text, test := drawPart(t, label, least, most, name)
		texts, tests = append(texts, text), append(tests, test)
	}
	return strings.Join(texts, ","), func(n int) bool {
		return slices.ContainsFunc(tests, func(test func(int) bool) bool { return test(n) })
	}
}

func drawPart(t *rapid.T, label string, least, most int, name func(int) string) (string, func(int) bool) {
	spell := func(n int) string {
		switch {
		case name == nil || rapid.Bool().Draw(t, label+" as number"):
			return fmt.Sprint(n)
		case rapid.Bool().Draw(t, label+" short"):
			return strings.ToUpper(name(n)[:3])
		}
		return strings.ToLower(name(n))
	}
	first := rapid.IntRange(least, most).Draw(t, label+" first")
	last := rapid.IntRange(min(first+1, most), most).Draw(t, label+" last")
	step := rapid.IntRange(1, min(most, 59)).Draw(t, label+" step")
	steps := func(from, to int) func(int) bool {
		return func(n int) bool { return n >= from && n <= to && (n-from)%step == 0 }
	}
	switch rapid.IntRange(0, 4).Draw(t, label+" form") {
	case 0:
		return spell(first), func(n int) bool { return n == first }
	case 1:
		return spell(first) + "-" + spell(last), func(n int) bool { return n >= first && n <= last }
	case 2:
		return fmt.Sprintf("*/%d", step), steps(least, most)
	case 3:
		return fmt.Sprintf("%s/%d", spell(first), step), steps(first, most)
	}
	return fmt.Sprintf("%s-%s/%d", spell(first), spell(last), step), steps(first, last)
}

func drawMonthDay(t *rapid.T) (text string, matches func(time.Time) bool, open bool) {
	n := rapid.IntRange(1, 31).Draw(t, "nearest")
	switch rapid.IntRange(0, 5).Draw(t, "day of month form") {
	case 0, 1:
		return "?", nil, true
	case 2:
		return rapid.SampledFrom([]string{"L", "l"}).Draw(t, "last"), func(t time.Time) bool { return t.AddDate(0, 0, 1).Day() == 1 }, false
	case 3:
		return "LW", func(t time.Time) bool { return slices.Max(workdays(t)) == t.Day() }, false
	case 4:
		return fmt.Sprintf("%dW", n), func(t time.Time) bool {
			if n > daysIn(t) {
				return false
			}
			nearest := slices.MinFunc(workdays(t), func(a, b int) int { return distance(a, n) - distance(b, n) })
			return nearest == t.Day()
		}, false
	}
	text, isDay := drawField(t, "day of month", 1, 31, nil)
	return text, func(t time.Time) bool { return isDay(t.Day()) }, text == "*" || text == "?"
}

func drawWeekday(t *rapid.T) (text string, matches func(time.Time) bool, open bool) {
	n := rapid.IntRange(0, 7).Draw(t, "weekday")
	is := func(t time.Time) bool { return int(t.Weekday()) == n%7 }
	switch rapid.IntRange(0, 5).Draw(t, "day of week form") {
	case 0, 1:
		return "*", nil, true
	case 2:
		return fmt.Sprintf("%dL", n), func(t time.Time) bool { return is(t) && t.Day()+7 > daysIn(t) }, false
	case 3:
		nth := rapid.IntRange(1, 5).Draw(t, "nth")
		return fmt.Sprintf("%d#%d", n, nth), func(t time.Time) bool { return is(t) && (t.Day()+6)/7 == nth }, false
	case 4:
		return fmt.Sprint(n), is, false
	}
	text, isDay := drawField(t, "day of week", 0, 6, weekdayName)
	return text, func(t time.Time) bool { return isDay(int(t.Weekday())) }, text == "*" || text == "?"
}

func daysIn(t time.Time) int { return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day() }

// workdays returns the Mondays to Fridays of t's month.
func workdays(t time.Time) []int {
	var all []int
	for d := range daysIn(t) {
		if w := time.Date(t.Year(), t.Month(), d+1, 0, 0, 0, 0, time.UTC).Weekday(); w != time.Saturday && w != time.Sunday {
			all = append(all, d+1)
		}
	}
	return all
}

func distance(a, b int) int { return max(a, b) - min(a, b) }
