package cmd

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/lab"
)

var unknownFlag = regexp.MustCompile(`^unknown flag: --([^=]+)`)

// meantFlag adds to an unknown flag's error which one was probably meant.
func meantFlag(cmd *cobra.Command, err error) error {
	if m := unknownFlag.FindStringSubmatch(err.Error()); m != nil {
		if guess, ok := config.Meant(m[1], flagNames(cmd)); ok {
			return fmt.Errorf("%w; did you mean --%s?", err, guess)
		}
		return fmt.Errorf("%w; %s --help lists them", err, cmd.CommandPath())
	}
	return err
}

var unknownAtRoot = regexp.MustCompile(`^unknown command "([^"]+)" for "muster"$`)

// meantCommand adds to the error of an unknown command which one was probably meant. That error comes before the flags are
// looked at, and from within cobra.
func meantCommand(root *cobra.Command, err error) error {
	if m := unknownAtRoot.FindStringSubmatch(err.Error()); m != nil {
		return unknownCommand(root, m[1])
	}
	return err
}

// unknownCommand says that a command has no such command below it.
func unknownCommand(cmd *cobra.Command, word string) error {
	var known []string
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() {
			known = append(append(known, below.Name()), below.Aliases...)
		}
	}
	return usagef("unknown command %q for %q%s", word, cmd.CommandPath(), config.DidYouMean(word, known))
}

// meantRegion says which region was probably meant by one that nobody knows, for an error that comes of it.
func (a *app) meantRegion(err error) string {
	if a.config == nil {
		return ""
	}
	refused, ok := errors.AsType[*assist.Error](err)
	if ok && !strings.HasPrefix(refused.Code, "InvalidRegionId") {
		return ""
	}
	known := lab.Regions()
	for _, region := range a.config.Regions() {
		if guess, ok := config.Meant(region, known); ok && !slices.Contains(known, region) {
			return fmt.Sprintf("did you mean the region %s?", guess)
		}
	}
	return ""
}
