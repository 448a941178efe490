package cmd

import (
	"math"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"muster/pkg/render"
)

// leastDocument is the smallest size that --max-bytes takes: a document says what it leaves out, and needs room for that.
const leastDocument = 4 << 10

// addDocumentFlags adds what shapes documents of some formats, to a command and those below it.
func addDocumentFlags(cmd *cobra.Command, a *app) {
	cmd.PersistentFlags().StringVar(&a.maxBytes, "max-bytes", "", "keep -o markdown and -o junit under this `size`, such as 512KB; by default 1MiB, as GitHub's summaries, and 30MB, as GitLab's reports")
	addJUnitSuite(cmd, a)
}

// addJUnitSuite adds --junit-suite to each command that reports runs.
func addJUnitSuite(cmd *cobra.Command, a *app) {
	if _, ok := cmd.Annotations[reportsRuns]; ok {
		cmd.Flags().StringVar(&a.suite, "junit-suite", "", "the `name` of the test suite in -o junit; by default what the run does, so that it is the same in each build")
	}
	for _, sub := range cmd.Commands() {
		addJUnitSuite(sub, a)
	}
}

// readDocumentFlags reads --max-bytes and --junit-suite, which are for some formats alone.
func (a *app) readDocumentFlags() error {
	format := render.Format(a.config.Output)
	if a.suite != "" && format != render.JUnit {
		return usagef("--junit-suite is for -o junit, not for -o %s", format)
	}
	if !a.flags.Changed("max-bytes") {
		return nil
	}
	if format != render.JUnit && format != render.Markdown {
		return usagef("--max-bytes is for -o markdown and -o junit, not for -o %s", format)
	}
	size, err := humanize.ParseBytes(a.maxBytes)
	if err != nil || size < leastDocument || size > math.MaxInt32 {
		return usagef("--max-bytes %q: want a size from 4KiB to 2GB, such as 512KB", a.maxBytes)
	}
	a.documentBytes = int(size)
	return nil
}
