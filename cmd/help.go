package cmd

import (
	"slices"

	"github.com/spf13/cobra"
)

// helpCommand is the name of the command that cobra knows as its own.
const helpCommand = "help"

func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   helpCommand + " [COMMAND]",
		Short: "Print the help of a command",
		Long:  `Print the help of a command, as --help after it does. Without a command, print that of muster.`,
		Example: `  muster help run
  muster help lab instances`,
		Args: func(cmd *cobra.Command, args []string) error {
			_, err := commandNamed(cmd.Root(), args)
			return err
		},
		PersistentPreRunE: func(*cobra.Command, []string) error { return nil }, // as with --help, no settings matter
		RunE: func(cmd *cobra.Command, args []string) error {
			about, err := commandNamed(cmd.Root(), args)
			if err != nil {
				return err
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// useHelpCommand makes cobra take the command for its own, which it does not list in the reference.
func useHelpCommand(root *cobra.Command) {
	if help, err := commandNamed(root, []string{helpCommand}); err == nil {
		root.SetHelpCommand(help)
	}
}

// commandNamed returns the command below root that the words name one after the other.
func commandNamed(root *cobra.Command, words []string) (*cobra.Command, error) {
	cmd := root
	for _, word := range words {
		below := cmd.Commands()
		i := slices.IndexFunc(below, func(c *cobra.Command) bool { return !c.Hidden && (c.Name() == word || c.HasAlias(word)) })
		if i < 0 {
			return nil, unknownCommand(cmd, word)
		}
		cmd = below[i]
	}
	return cmd, nil
}

// subcommandWords completes the names of commands below the one that the words so far name.
func subcommandWords(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
	above, err := commandNamed(cmd.Root(), args)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var known []candidate
	for _, below := range above.Commands() {
		if !below.Hidden {
			known = append(known, candidate{Value: below.Name(), Note: below.Short})
		}
	}
	return beginning(known, begun)
}
