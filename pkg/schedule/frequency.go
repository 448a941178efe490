package schedule

import (
	"strings"
	"time"
)

// Kind is which of the three forms a Frequency has.
type Kind string

// The kinds.
const (
	Rate Kind = "rate" // again and again, at a fixed interval
	At   Kind = "at"   // once
	Cron Kind = "cron" // when the clock and the calendar match
)

// Frequency says when a command runs. Parse makes one.
type Frequency struct {
	text string
	kind Kind
	zone zone
	rule rule
}

// rule is what the kinds do differently. A location is never nil.
type rule interface {
	next(after time.Time, loc *time.Location) time.Time
	words(zone) string
	check(timeout time.Duration) *LimitError
}

// Parse reads a frequency. An error is a *SyntaxError. What can be read may still be beyond the service's limits
// (see Check), or never fire: a past year and April 31 are no mistakes of form.
func Parse(text string) (*Frequency, error) {
	whole := piece{whole: text, to: len(text)}
	f := &Frequency{text: text}
	var err error
	switch start := strings.ToLower(strings.TrimLeft(text, blanks)); {
	case start == "":
		err = whole.wrong("", "it is empty; write rate(5m), at(2027-01-31 08:00:00) or a cron expression")
	case strings.HasPrefix(start, string(Rate)):
		f.kind = Rate
		f.rule, err = parseRate(whole)
	case strings.HasPrefix(start, string(At)):
		f.kind = At
		f.rule, f.zone, err = parseAt(whole)
	default:
		f.kind = Cron
		f.rule, f.zone, err = parseCron(whole)
	}
	if err != nil {
		return nil, err
	}
	return f, nil
}

// String is the text as it was given.
func (f *Frequency) String() string { return f.text }

// Kind is the form that the frequency has.
func (f *Frequency) Kind() Kind { return f.kind }

// Location is the time zone that the frequency is read in, by the name that it was given, and whether it was given at
// all: an at without one is in "UTC". The name is empty where the instance's own zone counts (a cron without one), and
// for a rate, which no zone concerns.
func (f *Frequency) Location() (name string, explicit bool) { return f.zone.name, f.zone.explicit }

// Words says the frequency in plain English.
func (f *Frequency) Words() string { return f.rule.words(f.zone) }

// Next is the first time later than after at which the frequency fires, or the zero time if there is none. A rate
// fires one interval after after, so ask it with the creation time or the last start. local is the zone of a cron that
// names none; nil is UTC.
func (f *Frequency) Next(after time.Time, local *time.Location) time.Time {
	loc := f.zone.location
	if loc == nil {
		loc = local
	}
	if loc == nil {
		loc = time.UTC
	}
	next := f.rule.next(after, loc)
	if !next.After(after) { // an interval added at the end of what time.Time can count
		return time.Time{}
	}
	return next
}

// Fires are the first n times later than from, or fewer if there are no more.
func (f *Frequency) Fires(from time.Time, local *time.Location, n int) []time.Time {
	var fires []time.Time
	for len(fires) < n {
		from = f.Next(from, local)
		if from.IsZero() {
			break
		}
		fires = append(fires, from)
	}
	return fires
}
