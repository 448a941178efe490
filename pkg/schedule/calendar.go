package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/cronexpr"
)

// calendar finds the next reading of a wall clock that matches a cron's fields.
//
// It is cronexpr's, with a fence around it. What cronexpr is given are plain lists of numbers in all seven fields, so
// none of its own readings count: five or six fields and @daily, a comma with nothing beside it, 05 for Sunday, a range
// to Sunday that loses the Sunday, a backward range that is empty and then panics. And it is only ever asked in UTC,
// where every day has all its hours: zones are the business of wall.go.
type calendar struct{ expression cronexpr.Expression }

func newCalendar(fields ...values) (calendar, error) {
	var texts []string
	for _, v := range fields {
		texts = append(texts, v.canonical())
	}
	expression, err := cronexpr.Parse(strings.Join(texts, " "))
	if err != nil {
		return calendar{}, fmt.Errorf("cron library: %w", err)
	}
	return calendar{*expression}, nil
}

// canonical is the field in the notation that leaves nothing to interpret.
func (v values) canonical() string {
	if v.any {
		return "*"
	}
	var parts []string
	for _, n := range v.list {
		parts = append(parts, strconv.Itoa(n))
	}
	for _, s := range v.special {
		parts = append(parts, s.String())
	}
	return strings.Join(parts, ",")
}

// after is the first matching reading later than the given one, or the zero time. It takes at most a walk through the
// months to the last year. Next writes to its Expression, so this works on a copy: the receiver is one.
func (c calendar) after(reading time.Time) time.Time { return c.expression.Next(reading) }
