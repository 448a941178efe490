package cmd

import (
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/lab"
	"muster/pkg/render"
)

func newLabEnvCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "env",
		Short: "Print what other clients need to reach the lab that runs",
		Long: `Print shell exports for the lab that runs: its endpoint as host:port, its keys and its region, for the aliyun CLI, the
SDKs, and muster itself without a profile. sh, bash, zsh and fish read them; for others there is -o json. Of several labs,
the one that was started last is meant. Where the environment has a proxy, such as HTTP_PROXY, NO_PROXY and no_proxy are
among the exports: the value they have, and the lab's host.

The endpoint of a lab that other machines reach is a URL, for muster speaks TLS to those that are not on loopback and have no
scheme; its exports are good on those machines.`,
		Example: `  eval "$(muster lab env)"
  muster lab env -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			connection, err := a.runningLab(cmd.Context())
			if err != nil {
				return err
			}
			return a.print(&labEnvDocument{connection, a.noProxy(connection.Endpoint)})
		},
	}
}

// labEnvDocument is how a lab can be reached.
type labEnvDocument struct {
	lab.Connection
	NoProxy string `json:",omitempty"` // for NO_PROXY, where there is a proxy
}

// Records is the one document.
func (d *labEnvDocument) Records() iter.Seq2[any, error] { return render.Records([]*labEnvDocument{d}) }

// Record returns a document without values.
func (d *labEnvDocument) Record() any { return labEnvDocument{} }

// WriteTable writes lines that a shell can read.
func (d *labEnvDocument) WriteTable(w io.Writer, _ render.Style) error {
	_, err := fmt.Fprintf(w, `export ALIBABA_CLOUD_ENDPOINT=%s
export ALIBABA_CLOUD_ACCESS_KEY_ID=%s
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=%s
export ALIBABA_CLOUD_REGION_ID=%s
`, assist.Endpoint{Host: d.Endpoint}, d.AccessKeyId, d.AccessKeySecret, d.RegionId)
	if err == nil && d.NoProxy != "" {
		_, err = fmt.Fprintf(w, "export NO_PROXY=%[1]s\nexport no_proxy=%[1]s\n", shellWord(d.NoProxy))
	}
	return err
}
