package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// valuesFlag is a flag that can be repeated, each time with one value. pflag's own writes its values as CSV when it is made, which takes
// 4 KiB each, and commands have well over a hundred.
type valuesFlag []string

func addValues(flags *pflag.FlagSet, to *[]string, name, shorthand, usage string) {
	flags.VarP((*valuesFlag)(to), name, shorthand, usage)
}

func (f *valuesFlag) String() string { return strings.Join(*f, ",") }

func (f *valuesFlag) Set(text string) error { return f.Append(text) }

func (f *valuesFlag) Type() string { return "values" }

// Append, Replace and GetSlice make it a pflag.SliceValue.
func (f *valuesFlag) Append(text string) error {
	*f = append(*f, text)
	return nil
}

// Replace sets the values.
func (f *valuesFlag) Replace(values []string) error {
	*f = slices.Clone(values)
	return nil
}

// GetSlice returns the values.
func (f *valuesFlag) GetSlice() []string { return slices.Clone(*f) }
