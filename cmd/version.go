package cmd

import (
	"fmt"
	"io"
	"iter"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/spf13/cobra"

	"muster/pkg/render"
)

// version, commit and date are set by the release build.
var (
	version = "dev"
	commit  = ""
	date    = ""
)

func newVersionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		Short:       "Print the version",
		Example:     "  muster version",
		Annotations: map[string]string{immediate: "yes"},
		Args:        noArgs,
		RunE: func(*cobra.Command, []string) error {
			return a.print(newVersionDocument())
		},
	}
}

func newVersionDocument() *versionDocument {
	d := &versionDocument{Version: version, Commit: commit, Date: date, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if d.Commit == "" {
		d.Commit, d.Date = buildRevision()
	}
	return d
}

func (d *versionDocument) String() string {
	text := "muster " + d.Version
	if d.Commit != "" {
		text += " (" + d.Commit[:min(len(d.Commit), 12)] + ")"
	}
	return fmt.Sprintf("%s %s %s", text, d.Go, d.Platform)
}

// versionFlag is --version. It sets cobra's version text only when it is used.
type versionFlag struct{ root *cobra.Command }

func (f versionFlag) String() string {
	return strconv.FormatBool(f.root != nil && f.root.Version != "")
}

func (f versionFlag) Set(text string) error {
	wanted, err := strconv.ParseBool(text)
	f.root.Version = ""
	if wanted {
		f.root.Version = newVersionDocument().String()
	}
	return err
}

// Type implements pflag.Value.
func (f versionFlag) Type() string { return "bool" }

// IsBoolFlag reports that the flag needs no value.
func (f versionFlag) IsBoolFlag() bool { return true }

// versionDocument describes the program.
type versionDocument struct {
	Version  string
	Commit   string
	Date     string
	Go       string
	Platform string
}

// Records returns the document.
func (d *versionDocument) Records() iter.Seq2[any, error] {
	return render.Records([]*versionDocument{d})
}

// Record returns an empty document.
func (d *versionDocument) Record() any { return versionDocument{} }

// WriteTable writes one line.
func (d *versionDocument) WriteTable(w io.Writer, _ render.Style) error {
	_, err := fmt.Fprintln(w, d)
	return err
}

// buildRevision returns the commit that the Go tool recorded in the program. Reading it is slow compared with the rest of startup.
func buildRevision() (revision, date string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", ""
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.time":
			date = s.Value
		}
	}
	return revision, date
}
