package cmd

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestContributingNamesFiles finds files in CONTRIBUTING.md that do not exist.
func TestContributingNamesFiles(t *testing.T) {
	files := regexp.MustCompile("`([A-Za-z0-9_./-]+/[A-Za-z0-9_.-]+\\.go)`").FindAllStringSubmatch(readFile(t, "CONTRIBUTING.md"), -1)
	if len(files) == 0 {
		t.Error("CONTRIBUTING.md names no files")
	}
	for _, file := range files {
		if _, err := os.Stat(filepath.Join("..", file[1])); err != nil {
			t.Errorf("CONTRIBUTING.md: %v", err)
		}
	}
}

// TestContributingShowsPackages compares the picture and the table of packages in CONTRIBUTING.md with the code: every arrow of
// the picture is an import, and the table has every package.
func TestContributingShowsPackages(t *testing.T) {
	text := readFile(t, "CONTRIBUTING.md")
	imports := map[string][]string{}
	for _, p := range packages(t) {
		imports[p.ImportPath] = p.Imports
	}
	for path := range imports {
		if name := strings.TrimPrefix(path, "muster/"); name != "muster" && !strings.Contains(text, "\n| `"+name+"` | ") {
			t.Errorf("the table of CONTRIBUTING.md does not have %s", name)
		}
	}
	_, picture, _ := strings.Cut(text, "```mermaid\n")
	picture, _, _ = strings.Cut(picture, "```")
	arrows := regexp.MustCompile(`(?m)^  (\w+) --> (\w+)`).FindAllStringSubmatch(picture, -1)
	if len(arrows) == 0 || len(arrows) != strings.Count(picture, "-->") {
		t.Errorf("%d of %d arrows can be read", len(arrows), strings.Count(picture, "-->"))
	}
	for _, arrow := range arrows {
		if from, to := picturedPackage(arrow[1]), picturedPackage(arrow[2]); !slices.Contains(imports[from], to) {
			t.Errorf("%s --> %s: %s does not import %s", arrow[1], arrow[2], from, to)
		}
	}
}

// picturedPackage returns the import path of a node of the picture, such as lab_runner.
func picturedPackage(node string) string {
	if node == "cmd" {
		return "muster/cmd"
	}
	return "muster/pkg/" + strings.ReplaceAll(node, "_", "/")
}
