package cmd

import (
	"fmt"
	"math"
	"strconv"
)

// numberFlag is the value of a flag that takes a whole number.
type numberFlag struct {
	to          *int
	least, most int
}

// numberAtLeast returns a flag value without an upper bound.
func numberAtLeast(least int, to *int) *numberFlag { return &numberFlag{to, least, math.MaxInt32} }

func (f *numberFlag) String() string {
	if f.to == nil {
		return ""
	}
	return strconv.Itoa(*f.to)
}

func (f *numberFlag) Set(text string) error {
	n, err := strconv.Atoi(text)
	switch {
	case (err != nil || n < f.least || n > f.most) && f.most == math.MaxInt32:
		return fmt.Errorf("want a whole number of at least %d", f.least)
	case err != nil || n < f.least || n > f.most:
		return fmt.Errorf("want a whole number from %d to %d", f.least, f.most)
	}
	*f.to = n
	return nil
}

// Type returns the placeholder in help.
func (f *numberFlag) Type() string { return "N" }

// seedFlag is the value of a flag that takes a random seed.
type seedFlag uint64

func (f *seedFlag) String() string { return strconv.FormatUint(uint64(*f), 10) }

func (f *seedFlag) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return fmt.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64))
	}
	*f = seedFlag(n)
	return nil
}

// Type returns the placeholder in help.
func (f *seedFlag) Type() string { return "N" }
