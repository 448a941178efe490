package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// field is the grammar of one field of a cron expression.
type field struct {
	name        string
	least, most int
	// beyond is the highest number that may be written. A number above most means least. Only Sunday has such a number, 7.
	beyond int
	// step is the largest step that instances accept: most, but not more than two digits.
	step    int
	names   func(n int) string
	special func(piece) (special, bool, error)
}

// values are the numbers and days that a field matches.
type values struct {
	field
	any     bool // the field contains a bare * or ?; for the two day fields this means that the field is not set
	list    []int
	special []special
}

// cronFields returns the fields in order, without the time zone.
func cronFields() []field {
	return []field{
		{name: "second", most: 59, beyond: 59, step: 59},
		{name: "minute", most: 59, beyond: 59, step: 59},
		{name: "hour", most: 23, beyond: 23, step: 23},
		monthDayField(),
		{name: "month", least: 1, most: 12, beyond: 12, step: 12, names: monthName},
		weekField(),
		{name: "year", least: firstYear, most: lastYear, beyond: lastYear, step: 59},
	}
}

func monthDayField() field {
	return field{name: "day of month", least: 1, most: 31, beyond: 31, step: 31, special: monthDaySpecial}
}

func weekField() field {
	return field{name: "day of week", most: 6, beyond: 7, step: 6, names: weekdayName, special: weekSpecial}
}

// every returns all values of the field.
func (f field) every() values {
	v := values{field: f, any: true}
	for n := f.least; n <= f.most; n++ {
		v.list = append(v.list, n)
	}
	return v
}

func (v values) all() bool { return len(v.list) == v.most-v.least+1 }

func (v values) single() bool { return len(v.list) == 1 }

func (v values) only(n int) bool { return slices.Equal(v.list, []int{n}) }

func (f field) parse(p piece) (values, error) {
	v := values{field: f}
	hit := make([]bool, f.most+1)
	for _, part := range p.split(",") {
		switch text := part.String(); text {
		case "":
			return values{}, part.errorf(f.name, "%s %q has a comma with nothing on one side", f.name, p)
		case "*", "?":
			v.any = true
			continue
		}
		if f.special != nil {
			special, is, err := f.special(part)
			if err != nil {
				return values{}, err
			}
			if is {
				v.add(special)
				continue
			}
		}
		first, last, step, err := f.span(part)
		if err != nil {
			return values{}, err
		}
		for n := first; n <= last; n += step {
			hit[n] = true
		}
	}
	if v.any {
		return f.every(), nil
	}
	for n, is := range hit {
		if is {
			v.list = append(v.list, n)
		}
	}
	return v, nil
}

// span reads n, n-m, */s, n/s or n-m/s, where s is a step.
func (f field) span(p piece) (first, last, step int, err error) {
	base, width, stepped := p, piece{}, false
	if i := strings.IndexByte(p.String(), '/'); i >= 0 {
		base, width, stepped = p.cut(0, i), p.after(i+1), true
	}
	dash := strings.IndexByte(base.String(), '-')
	switch {
	case base.String() == "*":
		first, last = f.least, f.most
	case base.String() == "?":
		err = base.errorf(f.name, "? takes no step; write * before it")
	case dash >= 0:
		first, last, err = f.parseRange(base, dash)
	default:
		first, err = f.parseValue(base)
		last = first
		if stepped {
			last = f.most
		}
	}
	step = 1
	if err == nil && stepped {
		step, err = f.parseStep(width)
	}
	return first, last, step, err
}

// parseRange reads n-m. It refuses a range that runs backwards and one that ends on Sunday, the first day of the week: for
// both, instances match no day.
func (f field) parseRange(p piece, dash int) (first, last int, err error) {
	if first, err = f.parseValue(p.cut(0, dash)); err != nil {
		return 0, 0, err
	}
	if last, err = f.parseValue(p.after(dash + 1)); err != nil {
		return 0, 0, err
	}
	if f.beyond > f.most && last == f.least {
		instead := fmt.Sprintf("%d-%d", first, f.most)
		if first > f.least {
			instead = fmt.Sprintf("%d,%s", f.least, f.run(first, f.most))
		}
		return 0, 0, p.errorf(f.name, "%s %s ends on Sunday, the first day of the week, and matches no day; write %s", f.name, p, instead)
	}
	if last < first {
		return 0, 0, p.errorf(f.name, "%s %s runs backwards; write %s,%s", f.name, p, f.run(first, f.most), f.run(f.least, last))
	}
	return first, last, nil
}

func (f field) run(first, last int) string {
	if first == last {
		return strconv.Itoa(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}

func (f field) parseStep(p piece) (int, error) {
	if !allDigits(p.String()) {
		return 0, p.errorf(f.name, "the step %q of %s is not a number", p, f.article())
	}
	n, err := strconv.Atoi(p.String())
	if err != nil || n < 1 || n > f.step || p.len() > 2 {
		return 0, p.errorf(f.name, "the step %s of %s is not in 1-%d", p, f.article(), f.step)
	}
	return n, nil
}

func (f field) article() string {
	if f.name == "hour" {
		return "an hour"
	}
	return "a " + f.name
}

func (f field) parseValue(p piece) (int, error) {
	if !allDigits(p.String()) {
		if n, is := f.named(p.String()); is {
			return n, nil
		}
		switch {
		case p.len() == 0:
			return 0, p.errorf(f.name, "%s needs a number here", f.article())
		case f.names != nil:
			return 0, p.errorf(f.name, "%s %q is neither a number nor a name such as %s", f.name, p, strings.ToUpper(f.names(1)[:3]))
		}
		return 0, p.errorf(f.name, "%s %q is not a number", f.name, p)
	}
	n, err := strconv.Atoi(p.String())
	if err != nil || n < f.least || n > f.beyond {
		return 0, p.errorf(f.name, "%s %s is not in %d-%d", f.name, p, f.least, f.beyond)
	}
	if p.len() > len(strconv.Itoa(f.most)) {
		// Instances do not read a third digit, and read every day of week with a leading zero as Sunday.
		return 0, p.errorf(f.name, "%s %s has leading zeros that instances do not read; write %d", f.name, p, n)
	}
	if n > f.most {
		n = f.least
	}
	return n, nil
}

// named returns the number of a name or of its first three letters, in any letter case.
func (f field) named(text string) (int, bool) {
	if f.names == nil {
		return 0, false
	}
	for n := f.least; n <= f.most; n++ {
		name, lower := strings.ToLower(f.names(n)), strings.ToLower(text)
		if lower == name || lower == name[:3] {
			return n, true
		}
	}
	return 0, false
}
