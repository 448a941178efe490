package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// usageError is a mistake in the command line.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// noArgs refuses arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 && cmd.HasSubCommands() {
		return unknownCommand(cmd, args[0])
	}
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments: unexpected %q%s", cmd.CommandPath(), args[0], argumentHint(cmd, args[0]))
	}
	return nil
}

// argumentHint suggests the flag for an argument of a command that takes none.
func argumentHint(cmd *cobra.Command, arg string) string {
	switch {
	case strings.HasPrefix(arg, "t-") && cmd.Flag("invoke-id") != nil:
		return "; --invoke-id " + arg + " chooses the invocation"
	case cmd.Flag("instance") != nil:
		return "; -i " + shellQuote(arg) + " chooses instances"
	}
	return ""
}
