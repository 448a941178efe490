package cmd

import (
	"errors"
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

// listFlag is a list of words with commas, blanks or line breaks between them. The flag may be repeated.
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
