package cmd

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

const (
	// plainHelpWidth is the width of help without a terminal.
	plainHelpWidth = 80
	// mostHelpWidth is the maximal width: longer lines are hard to read.
	mostHelpWidth = 120
	// leastHelpWidth is the minimal width, even on a narrower terminal.
	leastHelpWidth = 40
)

// helpWidth returns the width of help on a terminal with so many columns. 0 means no terminal.
func helpWidth(columns int) int {
	if columns == 0 {
		return plainHelpWidth
	}
	return min(max(columns, leastHelpWidth), mostHelpWidth)
}

// useHelpPages replaces cobra's help pages.
func useHelpPages(root *cobra.Command, width func() int) {
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		_, _ = fmt.Fprint(cmd.OutOrStdout(), helpPage(cmd, helpWidth(width()))) // there is nowhere to report an error to
	})
	root.SetUsageFunc(func(cmd *cobra.Command) error {
		_, err := fmt.Fprint(cmd.OutOrStderr(), usagePage(cmd, helpWidth(width())))
		return err
	})
}

// helpPage returns a command's help: its description and its usage.
func helpPage(cmd *cobra.Command, width int) string {
	return wrap(about(cmd), width, "") + "\n\n" + usagePage(cmd, width)
}

// about returns a command's long description, or else its short one.
func about(cmd *cobra.Command) string {
	if cmd.Long == "" {
		return cmd.Short + "."
	}
	return cmd.Long
}

// usagePage returns a command's usage: examples first, then syntax, subcommands and flags.
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

// aliasPaths returns a command's other names.
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

// globalFlagsLine returns the line that points to the global flags.
func globalFlagsLine(cmd *cobra.Command) string {
	line := "Flags of all commands, such as -o FORMAT, -p PROFILE, --region REGION, -q and --lab[=N]: muster help " + flagsTopic
	if cmd.HasParent() {
		return line
	}
	return line + "\n\nHelp of a command: muster help COMMAND, or muster COMMAND --help"
}

// commandSections returns a command's subcommands by group.
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
				lines = append(lines, hangingIndent("  "+sub.Name(), sub.Short, longest+4, width))
			}
		}
		if len(lines) > 0 {
			sections = append(sections, group.Title+":\n"+strings.Join(lines, "\n"))
		}
	}
	return sections
}

func listed(cmd *cobra.Command) bool { return cmd.IsAvailableCommand() || cmd.Name() == helpCommand }

// flagLines returns flags with their descriptions.
func flagLines(section flagSection, width int) string {
	const narrow = 72 // below this width, descriptions are on lines of their own
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
		lines = append(lines, hangingIndent("  "+flagLabel(f), flagDescription(f), column, width))
	}
	return strings.Join(lines, "\n")
}

// hangingIndent returns a term with its description, which is indented to a column.
func hangingIndent(term, text string, column, width int) string {
	indent := strings.Repeat(" ", column)
	text = wrap(text, width, indent)
	if room := column - utf8.RuneCountInString(term); room >= 2 {
		return term + strings.Repeat(" ", room) + text
	}
	return term + "\n" + indent + text
}
