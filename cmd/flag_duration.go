package cmd

import (
	"fmt"
	"time"

	"muster/pkg/duration"
)

// durationFlag is the value of a flag that takes a duration; see [duration.Parse].
type durationFlag struct {
	to    *time.Duration
	least time.Duration
	whole bool // seconds only
}

// nonNegativeDuration accepts durations from 0.
func nonNegativeDuration(to *time.Duration) *durationFlag { return &durationFlag{to: to} }

// wholeSeconds accepts whole seconds from 1, as the API does.
func wholeSeconds(to *time.Duration) *durationFlag {
	return &durationFlag{to: to, least: time.Second, whole: true}
}

// String returns the duration. It is empty for 0, since 0 is a default only where it means none.
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

// Type returns the placeholder in help.
func (f *durationFlag) Type() string { return "DURATION" }
