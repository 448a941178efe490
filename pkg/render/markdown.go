package render

import (
	"fmt"
	"html"
	"io"
	"iter"
	"strings"

	"muster/pkg/fleet"
)

// markdown writes a document in Markdown, as GitHub and GitLab show it, of a limited size: rows and outputs that do not fit are
// left out, and the document says so.
type markdown struct {
	left    int  // the number of bytes left
	outputs bool // outputs follow the table, and may take half of the size
}

// markdownReserve is the number of bytes for notes on what is left out.
const markdownReserve = 512

// sum writes the summary line, which comes first in Markdown.
func (m *markdown) sum(w io.Writer, line string) error { return m.write(w, line+"\n\n") }

func (m *markdown) write(w io.Writer, text string) error {
	m.left -= len(text)
	_, err := io.WriteString(w, text)
	return err
}

// table writes a table, and the number of rows that did not fit.
func (m *markdown) table(w io.Writer, header []string, rows iter.Seq[[]string]) error {
	room := m.left - markdownReserve
	if m.outputs {
		room /= 2
	}
	most := m.left - room
	head := markdownRow(header) + markdownRow(strings.Fields(strings.Repeat("--- ", len(header))))
	if err := m.write(w, head); err != nil {
		return err
	}
	omitted := 0
	for row := range rows {
		text := markdownRow(row)
		if omitted > 0 || m.left-len(text) < most {
			omitted++
			continue
		}
		if err := m.write(w, text); err != nil {
			return err
		}
	}
	if omitted > 0 {
		return m.write(w, fmt.Sprintf("\n%s left out to keep this document small.\n", plural(omitted, "more row")))
	}
	return nil
}

func markdownRow(cells []string) string {
	var b strings.Builder
	for _, text := range cells {
		b.WriteString("| " + markdownText(text) + " ")
	}
	return b.String() + "|\n"
}

// markdownText escapes text, so that it is shown unchanged.
func markdownText(text string) string {
	return strings.NewReplacer("|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`).Replace(html.EscapeString(harmless(text)))
}

// leastSection is the least size of the output of a group; a group with less room is left out.
const leastSection = 1 << 10

// section writes the output of a group, which the reader can expand, in at most size bytes, and reports whether there was room
// for it. It writes the end of a long output.
func (m *markdown) section(w io.Writer, s section, size int) (ok bool, err error) {
	open := ""
	if s.cause != fleet.CauseSuccess {
		open = " open"
	}
	head := fmt.Sprintf("\n<details%s><summary>%s</summary>\n\n", open, html.EscapeString(s.title(Style{})))
	if s.empty() {
		head += "no output\n\n"
	}
	for _, remark := range s.remarks() {
		head += markdownText(remark) + "\n\n"
	}
	const end = "</details>\n"
	body := ""
	if s.has {
		fence := fenceFor(s.text)
		text, before := lastLines(s.text, size-len(head)-len(end)-2*len(fence)-100)
		if before > 0 {
			head += fmt.Sprintf("the first %d bytes are left out to keep this document small\n\n", before)
		}
		body = fence + "\n" + text + "\n" + fence + "\n\n"
	}
	if len(head)+len(body)+len(end) > m.left-markdownReserve {
		return false, nil
	}
	return true, m.write(w, head+body+end)
}

// fenceFor returns a fence that is longer than any in a text.
func fenceFor(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence
}

// omitted writes the number of outputs that did not fit.
func (m *markdown) omitted(w io.Writer, outputs, instances int) error {
	if outputs == 0 {
		return nil
	}
	return m.write(w, fmt.Sprintf("\n%s of %s left out to keep this document small; -o json has all of them.\n", plural(outputs, "more output"), plural(instances, "instance")))
}

// budget divides the bytes of a document among its parts, in their order. Each part may take its share of what is left, so that
// small parts leave more to later ones.
type budget struct{ left, parts int }

// next returns the number of bytes that the next part may take.
func (a *budget) next() int { return max(0, a.left/max(1, a.parts)) }

// take subtracts a part that has been written.
func (a *budget) take(size int) {
	a.left -= size
	a.parts--
}
