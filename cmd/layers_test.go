package cmd

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// layers returns the packages from top to bottom. A package imports only packages below it.
func layers() []string {
	return []string{
		"muster", "muster/cmd", "muster/pkg/lab", "muster/pkg/lab/keep", "muster/pkg/lab/runner", "muster/pkg/lab/runner/runnertest", "muster/pkg/lab/signature", "muster/pkg/lab/fakeclock", "muster/pkg/lab/agents", "muster/pkg/lab/agents/agentstest", "muster/pkg/report", "muster/pkg/render", "muster/pkg/journal", "muster/pkg/fleet",
		"muster/pkg/target", "muster/pkg/target/nodeset", "muster/pkg/identity", "muster/pkg/assist", "muster/pkg/assist/catalogue", "muster/pkg/assist/hostile", "muster/pkg/schedule", "muster/pkg/shell", "muster/pkg/jq", "muster/pkg/config", "muster/pkg/duration", "muster/pkg/levenshtein", "muster/pkg/sleep", "muster/pkg/userfile", "muster/pkg/term",
	}
}

// may returns the packages of the module that a package may import, if the order of the layers is not strict enough.
func may() map[string][]string {
	return map[string][]string{
		"muster":                           {"muster/cmd"},
		"muster/pkg/lab":                   {"muster/pkg/assist", "muster/pkg/assist/catalogue", "muster/pkg/duration", "muster/pkg/lab/agents", "muster/pkg/lab/keep", "muster/pkg/lab/runner", "muster/pkg/lab/signature", "muster/pkg/levenshtein", "muster/pkg/schedule", "muster/pkg/sleep"},
		"muster/pkg/lab/agents":            {},
		"muster/pkg/lab/agents/agentstest": {"muster/pkg/schedule"},
		"muster/pkg/lab/signature":         {"muster/pkg/assist"},
		"muster/pkg/lab/keep":              {},
		"muster/pkg/lab/runner":            {},
		"muster/pkg/lab/runner/runnertest": {},
		"muster/pkg/lab/fakeclock":         {},
		"muster/pkg/report":                {"muster/pkg/render", "muster/pkg/fleet", "muster/pkg/target/nodeset", "muster/pkg/assist", "muster/pkg/term"},
		"muster/pkg/render":                {"muster/pkg/fleet", "muster/pkg/target", "muster/pkg/target/nodeset", "muster/pkg/assist", "muster/pkg/jq", "muster/pkg/term"},
		"muster/pkg/journal":               {"muster/pkg/fleet"},
		"muster/pkg/fleet":                 {"muster/pkg/assist", "muster/pkg/sleep", "muster/pkg/target", "muster/pkg/target/nodeset"},
		"muster/pkg/target":                {"muster/pkg/assist", "muster/pkg/jq", "muster/pkg/target/nodeset"},
		"muster/pkg/target/nodeset":        {},
		"muster/pkg/identity":              {"muster/pkg/assist", "muster/pkg/sleep", "muster/pkg/userfile"},
		"muster/pkg/assist":                {"muster/pkg/schedule"},
		"muster/pkg/assist/catalogue":      {"muster/pkg/levenshtein"},
		"muster/pkg/assist/hostile":        {},
		"muster/pkg/schedule":              {},
		"muster/pkg/shell":                 {},
		"muster/pkg/jq":                    {},
		"muster/pkg/config":                {"muster/pkg/duration", "muster/pkg/levenshtein", "muster/pkg/userfile"},
		"muster/pkg/duration":              {},
		"muster/pkg/levenshtein":           {},
		"muster/pkg/sleep":                 {},
		"muster/pkg/userfile":              {},
		"muster/pkg/term":                  {},
	}
}

// only returns the packages that may import a library.
func only() map[string][]string {
	return map[string][]string{
		"github.com/spf13/cobra":                                 {"muster/cmd"},
		"github.com/olekukonko/tablewriter":                      {"muster/pkg/render"},
		"github.com/spf13/viper":                                 {"muster/pkg/config"},
		"github.com/briandowns/spinner":                          {"muster/pkg/term"},
		"github.com/alibabacloud-go":                             {"muster/pkg/assist"},
		"github.com/aliyun/credentials-go/credentials/providers": {"muster/pkg/identity"},
		"gopkg.in/ini.v1":                                        {"muster/pkg/identity"},
		"github.com/hashicorp/cronexpr":                          {"muster/pkg/schedule"},
		"go.etcd.io/bbolt":                                       {"muster/pkg/lab/keep"},
		"mvdan.cc/sh/v3":                                         {"muster/pkg/shell"},
		"github.com/coder/websocket":                             {"muster/pkg/lab/agents", "muster/pkg/lab/agents/agentstest"},
		"github.com/gofrs/flock":                                 {"muster/pkg/journal", "muster/pkg/lab"},
	}
}

func TestLayers(t *testing.T) {
	for _, p := range packages(t) {
		place := slices.Index(layers(), p.ImportPath)
		if place < 0 {
			t.Errorf("%s has no place among the layers", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if !strings.HasPrefix(imported, "muster") {
				continue
			}
			if slices.Index(layers(), imported) <= place {
				t.Errorf("%s imports %s, which is not below it", p.ImportPath, imported)
			}
			if allowed, ok := may()[p.ImportPath]; ok && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s, which it may not import", p.ImportPath, imported)
			}
		}
		for _, imported := range append(p.Imports, p.TestImports...) {
			for library, owners := range only() {
				if (imported == library || strings.HasPrefix(imported, library+"/")) && !slices.Contains(owners, p.ImportPath) {
					t.Errorf("%s imports %s, which is for %s alone", p.ImportPath, imported, strings.Join(owners, " and "))
				}
			}
		}
	}
}

type listedPackage struct {
	ImportPath           string
	Imports, TestImports []string
}

func packages(t *testing.T) []listedPackage {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,TestImports", "muster/...")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listedPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
