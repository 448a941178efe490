package schedule

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// special is a day whose date depends on the month: L, LW, nW, nL or n#k.
type special struct {
	form string // one of the constants below
	n    int    // the day of the month, or the weekday
	nth  int    // 2 for the second weekday n of a month; only for #
}

const (
	lastDay     = "L"  // day of month
	lastWorkday = "LW" // day of month: the last Monday to Friday
	nearest     = "W"  // day of month: the nearest Monday to Friday in the same month
	lastOf      = "l"  // day of week: the month's last weekday n
	nthOf       = "#"  // day of week: the month's nth weekday n
)

// monthDaySpecial reads L, LW and nW. It reports false if p contains neither L nor W.
func monthDaySpecial(p piece) (special, bool, error) {
	f := monthDayField()
	text := strings.ToUpper(p.String())
	switch {
	case !strings.ContainsAny(text, "LW"):
		return special{}, false, nil
	case text == "L":
		return special{form: lastDay}, true, nil
	case text == "LW":
		return special{form: lastWorkday}, true, nil
	case len(text) > 1 && allDigits(strings.TrimSuffix(text, "W")):
		n, err := f.parseValue(p.cut(0, p.len()-1))
		return special{form: nearest, n: n}, true, err
	}
	return special{}, false, p.errorf(f.name, "%s %q is not known; write L, LW or a number and W, as in 15W", f.name, p)
}

// weekSpecial reads nL and n#k, where n may be a name. It reports false for anything else.
func weekSpecial(p piece) (special, bool, error) {
	f, text := weekField(), p.String()
	if i := strings.IndexByte(text, '#'); i >= 0 {
		n, err := f.parseValue(p.cut(0, i))
		if err != nil {
			return special{}, false, err
		}
		which := p.after(i + 1)
		if which.len() != 1 || which.String() < "1" || which.String() > "5" {
			return special{}, false, which.errorf(f.name, "a month has no weekday number %q; write 1-5 after #", which)
		}
		return special{form: nthOf, n: n, nth: number(which)}, true, nil
	}
	if text == "L" || text == "l" {
		return special{}, false, p.errorf(f.name, "%s L needs a day before it, as in 5L for the last Friday of the month", f.name)
	}
	if last := text[len(text)-1]; last != 'L' && last != 'l' {
		return special{}, false, nil
	}
	n, err := f.parseValue(p.cut(0, p.len()-1))
	return special{form: lastOf, n: n}, true, err
}

func (v *values) add(s special) {
	if !slices.Contains(v.special, s) {
		v.special = append(v.special, s)
	}
}

// String returns the special in cronexpr's notation.
func (s special) String() string {
	switch s.form {
	case nearest:
		return fmt.Sprintf("%dW", s.n)
	case lastOf:
		return fmt.Sprintf("%dL", s.n)
	case nthOf:
		return fmt.Sprintf("%d#%d", s.n, s.nth)
	}
	return s.form
}

func monthName(n int) string { return time.Month(n).String() }

func weekdayName(n int) string { return time.Weekday(n).String() }
