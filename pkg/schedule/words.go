package schedule

import "strings"

func (c *cron) words(z zone) string {
	clock, round := c.clockWords()
	words := clock
	dates := c.dateWords()
	if dates == "" && !round {
		words += " every day"
	}
	words += dates + c.monthWords() + c.yearWords()
	if anyDay := dates == "" && c.month.all() && c.years.all(); anyDay && c.hourly() && !z.explicit {
		return words // a clock in another zone has the same minutes, save in a few half-hour ones
	}
	return words + z.in()
}

// monthWords are empty where the days' words have told the months.
func (c *cron) monthWords() string {
	if c.month.all() || c.dated() {
		return ""
	}
	return " in " + runs(c.month.list, monthName)
}

func (c *cron) yearWords() string {
	switch {
	case c.years.all():
		return ""
	case !c.monthDay.any && !c.week.any:
		return ", in " + c.years.numbered()
	case c.month.all():
		return " in " + c.years.numbered()
	}
	return " of " + c.years.numbered()
}

// dated tells that the day fields say something.
func (c *cron) dated() bool { return !c.monthDay.any || !c.week.any }

// dateWords say the day fields, each with its months. They are empty where no day field is set.
func (c *cron) dateWords() string {
	var ways []string
	if !c.monthDay.any {
		ways = append(ways, " on "+c.monthDay.dates()+c.ofMonth())
	}
	if !c.week.any {
		words := " on " + c.week.weekdays()
		switch {
		case len(c.week.special) > 0:
			words += c.ofMonth()
		case !c.month.all():
			words += " in " + runs(c.month.list, monthName)
		}
		ways = append(ways, words)
	}
	return strings.Join(ways, " or")
}

func (c *cron) ofMonth() string {
	switch {
	case c.month.all():
		return " of the month"
	case c.month.single():
		return " of " + monthName(c.month.list[0])
	}
	return " of the month in " + runs(c.month.list, monthName)
}
