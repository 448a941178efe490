package cmd

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// outputDir is the directory of --output-dir: a file for each known output, and the report. Files of an earlier run are replaced or
// removed, so that all files are of one run.
type outputDir struct {
	root   *os.Root
	state  *fleet.State
	failed int   // files that could not be written
	err    error // the first error
}

const (
	summaryFile    = "summary.json"
	outputDirMode  = 0o750
	outputFileMode = 0o640
)

// writeOutputDir writes the known outputs of a run. Its error counts the files that could not be written.
func writeOutputDir(dir string, state *fleet.State, outputs fleet.Outputs, report *render.Run) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	d := &outputDir{root: root, state: state}
	names := d.names()
	d.removeOthers(names)
	for i := range state.Targets {
		if names[i] == "" {
			continue
		}
		output, err := outputs.Output(state.Targets[i].Output)
		if err == nil {
			err = d.write(names[i], func(w io.Writer) error { _, err := io.WriteString(w, string(output)); return err })
		}
		d.count(err)
	}
	d.count(d.write(summaryFile, func(w io.Writer) error { return render.Write(w, render.JSON, report, render.Style{}) }))
	if d.failed > 0 {
		return fmt.Errorf("%d of the files could not be written to %s: %w", d.failed, dir, d.err)
	}
	return nil
}

func (d *outputDir) count(err error) {
	if err != nil {
		d.failed++
		d.err = cmp.Or(d.err, err)
	}
}

// names returns the file name of each target's output, "" if the output is unknown. An instance in several invocations has several
// files.
func (d *outputDir) names() []string {
	names, taken := make([]string, len(d.state.Targets)), map[string]bool{}
	for i := range d.state.Targets {
		t := &d.state.Targets[i]
		if !t.HasResult || t.OutputLost {
			continue
		}
		files := outputFiles(t.Site, t.InstanceId, t.InvokeId)
		name := files.alone
		if len(d.state.Sites) > 1 {
			name = files.atSite
		}
		if taken[name] {
			name = path.Join(path.Dir(name), files.ofInvocation)
		}
		taken[name] = true
		names[i] = name
	}
	return names
}

// outputNames are the possible file names of an output.
type outputNames struct{ alone, atSite, ofInvocation string }

func outputFiles(site fleet.Site, instanceID, invokeID string) outputNames {
	const ending = ".out"
	alone := instanceID + ending
	return outputNames{alone: alone, atSite: path.Join(site.String(), alone), ofInvocation: instanceID + "-" + invokeID + ending}
}

// removeOthers removes the summary of an earlier run, and its outputs that this run does not have. Other files are kept.
func (d *outputDir) removeOthers(names []string) {
	keep := map[string]bool{}
	for _, name := range names {
		keep[name] = true
	}
	for _, name := range d.earlier() {
		if keep[name] {
			continue
		}
		if err := d.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			d.count(err)
		}
	}
}

// earlier returns the files of the run whose summary is in the directory.
func (d *outputDir) earlier() []string {
	text, err := d.root.ReadFile(summaryFile)
	if err != nil {
		return nil
	}
	files := []string{summaryFile}
	var summary struct {
		Instances []struct {
			fleet.Site
			InstanceId, InvokeId string
		}
	}
	if json.Unmarshal(text, &summary) != nil {
		return files
	}
	for _, i := range summary.Instances {
		names := outputFiles(i.Site, i.InstanceId, i.InvokeId)
		files = append(files, names.alone, names.atSite, names.ofInvocation, path.Join(path.Dir(names.atSite), names.ofInvocation))
	}
	return files
}

// write writes a file. It removes a file that it cannot write completely.
func (d *outputDir) write(name string, write func(io.Writer) error) error {
	if err := d.root.MkdirAll(path.Dir(name), outputDirMode); err != nil {
		return err
	}
	file, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, outputFileMode)
	if err != nil {
		return err
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		return errors.Join(err, d.root.Remove(name))
	}
	return nil
}
