package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/target"
)

// limitingFlags are the flags, besides those of a selector, that without a value would let a command do another thing than
// was meant: reach more instances, run at once, or as root, or leave files out.
func limitingFlags() []string {
	return []string{
		"instances-file", "name", "sample", "only", "waves", "fanout", "gate", "max-failures", "username", "invoke-id", "command-id", "command-name",
		"command-type", "type", "repeat-mode", "resource-group-id", "timed", "task-tag",
		"frequency", "repeat", "output-dir", "diff-run", "group", "working-dir", "launcher", "client-token", "junit-suite", "output",
	}
}

// refuseEmpty refuses such a flag with an empty value, which mostly is that of a variable that is not set.
func refuseEmpty(cmd *cobra.Command) error {
	var err error
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if err != nil || !f.Changed || !slices.Contains(limitingFlags(), f.Name) {
			return
		}
		if slices.ContainsFunc(flagValues(f), func(text string) bool { return strings.TrimSpace(text) == "" }) {
			err = &target.EmptyError{From: typedFlag(f.Name)}
		}
	})
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		if err == nil && f.Changed && slices.Contains(destinationFlags(), f.Name) && strings.TrimSpace(f.Value.String()) == "" {
			err = &target.EmptyError{From: typedFlag(f.Name)}
		}
	})
	return err
}

// destinationFlags are the global flags that, without a value, would have a command go elsewhere or as somebody else, or write in another
// format.
func destinationFlags() []string { return []string{"profile", "region", "endpoint", "output"} }

// flagValues are the values of a flag.
func flagValues(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return []string{f.Value.String()}
}
