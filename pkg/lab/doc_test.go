package lab

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocNamesFiles checks that doc.go names every file of the package once, and names only files that exist.
func TestDocNamesFiles(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, path := range regexp.MustCompile(`\b[\w/]+\.go\b`).FindAllString(string(text), -1) {
		if strings.Contains(path, "/") {
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
			continue
		}
		named = append(named, path)
	}
	slices.Sort(named)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	if diff := cmp.Diff(files, named); diff != "" {
		t.Errorf("files of the package, and files in doc.go (-package +doc.go):\n%s", diff)
	}
}
