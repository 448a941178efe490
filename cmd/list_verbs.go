package cmd

import (
	"slices"

	"github.com/spf13/cobra"
)

// listingCommands returns the commands that print a list and have no subcommand list.
func listingCommands() []string {
	return []string{"runs", "instances", "invocations", "lab instances", "lab faults"}
}

// listVerbs returns the words that such a command accepts.
func listVerbs() []string { return []string{"list", "ls"} }

// isListVerb reports whether a word asks a command for the list that it prints anyway.
func isListVerb(cmd *cobra.Command, word string) bool {
	return slices.Contains(listingCommands(), pathOf(cmd)) && slices.Contains(listVerbs(), word)
}

// acceptListVerbs makes the listing commands accept one of the words.
func acceptListVerbs(root *cobra.Command) {
	for path, cmd := range commandsBelow(root) {
		if !slices.Contains(listingCommands(), path) {
			continue
		}
		check := cmd.Args
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && isListVerb(cmd, args[0]) {
				args = args[1:]
			}
			return check(cmd, args)
		}
	}
}
