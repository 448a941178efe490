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

func newLabStatusCommand(a *app) *cobra.Command {
	choice := new(labChoice)
	cmd := &cobra.Command{
		Use:   "status [flags]",
		Short: "List the running labs",
		Long: `List the running labs, the one that was started last first: commands use that one unless --data chooses another. If
none is running, the exit code is 64.`,
		Example: `  muster lab status
  muster lab status -o json --jq '.Labs[0].Pid'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return printLabStatus(cmd.Context(), a, choice) },
	}
	choice.add(cmd.Flags())
	return cmd
}

func printLabStatus(ctx context.Context, a *app, choice *labChoice) error {
	running, err := a.runningLabs(ctx, choice)
	if err != nil {
		return err
	}
	document := new(labStatusDocument)
	for _, connection := range running {
		health, err := connection.Health(ctx)
		if err != nil {
			return err
		}
		document.Labs = append(document.Labs, newRunningLab(connection, health))
	}
	return a.print(document)
}

// runningLab describes a running lab, without its secret.
type runningLab struct {
	Endpoint  string
	RegionId  string
	Pid       int
	Data      string `json:",omitempty"`
	Version   string
	Instances int
	Regions   []string // that it serves
	CAFile    string   `json:",omitempty"`
	Agents    string   `json:",omitempty"` // where real hosts reach it
}

func newRunningLab(c lab.Connection, health lab.Health) runningLab {
	return runningLab{c.Endpoint, c.RegionId, c.Pid, c.Data, health.Version, health.Instances, health.Regions, c.CAFile, c.Agents}
}

// labStatusDocument lists running labs.
type labStatusDocument struct{ Labs []runningLab }

// Records returns the labs.
func (d *labStatusDocument) Records() iter.Seq2[any, error] { return render.Records(d.Labs) }

// Record returns an empty record.
func (d *labStatusDocument) Record() any { return runningLab{} }

// WriteTable writes a line for each lab.
func (d *labStatusDocument) WriteTable(w io.Writer, _ render.Style) error {
	for _, it := range d.Labs {
		data := "stores nothing"
		if it.Data != "" {
			data = "data in " + term.SanitizeLine(it.Data)
		}
		if it.Agents != "" {
			data += ", agents at " + it.Agents
		}
		if _, err := fmt.Fprintf(w, "%s: %s in %s, process %d, %s\n", lab.Connection{Endpoint: it.Endpoint, CAFile: it.CAFile}.URL(), plural(it.Instances, "instance"), strings.Join(it.Regions, ", "), it.Pid, data); err != nil {
			return err
		}
	}
	return nil
}
