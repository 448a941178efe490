package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/pflag"

	"muster/pkg/fleet"
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
}

func (f *outputFlags) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.path, "output-dir", "", "write each instance's output to a file of its own in this `directory`, and the report to summary.json there")
	f.addGrouping(flags)
	flags.StringVar(&f.diffRun, "diff-run", "", "show what has changed since an earlier `run`, in place of outputs")
}

// addGrouping adds what is for every table with outputs.
func (f *outputFlags) addGrouping(flags *pflag.FlagSet) {
	flags.StringVar(&f.group, "group", string(render.GroupExact), "show outputs together that are the same by this `rule`: exact, normalized (but for ids, addresses and times) or none")
	flags.BoolVar(&f.diff, "diff", false, "show what differs from the largest group, in place of the other groups' outputs")
	flags.BoolVar(&f.raw, "raw", false, "let outputs control the terminal: their control characters are sent as they are")
}

// addFollow adds what is for scripts that are waited for.
func (f *outputFlags) addFollow(flags *pflag.FlagSet) {
	flags.BoolVar(&f.follow, "follow", false, "print what scripts write while they run, each line behind its instance's name; on stderr where stdout is a document")
}

// prepare reads the flags, and finds out whether the directory can be written to, before anything is sent.
func (f *outputFlags) prepare(a *app) error {
	f.group = cmp.Or(f.group, string(render.GroupExact)) // where there is no flag
	if !slices.Contains(render.GroupBys(), f.group) {
		return usagef("--group %q: want %s", f.group, joinOr(render.GroupBys()))
	}
	if f.diff && f.diffRun != "" {
		return usagef("give --diff or --diff-run, not both")
	}
	a.grouping = render.Grouping{By: render.GroupBy(f.group), Diff: f.diff, Raw: f.raw}
	if f.diffRun != "" {
		_, id, err := a.findRun(f.diffRun)
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

// compare has a report show what has changed since the run of --diff-run, and returns what to call when it has been printed.
func (f *outputFlags) compare(a *app, report *render.Run) (end func() error, err error) {
	if f.diffRun == "" {
		return func() error { return nil }, nil
	}
	earlier, err := a.readRun(f.diffRun)
	if err != nil {
		return nil, fmt.Errorf("--diff-run: %w", err)
	}
	report.Against(earlier.State, earlier)
	return earlier.Close, nil
}

// printRun prints a report of a run, and writes the files that were asked for.
func (a *app) printRun(f *outputFlags, state *fleet.State, outputs fleet.Outputs, report *render.Run, quiet bool) error {
	if err := f.write(state, outputs, report); err != nil || quiet {
		return err
	}
	end, err := f.compare(a, report)
	if err != nil {
		return err
	}
	return errors.Join(a.print(report), end())
}

// write writes the outputs of a run and its report. An instance that stands in several invocations has several files.
func (f *outputFlags) write(state *fleet.State, outputs fleet.Outputs, report *render.Run) error {
	if f.path == "" {
		return nil
	}
	seen := map[string]bool{}
	for i := range state.Targets {
		t := &state.Targets[i]
		if !t.HasResult {
			continue
		}
		name := t.InstanceId
		if len(state.Sites) > 1 {
			name = filepath.Join(filepath.FromSlash(t.Site.String()), name)
		}
		if seen[name] {
			name += "-" + t.InvokeId
		}
		seen[name] = true
		if err := f.writeOutput(name+".out", outputs, t.Output); err != nil {
			return fmt.Errorf("write the output of %s: %w", t.InstanceId, err)
		}
	}
	summary, err := os.Create(filepath.Join(f.path, "summary.json"))
	if err != nil {
		return fmt.Errorf("write the summary: %w", err)
	}
	return errors.Join(render.Write(summary, render.JSON, report, render.Style{}), summary.Close())
}

func (f *outputFlags) writeOutput(name string, outputs fleet.Outputs, key fleet.OutputKey) error {
	output, err := outputs.Output(key)
	if err != nil {
		return err
	}
	path := filepath.Join(f.path, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(output), 0o640)
}
