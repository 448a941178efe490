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
	choice := new(labChoice)
	cmd := &cobra.Command{
		Use:   "env [flags]",
		Short: "Print the exports that other clients need",
		Long: `Print shell exports for the running lab: its endpoint as host:port, its keys and its region, for the
aliyun CLI, the SDKs, and muster without a profile. sh, bash, zsh and fish can read them; use -o json for other programs. If
several labs are running, the last one started is used. If a proxy is set, for example by HTTP_PROXY, the exports include
NO_PROXY and no_proxy with the host of the lab added.

The endpoint of a lab that other machines can reach is a URL: without a scheme, muster speaks TLS to all but loopback addresses.`,
		Example: `  eval "$(muster lab env)"
  muster lab env -o json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			connection, err := a.runningLab(cmd.Context(), choice)
			if err != nil {
				return err
			}
			return a.print(&labEnvDocument{connection, noProxy(a.settings, connection.Endpoint)})
		},
	}
	choice.add(cmd.Flags())
	return cmd
}

// labEnvDocument describes how to reach a lab.
type labEnvDocument struct {
	lab.Connection
	NoProxy string `json:",omitempty"` // for NO_PROXY, if there is a proxy
}

// Records returns the document.
func (d *labEnvDocument) Records() iter.Seq2[any, error] { return render.Records([]*labEnvDocument{d}) }

// Record returns an empty document.
func (d *labEnvDocument) Record() any { return labEnvDocument{} }

// WriteTable writes lines that a shell can read.
func (d *labEnvDocument) WriteTable(w io.Writer, _ render.Style) error {
	_, err := fmt.Fprintf(w, `export ALIBABA_CLOUD_ENDPOINT=%s
export ALIBABA_CLOUD_ACCESS_KEY_ID=%s
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=%s
export ALIBABA_CLOUD_REGION_ID=%s
`, assist.Endpoint{Host: d.Endpoint}, d.AccessKeyId, shellQuote(d.AccessKeySecret), d.RegionId)
	if err == nil && d.NoProxy != "" {
		_, err = fmt.Fprintf(w, "export NO_PROXY=%[1]s\nexport no_proxy=%[1]s\n", shellQuote(d.NoProxy))
	}
	return err
}
