package schedule

import (
	"strings"
	"time"
)

// Kind is the form of a [Frequency].
type Kind string

// The kinds.
const (
	Rate Kind = "rate" // again and again, at a fixed interval
	At   Kind = "at"   // once
	Cron Kind = "cron" // when the clock and the calendar match
)

// Frequency defines when a command runs. Create one with [Parse].
type Frequency struct {
	text string
	kind Kind
	zone zone
	rule rule
}

// rule is the behaviour of a kind. Its location is never nil.
type rule interface {
	next(after time.Time, loc *time.Location) time.Time
	words(zone) string
	check(timeout time.Duration) *LimitError
}

// Parse parses a frequency. An error is a [*SyntaxError]. A valid frequency may still exceed the service's limits (see
// [Frequency.Check]) or never fire, such as in a past year or on April 31.
func Parse(text string) (*Frequency, error) {
	whole := piece{whole: text, to: len(text)}
	f := &Frequency{text: text}
	var err error
	switch start := strings.ToLower(strings.TrimLeft(text, blanks)); {
	case start == "":
		err = whole.errorf("", "it is empty; write rate(5m), at(2027-01-31 08:00:00) or a cron expression")
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

// String returns the text that was parsed.
func (f *Frequency) String() string { return f.text }

// Kind returns the form of the frequency.
func (f *Frequency) Kind() Kind { return f.kind }

// Location returns the name of the frequency's time zone, and whether the frequency states it: an at without a zone is in
// "UTC". The name is empty for a cron without a zone, which uses that of the instance, and for a rate.
func (f *Frequency) Location() (name string, explicit bool) { return f.zone.name, f.zone.explicit }

// Words describes the frequency in plain English.
func (f *Frequency) Words() string { return f.rule.words(f.zone) }

// Next returns the first time later than after at which the frequency fires by the calendar, or the zero time if there is none.
// A rate fires one interval later than after, which should be its creation time or its last start. local is the zone of a cron
// without one; nil means UTC.
//
// When clocks change, instances do something else than the calendar says, see [Frequency.AgentNext].
func (f *Frequency) Next(after time.Time, local *time.Location) time.Time {
	next := f.rule.next(after, f.in(local))
	if !next.After(after) { // the sum of a late time and an interval overflowed
		return time.Time{}
	}
	return next
}

// in returns the zone of the frequency, given the zone for a cron without one.
func (f *Frequency) in(local *time.Location) *time.Location {
	switch {
	case f.zone.location != nil:
		return f.zone.location
	case local != nil:
		return local
	}
	return time.UTC
}

// Fires returns the first n times later than from at which the frequency fires, or all if there are fewer.
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
