package cmd

import (
	"math"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/render"
)

// leastDocument is the smallest size that --max-bytes accepts: a document needs room to report what it leaves out.
const leastDocument = 4 << 10

// documentFlags shape the documents of some formats.
type documentFlags struct {
	maxBytes string // of --max-bytes
	bytes    int    // of --max-bytes, parsed; 0 without it
	suite    string // of --junit-suite
}

// add adds the flags to a command and to those below it.
func (f *documentFlags) add(cmd *cobra.Command) {
	groupOutput.add(cmd.PersistentFlags(), func(flags *pflag.FlagSet) {
		flags.StringVar(&f.maxBytes, "max-bytes", "", "`SIZE`: keep -o markdown and -o junit below this size, such as 512KB (default: 1MiB, the limit of GitHub's summaries, and 30MB, that of GitLab's reports)")
	})
	f.addSuite(cmd)
}

// addSuite adds --junit-suite to each command that reports runs.
func (f *documentFlags) addSuite(cmd *cobra.Command) {
	if _, ok := cmd.Annotations[reportsRuns]; ok {
		groupOutput.add(cmd.Flags(), func(flags *pflag.FlagSet) {
			flags.StringVar(&f.suite, "junit-suite", "", "`NAME`: give the test suite this name in -o junit (default: what the run does, which is the same in each build)")
		})
	}
	for _, sub := range cmd.Commands() {
		f.addSuite(sub)
	}
}

// read reads --max-bytes and --junit-suite. Each is for some formats only.
func (f *documentFlags) read(st *settings) error {
	format := render.Format(st.config.Output)
	if f.suite != "" && format != render.JUnit {
		return usagef("--junit-suite is for -o junit, not for -o %s", format)
	}
	if !st.flags.Changed("max-bytes") {
		return nil
	}
	if format != render.JUnit && format != render.Markdown {
		return usagef("--max-bytes is for -o markdown and -o junit, not for -o %s", format)
	}
	size, err := humanize.ParseBytes(f.maxBytes)
	if err != nil || size < leastDocument || size > math.MaxInt32 {
		return usagef("--max-bytes %q: want a size from 4KiB to 2GB, such as 512KB", f.maxBytes)
	}
	f.bytes = int(size)
	return nil
}
