package cmd

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// outputDirFlag says where each instance's output goes as a file of its own.
type outputDirFlag struct{ path string }

func (f *outputDirFlag) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.path, "output-dir", "", "write each instance's output to a file of its own in this `directory`, and the report to summary.json there")
}

// prepare makes the directory and finds out whether it can be written to, before anything is sent.
func (f *outputDirFlag) prepare() error {
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

// write writes the outputs of a run and its report. An instance that stands in several invocations has several files.
func (f *outputDirFlag) write(state *fleet.State, outputs fleet.Outputs, report *render.Run) error {
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

func (f *outputDirFlag) writeOutput(name string, outputs fleet.Outputs, key fleet.OutputKey) error {
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
