package cmd

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/pflag"
)

// explainValueError rewrites the error of an invalid flag value. Other errors are returned unchanged.
func explainValueError(err error) error {
	bad, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	return fmt.Errorf("%s %q: %w", withShorthand(bad.GetFlag()), bad.GetValue(), plainReason(err))
}

// plainReason returns why a flag does not accept a value. Errors of the package strconv, which libraries return, are replaced.
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

// withShorthand returns a flag's name for messages, with its shorthand.
func withShorthand(f *pflag.Flag) string {
	if f.Shorthand != "" {
		return "-" + f.Shorthand + ", --" + f.Name
	}
	return "--" + f.Name
}
