package cmd

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/lab"
	"muster/pkg/render"
)

// labPatience is how long a lab on this machine may take to take a connection.
const labPatience = 2 * time.Second

func newLabEnvCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "env",
		Short: "Print what other clients need to reach the lab that runs",
		Long: `Print shell exports for the lab that runs: its endpoint as host:port, its keys and its region, for the aliyun CLI, the
SDKs, and muster itself without a profile. The endpoint of a lab that other machines reach is a URL, for muster speaks TLS to
those that are not on loopback and have no scheme; its exports are good on those machines.`,
		Example: `  eval "$(muster lab env)"
  muster lab env -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			connection, err := a.readLabConnection()
			if err != nil {
				return err
			}
			if err := reachLab(cmd.Context(), connection); err != nil {
				return err
			}
			return a.print(&labEnvDocument{connection})
		},
	}
}

// reachLab tells a lab that runs from one that was killed and could not take its connection away.
func reachLab(ctx context.Context, connection lab.Connection) error {
	conn, err := (&net.Dialer{Timeout: labPatience}).DialContext(ctx, "tcp", connection.Endpoint)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return usagef("no lab is running: process %d, which had %s, is gone; start one with muster lab", connection.Pid, connection.Endpoint)
	}
	return conn.Close()
}

// labEnvDocument is how a lab can be reached.
type labEnvDocument struct{ lab.Connection }

// Records is the one document.
func (d *labEnvDocument) Records() iter.Seq2[any, error] { return render.Records([]*labEnvDocument{d}) }

// WriteTable writes lines that a shell can read.
func (d *labEnvDocument) WriteTable(w io.Writer, _ render.Style) error {
	_, err := fmt.Fprintf(w, `export ALIBABA_CLOUD_ENDPOINT=%s
export ALIBABA_CLOUD_ACCESS_KEY_ID=%s
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=%s
export ALIBABA_CLOUD_REGION_ID=%s
`, assist.Endpoint{Host: d.Endpoint}, d.AccessKeyId, d.AccessKeySecret, d.RegionId)
	return err
}
