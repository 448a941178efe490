package render

import (
	"fmt"
	"html"
	"io"
	"iter"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/term"
)

// writeMarkdownTable writes a table as GitHub and GitLab show it.
func writeMarkdownTable(w io.Writer, header []string, rows iter.Seq[[]string]) error {
	if err := writeMarkdownRow(w, header); err != nil {
		return err
	}
	if err := writeMarkdownRow(w, strings.Fields(strings.Repeat("--- ", len(header)))); err != nil {
		return err
	}
	for row := range rows {
		if err := writeMarkdownRow(w, row); err != nil {
			return err
		}
	}
	return nil
}

func writeMarkdownRow(w io.Writer, cells []string) error {
	var b strings.Builder
	for _, text := range cells {
		b.WriteString("| " + markdownText(text) + " ")
	}
	_, err := io.WriteString(w, b.String()+"|\n")
	return err
}

// markdownText has text from elsewhere stand there as it is.
func markdownText(text string) string {
	return strings.NewReplacer("|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`).Replace(html.EscapeString(text))
}

// writeMarkdown writes a group of outputs as a section that opens on a click. A fence is longer than any inside it.
func (e end) writeMarkdown(w io.Writer, title string, output fleet.Output, deliveries []string) error {
	notes := ""
	switch {
	case e.lost:
		notes = "the service has no output of this run\n\n"
	case output == "":
		notes = "no output\n\n"
	}
	if e.dropped > 0 {
		notes += fmt.Sprintf("%d bytes were cut: an instance keeps the last 24 KB\n\n", e.dropped)
	}
	for _, delivery := range deliveries {
		notes += markdownText(delivery) + "\n\n"
	}
	open := ""
	if e.cause != fleet.CauseSuccess {
		open = " open"
	}
	_, err := fmt.Fprintf(w, "\n<details%s><summary>%s</summary>\n\n%s", open, html.EscapeString(title), notes)
	if text := strings.TrimSuffix(term.Sanitize(string(output)), "\n"); text != "" && err == nil {
		fence := "```"
		for strings.Contains(text, fence) {
			fence += "`"
		}
		_, err = fmt.Fprintf(w, "%s\n%s\n%s\n\n", fence, text, fence)
	}
	if err == nil {
		_, err = io.WriteString(w, "</details>\n")
	}
	return err
}
