package cmd

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
)

const (
	// helpCommand is the name that cobra gives its own help command.
	helpCommand = "help"
	// flagsTopic is the help topic that lists the global flags.
	flagsTopic = "flags"
)

func newHelpCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   helpCommand + " [COMMAND]",
		Short: "Print the help of a command",
		Long: `Print the help of a command, like --help. Without a command, print that of muster.

"muster help flags" lists the flags of all commands.`,
		Example: `  muster help run
  muster help lab instances
  muster help flags`,
		Args: func(cmd *cobra.Command, args []string) error {
			if slices.Equal(args, []string{flagsTopic}) {
				return nil
			}
			_, err := commandNamed(cmd.Root(), args)
			return err
		},
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil }, // like --help, it needs no settings
		RunE: func(cmd *cobra.Command, args []string) error {
			if slices.Equal(args, []string{flagsTopic}) {
				_, err := fmt.Fprint(cmd.OutOrStdout(), globalFlagsPage(cmd.Root(), helpWidth(a.streams.Width())))
				return err
			}
			about, err := commandNamed(cmd.Root(), args)
			if err != nil {
				return err
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// globalFlagsPage returns the help page of the global flags.
func globalFlagsPage(root *cobra.Command, width int) string {
	page := wrap(globalFlagsText, width, "") + "\n"
	for _, section := range globalFlagSections(root) {
		page += "\n" + section.Title + ":\n" + flagLines(section, width) + "\n"
	}
	return page
}

const globalFlagsText = `Flags of all commands.

A flag that is a setting can also be set by an environment variable, such as MUSTER_REGION for --region, and in the settings files: see
muster help config. Flags for labs alone are in: muster help lab.`

// useHelpCommand makes cobra treat the command as its own, which is not listed in the reference.
func useHelpCommand(root *cobra.Command) {
	if help, err := commandNamed(root, []string{helpCommand}); err == nil {
		root.SetHelpCommand(help)
	}
}

// commandNamed returns the command below root that the words name.
func commandNamed(root *cobra.Command, words []string) (*cobra.Command, error) {
	cmd := root
	for _, word := range words {
		below := cmd.Commands()
		i := slices.IndexFunc(below, func(c *cobra.Command) bool { return !c.Hidden && (c.Name() == word || c.HasAlias(word)) })
		if i < 0 && isListVerb(cmd, word) {
			return cmd, nil
		}
		if i < 0 {
			return nil, unknownCommand(cmd, word)
		}
		cmd = below[i]
	}
	return cmd, nil
}

// subcommandWords completes names of subcommands.
func subcommandWords(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	above, err := commandNamed(cmd.Root(), args)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var known []candidate
	if len(args) == 0 {
		known = append(known, candidate{Value: flagsTopic, Note: "The flags of all commands"})
	}
	for _, below := range above.Commands() {
		if !below.Hidden {
			known = append(known, candidate{Value: below.Name(), Note: below.Short})
		}
	}
	return withPrefix(known, begun)
}
