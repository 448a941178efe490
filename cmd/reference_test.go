package cmd

import (
	"fmt"
	"maps"
	"strings"

	"github.com/spf13/cobra"
)

// referenceWidth is the width of code blocks in the reference.
const referenceWidth = 100

// referencePages returns a page of Markdown for each command, and one for the global flags.
func referencePages(root *cobra.Command) map[string]string {
	pages := map[string]string{referenceName(root) + ".md": referencePage(root)}
	if !root.HasParent() {
		pages["muster_flags.md"] = "## Flags of all commands\n\n" + strings.TrimPrefix(globalFlagsText, "Flags of all commands.\n\n") + "\n" + markdownFlags(globalFlagSections(root))
	}
	for _, sub := range root.Commands() {
		if listed(sub) {
			maps.Copy(pages, referencePages(sub))
		}
	}
	return pages
}

func referenceName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "_") }

func referencePage(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n", c.CommandPath(), markdownText(about(c)))
	fmt.Fprintf(&b, "\n```\n%s\n```\n", strings.Join(usageLines(c), "\n"))
	if len(c.Aliases) > 0 {
		fmt.Fprintf(&b, "\nAlso: `%s`\n", strings.Join(aliasPaths(c), "`, `"))
	}
	if c.Example != "" {
		fmt.Fprintf(&b, "\n### Examples\n\n```\n%s\n```\n", c.Example)
	}
	b.WriteString(markdownFlags(flagSections(c)))
	b.WriteString("\nFlags of all commands are in [muster help flags](muster_flags.md), exit codes in [Exit codes](../exit-codes.md).\n")
	b.WriteString("\n### See also\n\n")
	if c.HasParent() {
		markdownLink(&b, c.Parent())
	}
	for _, sub := range c.Commands() {
		if listed(sub) {
			markdownLink(&b, sub)
		}
	}
	return b.String()
}

func markdownLink(b *strings.Builder, c *cobra.Command) {
	fmt.Fprintf(b, "* [%s](%s.md) - %s\n", c.CommandPath(), referenceName(c), c.Short)
}

func markdownFlags(sections []flagSection) string {
	var b strings.Builder
	for _, section := range sections {
		fmt.Fprintf(&b, "\n### %s\n\n```\n%s\n```\n", section.Title, flagLines(section, referenceWidth))
	}
	return b.String()
}

// markdownText returns a text as Markdown, with indented lines as code.
func markdownText(text string) string {
	paragraphs := strings.Split(text, "\n\n")
	for i, paragraph := range paragraphs {
		if strings.HasPrefix(paragraph, "  ") {
			paragraphs[i] = "```\n" + paragraph + "\n```"
		}
	}
	return strings.Join(paragraphs, "\n\n")
}
