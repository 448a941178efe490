// Package duration parses and formats durations the way people type them: 10, 10s, 5m, 1h30m, 1d.
package duration

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Day is a day of 24 hours, a unit that package time does not have.
const Day = 24 * time.Hour

var (
	// ErrSyntax is the error of a text that is not a duration.
	ErrSyntax = errors.New("want a duration such as 10s, 5m, 1h30m or 1d; a number alone is seconds")
	// ErrNegative is the error of a negative duration.
	ErrNegative = errors.New("want a duration that is not negative")
	// ErrTooLong is the error of a duration that a time.Duration cannot represent: more than about 292 years.
	ErrTooLong = errors.New("want a shorter duration")
)

// units returns all units. A unit comes before every unit that is a prefix of its name.
func units() []unit {
	return []unit{
		{"ns", time.Nanosecond}, {"us", time.Microsecond}, {"µs", time.Microsecond}, {"μs", time.Microsecond}, {"ms", time.Millisecond},
		{"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", Day},
	}
}

type unit struct {
	name string
	size time.Duration
}

// Parse parses a duration: a number of seconds, such as 10 or 0.5, or numbers with units, such as 5m or 1h30m. The units are ns,
// us, ms, s, m, h and d. The result is never negative. An error is [ErrSyntax], [ErrNegative] or [ErrTooLong].
func Parse(text string) (time.Duration, error) {
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		if _, err := Parse(rest); err != nil || strings.HasPrefix(rest, "-") {
			return 0, ErrSyntax
		}
		return 0, ErrNegative
	}
	if number, rest := cutNumber(text); number != "" && rest == "" {
		text += "s"
	}
	if text == "" {
		return 0, ErrSyntax
	}
	sum := new(big.Rat)
	for text != "" {
		number, rest := cutNumber(text)
		u, rest, ok := cutUnit(rest)
		n, isNumber := new(big.Rat).SetString(number)
		if !ok || !isNumber {
			return 0, ErrSyntax
		}
		sum.Add(sum, n.Mul(n, new(big.Rat).SetInt64(int64(u.size))))
		text = rest
	}
	total := new(big.Int).Quo(sum.Num(), sum.Denom())
	if !total.IsInt64() {
		return 0, ErrTooLong
	}
	return time.Duration(total.Int64()), nil
}

// longestNumber limits the number of digits. No duration needs more.
const longestNumber = 64

// cutNumber splits a text after its leading number, which may have a decimal point. number is empty if there is none.
func cutNumber(text string) (number, rest string) {
	end := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if fraction, ok := strings.CutPrefix(text[end:], "."); ok {
		digits := len(fraction) - len(strings.TrimLeft(fraction, "0123456789"))
		if digits == 0 {
			return "", text
		}
		end += 1 + digits
	}
	if end > longestNumber {
		return "", text
	}
	return text[:end], text[end:]
}

// cutUnit splits a text after its leading unit.
func cutUnit(text string) (u unit, rest string, ok bool) {
	for _, u := range units() {
		if rest, ok := strings.CutPrefix(text, u.name); ok {
			return u, rest, true
		}
	}
	return unit{}, text, false
}

// Format returns the shortest text that [Parse] parses as d, such as 10s, 1h30m or 1d12h. For a negative duration, which Parse does
// not accept, it returns d.String().
func Format(d time.Duration) string {
	if d <= 0 {
		return d.String()
	}
	var b strings.Builder
	for _, u := range []unit{{"d", Day}, {"h", time.Hour}, {"m", time.Minute}} {
		if n := d / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10) + u.name)
			d %= u.size
		}
	}
	if d > 0 {
		b.WriteString(d.String())
	}
	return b.String()
}
