package cmd

import (
	"slices"

	"github.com/spf13/cobra"
)

// listingCommands are the commands that print a list by themselves, and have no command "list" below them.
func listingCommands() []string {
	return []string{"runs", "instances", "invocations", "lab instances", "lab faults"}
}

// listVerbs are the words that may stand behind such a command.
func listVerbs() []string { return []string{"list", "ls"} }

// isListVerb reports whether a word asks a command for the list that it prints by itself.
func isListVerb(cmd *cobra.Command, word string) bool {
	return slices.Contains(listingCommands(), pathOf(cmd)) && slices.Contains(listVerbs(), word)
}

// takeListVerbs lets the listing commands below root take one of the words.
func takeListVerbs(root *cobra.Command) {
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
