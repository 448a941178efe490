package cmd

import (
	"errors"
	"strings"
)

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
