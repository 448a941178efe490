package cmd

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"muster/pkg/fleet"
)

// TestDocsIndex finds pages that the index of the docs does not have.
func TestDocsIndex(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join("..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	index := readFile(t, "docs/README.md")
	for _, page := range pages {
		if name := filepath.Base(page); name != "README.md" && !strings.Contains(index, "]("+name+")") {
			t.Errorf("docs/README.md does not link to %s", name)
		}
	}
}

// TestLinks finds links in the docs that lead to no file.
func TestLinks(t *testing.T) {
	root, err := filepath.Glob(filepath.Join("..", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	docs, err := filepath.Glob(filepath.Join("..", "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range slices.Concat(root, docs) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range linkTarget.FindAllStringSubmatch(string(text), -1) {
			path, _, _ := strings.Cut(link[1], "#")
			if path == "" || strings.Contains(path, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), path)); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

// TestWarningsAreDocumented finds codes of warnings that the page on scripts does not have.
func TestWarningsAreDocumented(t *testing.T) {
	page := readFile(t, "docs/scripts.md")
	for _, code := range fleet.WarningCodes() {
		if !strings.Contains(page, "| `"+code+"` |") {
			t.Errorf("docs/scripts.md does not have %s", code)
		}
	}
}
