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

// outputFlags say how outputs are shown, and where each goes as a file of its own.
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

// addAll adds the flags of the outputs of scripts that are waited for.
func (f *outputFlags) addAll(flags *pflag.FlagSet) {
	f.add(flags)
	f.addFollow(flags)
}

// addGrouping adds what is for every table with outputs.
func (f *outputFlags) addGrouping(flags *pflag.FlagSet) {
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.group, "group", string(render.GroupExact), "`RULE`: print outputs together that are the same: exact, normalized (ignoring ids, addresses and times) or none")
		flags.BoolVar(&f.diff, "diff", false, "print what differs from the largest group, instead of the other groups' outputs")
		flags.BoolVar(&f.raw, "raw", false, "print control characters in outputs as they are, so that they control the terminal")
	})
}

// addFollow adds what is for scripts that are waited for.
func (f *outputFlags) addFollow(flags *pflag.FlagSet) {
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.BoolVar(&f.none, "no-output", false, "do not fetch outputs: report states and exit codes only")
		flags.BoolVar(&f.follow, "follow", false, "print what scripts write while they run, each line with its instance's name; on stderr if stdout is a document")
	})
}

// prepare reads the flags, and finds out whether the directory can be written to, before anything is sent.
func (f *outputFlags) prepare(p *printer, runs *runStore) error {
	f.group = cmp.Or(f.group, string(render.GroupExact)) // where there is no flag
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
		f.diffRun = id // the last one will be another
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
