package cmd

import (
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/lab"
	"muster/pkg/render"
)

func newLabEnvCommand(a *app) *cobra.Command {
	choice := new(labChoice)
	cmd := &cobra.Command{
		Use:   "env [flags]",
		Short: "Print the exports that other clients need",
		Long: `Print shell exports for the running lab: its endpoint as host:port and as a URL, its keys and its region, for
the aliyun CLI, the SDKs, and muster without a profile. sh, bash, zsh and fish can read them; use -o json for other programs. If
several labs are running, the last one started is used. If a proxy is set, for example by HTTP_PROXY, the exports include
NO_PROXY and no_proxy with the host of the lab added.

For a lab with --tls, they include variables that make clients trust its CA: NODE_EXTRA_CA_CERTS with its certificate, and
SSL_CERT_FILE, CURL_CA_BUNDLE and REQUESTS_CA_BUNDLE with a file that also has the certificates that the system trusts.

The URL has the scheme. muster uses it only for a matching ALIBABA_CLOUD_ENDPOINT: without a scheme, muster speaks TLS to all but
loopback addresses.`,
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
	var all strings.Builder
	export := func(value string, names ...string) {
		for _, name := range names {
			fmt.Fprintf(&all, "export %s=%s\n", name, shellQuote(value))
		}
	}
	export(d.Endpoint, "ALIBABA_CLOUD_ENDPOINT")
	export(d.URL(), "ALIBABA_CLOUD_ENDPOINT_URL")
	export(d.AccessKeyId, "ALIBABA_CLOUD_ACCESS_KEY_ID")
	export(d.AccessKeySecret, "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
	export(d.RegionId, "ALIBABA_CLOUD_REGION_ID")
	if d.CAFile != "" {
		export(d.CAFile, "NODE_EXTRA_CA_CERTS")                                         // Node adds them to its own
		export(d.CABundleFile, "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE") // these replace the system's
	}
	if d.NoProxy != "" {
		export(d.NoProxy, "NO_PROXY", "no_proxy")
	}
	_, err := io.WriteString(w, all.String())
	return err
}
