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
// It wraps cronexpr, which reads some expressions differently from the service; calendar_test.go has examples. cronexpr is
// therefore given all seven fields as plain lists of numbers, and only times in UTC, where every day has 24 hours. wall.go
// handles time zones.
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

// canonical returns the field as a plain list of numbers and specials, in cronexpr's notation.
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

// after returns the first matching reading later than the given one, or the zero time. At most it iterates over the months
// up to the last year. Next writes to its Expression, hence the value receiver.
func (c calendar) after(reading time.Time) time.Time { return c.expression.Next(reading) }
