package schedule

import "strings"

func (c *cron) words(z zone) string {
	clock, wholeDay := c.clockWords()
	words := clock
	dates := c.dateWords()
	if dates == "" && !wholeDay {
		words += " every day"
	}
	words += dates + c.monthWords() + c.yearWords()
	if anyDay := dates == "" && c.month.all() && c.years.all(); anyDay && c.hourly() && !z.explicit {
		return words // the minutes are the same in most zones
	}
	return words + z.in()
}

// monthWords describes the months. It returns "" if the words for the days include them.
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

// dated reports whether a day field is set.
func (c *cron) dated() bool { return !c.monthDay.any || !c.week.any }

// dateWords describes the day fields, each with its months. It returns "" if no day field is set.
func (c *cron) dateWords() string {
	var parts []string
	if !c.monthDay.any {
		parts = append(parts, " on "+c.monthDay.dates()+c.ofMonth())
	}
	if !c.week.any {
		words := " on " + c.week.weekdays()
		switch {
		case len(c.week.special) > 0:
			words += c.ofMonth()
		case !c.month.all():
			words += " in " + runs(c.month.list, monthName)
		}
		parts = append(parts, words)
	}
	return strings.Join(parts, " or")
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
