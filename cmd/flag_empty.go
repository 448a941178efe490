package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/target"
)

// limitingFlags returns the flags, besides those of a selector, for which an empty value would be dangerous: the command would reach
// more instances, run at once or as root, leave out files, or use another lab.
func limitingFlags() []string {
	return []string{
		"instances-file", "name", "sample", "only", "waves", "fanout", "gate", "max-failures", "username", "invoke-id", "command-id", "command-name",
		"command-type", "type", "repeat-mode", "resource-group-id", "timed", "task-tag",
		"frequency", "repeat", "output-dir", "diff-run", "group", "working-dir", "launcher", "client-token", "junit-suite", "output",
		accessKeyIDFlag, accessKeySecretFlag, "account-id", "data", "fleet", "agents",
	}
}

// refuseEmpty refuses empty values of such flags. They mostly come from variables that are not set.
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

// destinationFlags returns the global flags for which an empty value would send the command elsewhere, use other credentials, or
// change the format.
func destinationFlags() []string { return []string{"profile", "region", "endpoint", "output"} }

// flagValues returns the values of a flag.
func flagValues(f *pflag.Flag) []string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return list.GetSlice()
	}
	return []string{f.Value.String()}
}
