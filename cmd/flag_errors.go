package cmd

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/pflag"
)

// badValue returns the error of a flag's value in words of ours. Other errors stay as they are.
func badValue(err error) error {
	bad, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	return fmt.Errorf("%s %q: %w", withShorthand(bad.GetFlag()), bad.GetValue(), plainReason(err))
}

// plainReason is why a flag does not take a value. The flags of the libraries give errors of the Go package strconv, which are for
// programmers.
func plainReason(err error) error {
	bad, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	if _, ok := errors.AsType[*strconv.NumError](err); !ok {
		return bad.Unwrap()
	}
	if bad.GetFlag().Value.Type() == "bool" {
		return errors.New("want true or false")
	}
	return errors.New("want a number")
}

// withShorthand is a flag as messages name it: with the shorthand, where it has one.
func withShorthand(f *pflag.Flag) string {
	if f.Shorthand != "" {
		return "-" + f.Shorthand + ", --" + f.Name
	}
	return "--" + f.Name
}
