package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"muster/pkg/report"
	"muster/pkg/term"
)

func newRunsReportCommand(a *app) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "report [flags] RUN",
		Short: "Write a run as one page of HTML",
		Long: `Write a run as one page of HTML, for any browser and for paper: a timeline of every instance, results by
duration, waves and gates, and the outputs, equal ones once. The page loads nothing from elsewhere. It is made from the journal,
without an API call. RUN is an id, a unique beginning or end of one, last, or last~1 for the one before.

Here --output is the file to write, and not a format. By default it is RUN.html in this directory, with the whole id.`,
		Example: `  muster runs report last
  muster runs report 20270606t131530217-8c1f03ab -o report.html
  muster runs report last -o - | ssh web 'cat > /srv/reports/last.html'`,
		Args: oneRun,
		RunE: func(_ *cobra.Command, args []string) error { return reportRun(a, args[0], to) },
	}
	cmd.Flags().StringVarP(&to, "output", "o", "", "`FILE`: write the page to this file; - is stdout")
	_ = cmd.Flags().SetAnnotation("output", noSetting, nil)
	return cmd
}

func reportRun(a *app, text, to string) (err error) {
	if a.query.parsed != nil {
		return usagef("--jq and --template are for JSON, and a report is HTML; use muster runs show")
	}
	record, err := a.runs.read(text)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	page, err := report.New(report.Source{
		State: record.State, Plan: record.Plan, Events: record.Events(), Outputs: record, Script: record.Script,
		Running: record.Running, Muster: version,
	})
	if err != nil {
		return err
	}
	if to == "-" {
		if err := writePage(a.streams.Out, page); err != nil && !term.IsBrokenPipe(err) {
			return fmt.Errorf("write the report: %w", err)
		}
		return nil
	}
	if to == "" {
		to = record.RunId + ".html"
	}
	file, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o640)
	if err != nil {
		return &usageError{fmt.Errorf("--output: %w", err)}
	}
	if err := errors.Join(writePage(file, page), file.Close()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if !a.config.Quiet {
		a.note("the report was written to %s", to)
	}
	return nil
}

func writePage(w io.Writer, page *report.Report) error {
	buffered := bufio.NewWriterSize(w, 1<<16)
	return errors.Join(page.Write(buffered), buffered.Flush())
}
