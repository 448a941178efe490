package cmd

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// yesFlag is the flag of commands that ask before they do what cannot be undone.
type yesFlag bool

func (f *yesFlag) add(flags *pflag.FlagSet) {
	flags.BoolVarP((*bool)(f), "yes", "y", false, "do it without asking, for unattended use")
}

// confirm asks a question, unless --yes has answered it. Enter and the end of input mean no, which ends the command.
func (f *yesFlag) confirm(ctx context.Context, rd *reader, question string) error {
	if *f {
		return nil
	}
	keyboard := rd.keyboard()
	if keyboard == nil {
		return usagef("this cannot be undone, and %s: give --yes to do it without asking", noTerminal)
	}
	answer, err := keyboard.Ask(ctx, question+" [y/N] ", func(answer string) bool {
		return slices.Contains([]string{"y", "yes", "n", "no", ""}, strings.ToLower(answer))
	})
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !strings.HasPrefix(strings.ToLower(answer), "y") {
		return &outcomeError{exitStopped}
	}
	return nil
}
