package cmd

import (
	"fmt"
	"time"

	"muster/pkg/duration"
)

// durationFlag is the value of a flag that takes a duration. Every such flag reads the same texts: see [duration.Parse].
type durationFlag struct {
	to    *time.Duration
	least time.Duration
	whole bool // of seconds
}

// durationFrom0 is a duration that may be 0.
func durationFrom0(to *time.Duration) *durationFlag { return &durationFlag{to: to} }

// wholeSeconds is a duration of at least a second, as the API takes it.
func wholeSeconds(to *time.Duration) *durationFlag {
	return &durationFlag{to: to, least: time.Second, whole: true}
}

// String returns the duration; empty for 0, which no flag has as its default but to say that there is none.
func (f *durationFlag) String() string {
	if f.to == nil || *f.to == 0 {
		return ""
	}
	return duration.Format(*f.to)
}

func (f *durationFlag) Set(text string) error {
	d, err := duration.Parse(text)
	switch {
	case err != nil:
		return err
	case d < f.least:
		return fmt.Errorf("want a duration of at least %s", duration.Format(f.least))
	case f.whole && d%time.Second != 0:
		return fmt.Errorf("want a duration of whole seconds")
	}
	*f.to = d
	return nil
}

// Type returns the placeholder of help.
func (f *durationFlag) Type() string { return "DURATION" }
