package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/pflag"

	"muster/pkg/render"
)

// outputFlags choose how outputs are printed, and whether they are written to files.
type outputFlags struct {
	path    string
	group   string
	diff    bool
	diffRun string
	raw     bool
	follow  bool
	none    bool // --no-output
}

func (f *outputFlags) add(flags *pflag.FlagSet) {
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.path, "output-dir", "", "`DIR`: write the output of each instance to a file in this directory, and the report to summary.json there")
	})
	f.addGrouping(flags)
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.diffRun, "diff-run", "", "`RUN`: print what has changed since an earlier run instead of outputs")
	})
}

// addAll adds the flags of commands that wait for scripts.
func (f *outputFlags) addAll(flags *pflag.FlagSet) {
	f.add(flags)
	f.addFollow(flags)
}

// addGrouping adds the flags of tables with outputs.
func (f *outputFlags) addGrouping(flags *pflag.FlagSet) {
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.group, "group", string(render.GroupExact), "`RULE`: group equal outputs: exact, normalized (ignoring ids, addresses and times) or none")
		flags.BoolVar(&f.diff, "diff", false, "print what differs from the largest group, instead of the other groups' outputs")
		flags.BoolVar(&f.raw, "raw", false, "print control characters in outputs unchanged, so that they control the terminal")
	})
}

// addFollow adds the flags of commands that wait for scripts and send no files.
func (f *outputFlags) addFollow(flags *pflag.FlagSet) {
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.BoolVar(&f.none, "no-output", false, "do not fetch outputs: report states and exit codes only")
		flags.BoolVar(&f.follow, "follow", false, "print what scripts write while they run, as far as the agents report it then, each line with its instance's name; on stderr if stdout is a document")
	})
}

// prepare reads the flags, and checks that the output directory is writable before anything is sent.
func (f *outputFlags) prepare(p *printer, runs *runStore) error {
	f.group = cmp.Or(f.group, string(render.GroupExact)) // the command may not have the flag
	if !slices.Contains(render.GroupBys(), f.group) {
		return usagef("--group %q: want %s", f.group, joinOr(render.GroupBys()))
	}
	if f.diff && f.diffRun != "" {
		return usagef("give --diff or --diff-run, not both")
	}
	p.grouping = render.Grouping{By: render.GroupBy(f.group), Diff: f.diff, Raw: f.raw}
	if f.diffRun != "" {
		_, id, err := runs.find(f.diffRun)
		if err != nil {
			return fmt.Errorf("--diff-run: %w", err)
		}
		f.diffRun = id // last will be another run then
	}
	if f.path == "" {
		return nil
	}
	err := os.MkdirAll(f.path, 0o750)
	if err == nil {
		var trial *os.File
		if trial, err = os.CreateTemp(f.path, ".muster-*"); err == nil {
			err = errors.Join(trial.Close(), os.Remove(trial.Name()))
		}
	}
	if err != nil {
		return &usageError{fmt.Errorf("--output-dir: %w", err)}
	}
	return nil
}
