// Package duration reads and writes durations the way people type them: 10, 10s, 5m, 1h30m, 1d.
package duration

import (
	"errors"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Day is the unit that the time package does not have. It is always 24 hours.
const Day = 24 * time.Hour

var (
	// ErrSyntax is the error of a text that is not a duration.
	ErrSyntax = errors.New("want a duration such as 10s, 5m, 1h30m or 1d; a number alone is seconds")
	// ErrNegative is the error of a duration that is less than zero.
	ErrNegative = errors.New("want a duration that is not negative")
	// ErrTooLong is the error of a duration of more than about 292 years.
	ErrTooLong = errors.New("want a shorter duration")
)

// units are ordered so that no unit comes after one that it begins with.
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

// Parse returns the duration that a text stands for: a number of seconds, such as 10 or 0.5, or numbers with a unit each, such as
// 5m or 1h30m. Units are ns, us, ms, s, m, h and d. The result is never negative.
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

// longestNumber bounds the digits of a number: none needs more, and reading millions of them takes long.
const longestNumber = 64

// cutNumber cuts the digits off the beginning of a text, with a decimal point among or before them.
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

func cutUnit(text string) (u unit, rest string, ok bool) {
	for _, u := range units() {
		if rest, ok := strings.CutPrefix(text, u.name); ok {
			return u, rest, true
		}
	}
	return unit{}, text, false
}

// Format returns the shortest text for a duration that Parse reads, such as 10s, 1h30m or 1d12h. A negative duration, which Parse does
// not read, is that of the time package.
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
