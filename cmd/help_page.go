package cmd

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

const (
	// plainHelpWidth is the width of help that goes to no terminal.
	plainHelpWidth = 80
	// mostHelpWidth is how wide help is at most: longer lines are hard to read.
	mostHelpWidth = 120
	// leastHelpWidth is how wide help is at least, however narrow the terminal.
	leastHelpWidth = 40
)

// helpWidth returns the width of help on a terminal with so many columns; 0 stands for none.
func helpWidth(columns int) int {
	if columns == 0 {
		return plainHelpWidth
	}
	return min(max(columns, leastHelpWidth), mostHelpWidth)
}

// useHelpPages makes the commands print their help as pages of ours.
func useHelpPages(root *cobra.Command, width func() int) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		_, _ = fmt.Fprint(cmd.OutOrStdout(), helpPage(cmd, helpWidth(width()))) // there is nowhere to complain
	})
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		_, err := fmt.Fprint(cmd.OutOrStderr(), usagePage(cmd, helpWidth(width())))
		return err
	})
}

// helpPage is a command's help: what it is for, and how it is used.
func helpPage(cmd *cobra.Command, width int) string {
	return wrap(about(cmd), width, "") + "\n\n" + usagePage(cmd, width)
}

// about is the long description of a command, or the short one where there is no other.
func about(cmd *cobra.Command) string {
	if cmd.Long == "" {
		return cmd.Short + "."
	}
	return cmd.Long
}

// usagePage is how a command is used: examples first, then its syntax, commands and flags.
func usagePage(cmd *cobra.Command, width int) string {
	var sections []string
	if cmd.Example != "" {
		sections = append(sections, "Examples:\n"+cmd.Example)
	}
	sections = append(sections, "Usage:\n"+indented(usageLines(cmd), width))
	if len(cmd.Aliases) > 0 {
		sections = append(sections, "Also:\n"+indented(aliasPaths(cmd), width))
	}
	sections = append(sections, commandSections(cmd, width)...)
	for _, section := range flagSections(cmd) {
		sections = append(sections, section.Title+":\n"+flagLines(section, width))
	}
	sections = append(sections, wrap(globalFlagsLine(cmd), width, ""))
	if cmd.Runnable() {
		sections = append(sections, "Exit status:\n"+exitHelp(width))
	}
	return strings.Join(sections, "\n\n") + "\n"
}

func usageLines(cmd *cobra.Command) []string {
	var lines []string
	if cmd.Runnable() {
		lines = append(lines, cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		lines = append(lines, cmd.CommandPath()+" COMMAND")
	}
	return lines
}

// aliasPaths are the other names of a command.
func aliasPaths(cmd *cobra.Command) []string {
	var paths []string
	for _, alias := range cmd.Aliases {
		paths = append(paths, strings.TrimPrefix(cmd.Parent().CommandPath()+" "+alias, " "))
	}
	return paths
}

func indented(lines []string, width int) string {
	for i, line := range lines {
		lines[i] = "  " + wrap(line, width-2, "    ")
	}
	return strings.Join(lines, "\n")
}

// globalFlagsLine points to the flags that are not listed under each command.
func globalFlagsLine(cmd *cobra.Command) string {
	line := "Flags of all commands, such as -o FORMAT, -p PROFILE, --region REGION, -q and --lab[=N]: muster help " + flagsTopic
	if cmd.HasParent() {
		return line
	}
	return line + "\n\nHelp of a command: muster help COMMAND, or muster COMMAND --help"
}

// commandSections are the commands below one, by group.
func commandSections(cmd *cobra.Command, width int) []string {
	longest := 0
	for _, sub := range cmd.Commands() {
		if listed(sub) {
			longest = max(longest, len(sub.Name()))
		}
	}
	var sections []string
	for _, group := range append(slices.Clone(cmd.Groups()), &cobra.Group{Title: "Commands"}) {
		var lines []string
		for _, sub := range cmd.Commands() {
			if listed(sub) && sub.GroupID == group.ID {
				lines = append(lines, hanging("  "+sub.Name(), sub.Short, longest+4, width))
			}
		}
		if len(lines) > 0 {
			sections = append(sections, group.Title+":\n"+strings.Join(lines, "\n"))
		}
	}
	return sections
}

func listed(cmd *cobra.Command) bool { return cmd.IsAvailableCommand() || cmd.Name() == helpCommand }

// flagLines are flags with their descriptions.
func flagLines(section flagSection, width int) string {
	const narrow = 72 // where descriptions begin on a line of their own
	column := 0
	for _, f := range section.Flags {
		column = max(column, utf8.RuneCountInString(flagLabel(f))+5)
	}
	column = min(column, 32)
	if width < narrow {
		column = 8
	}
	var lines []string
	for _, f := range section.Flags {
		lines = append(lines, hanging("  "+flagLabel(f), flagDescription(f), column, width))
	}
	return strings.Join(lines, "\n")
}

// hanging is a term and what there is to say about it, which begins at a column.
func hanging(term, text string, column, width int) string {
	indent := strings.Repeat(" ", column)
	text = wrap(text, width, indent)
	if room := column - utf8.RuneCountInString(term); room >= 2 {
		return term + strings.Repeat(" ", room) + text
	}
	return term + "\n" + indent + text
}
