package cmd

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// valuesFlag is a flag that can be repeated, with one value each time. pflag's own types take 4 KiB per flag for a CSV writer, and
// the commands have well over a hundred such flags.
type valuesFlag []string

func addValues(flags *pflag.FlagSet, to *[]string, name, shorthand, usage string) {
	flags.VarP((*valuesFlag)(to), name, shorthand, usage)
}

func (f *valuesFlag) String() string { return strings.Join(*f, ",") }

func (f *valuesFlag) Set(text string) error { return f.Append(text) }

func (f *valuesFlag) Type() string { return "values" }

// Append implements pflag.SliceValue.
func (f *valuesFlag) Append(text string) error {
	*f = append(*f, text)
	return nil
}

// Replace implements pflag.SliceValue.
func (f *valuesFlag) Replace(values []string) error {
	*f = slices.Clone(values)
	return nil
}

// GetSlice implements pflag.SliceValue.
func (f *valuesFlag) GetSlice() []string { return slices.Clone(*f) }

// listFlag is a list of words separated by commas, blanks or line breaks. The flag may be repeated.
type listFlag []string

func (f *listFlag) String() string { return strings.Join(*f, ",") }

func (f *listFlag) Set(text string) error {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || strings.ContainsRune(" \t\r\n", r) })
	if len(words) == 0 {
		return errors.New("it is empty: leave it out, or give it a value")
	}
	*f = append(*f, words...)
	return nil
}

func (f *listFlag) Type() string { return "list" }
