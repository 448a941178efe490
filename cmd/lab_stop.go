package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/lab"
	"muster/pkg/render"
	"muster/pkg/sleep"
)

const (
	// labPollInterval is the time between two looks at a lab that starts or ends.
	labPollInterval = 10 * time.Millisecond
	// labStopTimeout is how long muster lab stop waits for a lab that ends its scripts.
	labStopTimeout = 30 * time.Second
)

func newLabStopCommand(a *app) *cobra.Command {
	choice := new(labChoice)
	cmd := &cobra.Command{
		Use:   "stop [flags]",
		Short: "Stop the running lab",
		Long: `Stop the running lab and wait until it has ended: its scripts are killed, as by Ctrl-C. If several labs are running,
the last one started is stopped, or the one that --data chooses.`,
		Example: `  muster lab stop
  muster lab --detach --data ci && muster lab stop --data ci`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return stopLab(cmd.Context(), a, choice) },
	}
	choice.add(cmd.Flags())
	return cmd
}

func stopLab(ctx context.Context, a *app, choice *labChoice) error {
	connection, err := a.runningLab(ctx, choice)
	if err != nil {
		return err
	}
	err = a.useLab(ctx, connection, func(s *session) error { return s.caller.Call(ctx, new(lab.StopRequest), new(lab.StopResponse)) })
	if err != nil {
		return err
	}
	if err := awaitLabEnd(ctx, connection); err != nil {
		return err
	}
	return a.print(&labStopDocument{Endpoint: connection.Endpoint, Pid: connection.Pid, Data: connection.Data, url: connection.URL()})
}

// awaitLabEnd waits until a lab has ended, which then removes its connection from the file.
func awaitLabEnd(ctx context.Context, connection lab.Connection) error {
	path, err := labConnectionPath()
	if err != nil {
		return err
	}
	late := fmt.Errorf("the lab on %s was asked to stop, and process %d has not ended after %s", connection.Endpoint, connection.Pid, labStopTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, labStopTimeout, late)
	defer cancel()
	for {
		there, err := lab.ReadConnections(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !slices.Contains(there, connection) {
			return nil
		}
		if err := sleep.For(ctx, labPollInterval); err != nil {
			return err
		}
	}
}

// labStopDocument describes a lab that was stopped.
type labStopDocument struct {
	Endpoint string
	Pid      int
	Data     string `json:",omitempty"`

	url string
}

// Records returns the document.
func (d *labStopDocument) Records() iter.Seq2[any, error] {
	return render.Records([]*labStopDocument{d})
}

// Record returns an empty document.
func (d *labStopDocument) Record() any { return labStopDocument{} }

// WriteTable writes one line.
func (d *labStopDocument) WriteTable(w io.Writer, _ render.Style) error {
	_, err := fmt.Fprintf(w, "stopped the lab on %s\n", d.url)
	return err
}
