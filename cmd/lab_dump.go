package cmd

import (
	"context"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/lab"
	"muster/pkg/render"
	"muster/pkg/term"
)

func newLabDumpCommand(a *app) *cobra.Command {
	choice, relative := new(labChoice), false
	cmd := &cobra.Command{
		Use:   "dump [flags]",
		Short: "Print the state of the running lab as a fleet file",
		Long: `Print the state of the running lab as a fleet file, with which muster lab --fleet starts another lab in the same
state: instances, faults, saved commands, and invocations with their results. -o json prints it as JSON, which --fleet takes, too.

What a fleet file cannot say is left out, and noted at the top of the file, or on stderr with -o json: sent files, client tokens,
keys, activations, and all runs of a schedule but the latest one. Tasks that are running end with ExecutionInterrupted in the file,
and those that are pending are Cancelled.

A lab accepts no invocation that ended more than 30 days ago. With --relative, times are durations before the start of the lab, so
that the file can be used at any time. A file has at most 64 MiB.`,
		Example: `  muster lab dump > fleet.yaml
  muster lab --fleet fleet.yaml
  muster lab dump --relative -o json --jq '.groups[].name'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return dumpLab(cmd.Context(), a, choice, relative) },
	}
	choice.add(cmd.Flags())
	cmd.Flags().BoolVar(&relative, "relative", false, "write times as durations before the start of the lab")
	return cmd
}

func dumpLab(ctx context.Context, a *app, choice *labChoice, relative bool) error {
	switch format := render.Format(a.config.Output); format {
	case render.Table, render.YAML, render.JSON:
	default:
		return usagef("a dump is a fleet file: use -o yaml or -o json instead of -o %s", format)
	}
	return a.useRunningLab(ctx, choice, func(s *session) error {
		answer := new(lab.DumpResponse)
		if err := s.caller.Call(ctx, &lab.DumpRequest{Relative: relative}, answer); err != nil {
			return err
		}
		document := &labDumpDocument{*answer.Fleet, answer.Time, answer.Notes}
		if a.wantsJSON() && !a.config.Quiet {
			for _, note := range document.notes {
				a.note("%s", note)
			}
		}
		return a.print(document)
	})
}

// labDumpDocument is the state of a lab as a fleet file.
type labDumpDocument struct {
	lab.FleetDump
	time  string
	notes []string
}

// Records returns the document.
func (d *labDumpDocument) Records() iter.Seq2[any, error] {
	return render.Records([]*labDumpDocument{d})
}

// Record returns an empty document.
func (d *labDumpDocument) Record() any { return labDumpDocument{} }

// WriteYAML writes the fleet file, with notes as comments.
func (d *labDumpDocument) WriteYAML(w io.Writer) error {
	text, err := d.YAML()
	if err != nil {
		return err
	}
	lines := append([]string{"The state of a lab at " + d.time + ". muster lab --fleet FILE starts a lab with it."}, d.notes...)
	for _, line := range lines {
		if _, err := fmt.Fprintf(w, "# %s\n", term.SanitizeLine(line)); err != nil { // a second line would be part of the file
			return err
		}
	}
	_, err = io.WriteString(w, text)
	return err
}

// WriteTable writes the fleet file.
func (d *labDumpDocument) WriteTable(w io.Writer, style render.Style) error {
	var b strings.Builder
	if err := render.Write(&b, render.YAML, d, style); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}
