package cmd

import (
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/assist/catalogue"
	"muster/pkg/render"
)

// nearestCodes is the number of codes suggested for an unknown one.
const nearestCodes = 3

func newExplainCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [flags] [CODE]",
		Short: "Explain an error code and what to do about it",
		Long: `Explain an error code of the API or of an instance: what it means, what causes it, what to do, and whether
to retry. Without a code, list them all. The language is that of --lang, or of the locale.`,
		Example: `  muster explain InvalidInstance.NotMatch
  muster explain ClientNotResponse --lang zh
  muster explain -o json | jq -r '.Codes[] | select(.Retry != "no") | .Code'`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("want one code at most, not %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.print(&codesDocument{Codes: catalogue.All(a.language())})
			}
			entry, ok := catalogue.Find(args[0], a.language())
			if !ok {
				return unknownCode(args[0])
			}
			return a.print(&codeDocument{codesDocument{Codes: []catalogue.Entry{entry}}})
		},
	}
}

func unknownCode(code string) error {
	near := catalogue.Nearest(code, nearestCodes)
	if len(near) == 0 {
		return usagef("unknown code %q; muster explain lists them", code)
	}
	return usagef("unknown code %q; similar: %s", code, strings.Join(near, ", "))
}

// codesDocument is a list of error codes.
type codesDocument struct {
	Codes []catalogue.Entry
}

// Records returns the codes.
func (d *codesDocument) Records() iter.Seq2[any, error] { return render.Records(d.Codes) }

// Record returns an empty code.
func (d *codesDocument) Record() any { return catalogue.Entry{} }

// WriteTable writes a line for each code.
func (d *codesDocument) WriteTable(w io.Writer, style render.Style) error {
	scope := catalogue.Scope("")
	for _, entry := range d.Codes {
		if entry.Scope != scope {
			scope = entry.Scope
			if _, err := fmt.Fprintf(w, "%s\n", style.Paint.Bold(strings.ToUpper(string(scope)))); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "  %s\n      %s\n", entry.Code, style.Paint.Dim(entry.Meaning)); err != nil {
			return err
		}
	}
	return nil
}

// codeDocument is an error code with its explanation.
type codeDocument struct{ codesDocument }

// WriteTable writes a line for each aspect.
func (d *codeDocument) WriteTable(w io.Writer, style render.Style) error {
	var b strings.Builder
	for _, entry := range d.Codes {
		fmt.Fprintf(&b, "%s\n\n%s\n", style.Paint.Bold(entry.Code), entry.Meaning)
		for _, line := range [][2]string{
			{"Cause", entry.Cause}, {"Remedy", entry.Remedy}, {"Retry", string(entry.Retry)}, {"Status", statusText(entry)},
			{"Message", strings.Join(entry.Messages, " / ")}, {"Source", strings.Join(entry.Sources, ", ")},
			{"See", entry.See},
		} {
			if line[1] != "" {
				fmt.Fprintf(&b, "\n%s %s", style.Paint.Dim(fmt.Sprintf("%-8s", line[0])), line[1])
			}
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// statusText returns the instance state that comes with a code, or the HTTP status by action.
func statusText(entry catalogue.Entry) string {
	if entry.Status != "" {
		return entry.Status
	}
	var parts []string
	for _, s := range entry.Statuses {
		text := "HTTP " + strconv.Itoa(s.Status)
		if s.Action != "" {
			text += " for " + s.Action
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}
