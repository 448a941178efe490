package cmd

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"muster/pkg/assist/catalogue"
	"muster/pkg/fleet"
)

// TestDocsIndex finds pages that are missing from the index of the docs.
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

// TestPagesNameTests checks that each row about agents, credentials and shells has tests or findings, and that these exist.
func TestPagesNameTests(t *testing.T) {
	known := knownTests(t)
	findings, err := filepath.Glob(filepath.Join("..", "findings", "*.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range findings {
		known["findings/"+filepath.Base(path)] = true
	}
	for _, page := range []string{"docs/agent.md", "docs/credentials.md", "docs/shells.md"} {
		checkNamedTests(t, page, known)
	}
}

// checkNamedTests checks that the last column of each table of a page that is called "test" has names that are known.
func checkNamedTests(t *testing.T, page string, known map[string]bool) {
	t.Helper()
	rows, named := 0, false
	for line := range strings.SplitSeq(readFile(t, page), "\n") {
		if strings.HasSuffix(line, "| test |") || !strings.HasPrefix(line, "|") {
			named = strings.HasSuffix(line, "| test |")
			continue
		}
		if !named || strings.HasPrefix(line, "|--") {
			continue
		}
		rows++
		cells := strings.Split(strings.TrimSuffix(line, " |"), " | ")
		for name := range strings.SplitSeq(cells[len(cells)-1], ", ") {
			if !known[name] {
				t.Errorf("%s: there is no test %q", line, name)
			}
		}
	}
	if rows < 10 {
		t.Errorf("%s: %d rows", page, rows)
	}
}

// TestExplainedPages finds codes that refer to a page or heading of the documentation that does not exist.
func TestExplainedPages(t *testing.T) {
	pages := 0
	for _, entry := range catalogue.All(catalogue.English) {
		if entry.See == "" {
			continue
		}
		pages++
		page, anchor, _ := strings.Cut(entry.See, "#")
		words := strings.ReplaceAll(anchor, "-", "[ ,-]+")
		heading := regexp.MustCompile("(?im)^#+ " + words + "$")
		if text := readFile(t, page); anchor != "" && !heading.MatchString(text) {
			t.Errorf("%s: %s has no heading %s", entry.Code, page, anchor)
		}
	}
	if pages == 0 {
		t.Error("no code refers to a page")
	}
}

// TestLinks finds links in the docs to files that do not exist.
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
		for _, link := range linksOf(t, page) {
			path, _, _ := strings.Cut(link, "#")
			if path == "" || strings.Contains(path, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), path)); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}

// linksOf returns the links of a page. Code has none.
func linksOf(t *testing.T, page string) []string {
	t.Helper()
	prose := blockText.ReplaceAllString(readFile(t, filepath.ToSlash(page)[len("../"):]), "")
	var links []string
	for _, link := range linkTarget.FindAllStringSubmatch(codeSpan.ReplaceAllString(prose, ""), -1) {
		links = append(links, link[1])
	}
	return links
}

// TestAnchors finds links in the docs that lead to no heading.
func TestAnchors(t *testing.T) {
	anchors := map[string]map[string]bool{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/reference/*.md"} {
		pages, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, page := range pages {
			anchors[page] = headingAnchors(readFile(t, filepath.ToSlash(page)[len("../"):]))
		}
	}
	for page := range anchors {
		for _, link := range linksOf(t, page) {
			path, anchor, ok := strings.Cut(link, "#")
			if !ok || strings.Contains(path, "://") {
				continue
			}
			to := page
			if path != "" {
				to = filepath.Join(filepath.Dir(page), path)
			}
			if !anchors[to][anchor] {
				t.Errorf("%s: %s has no heading #%s", page, to, anchor)
			}
		}
	}
}

// headingAnchors returns the anchors that GitHub gives the headings of a page.
func headingAnchors(page string) map[string]bool {
	anchors := map[string]bool{}
	fenced := false
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		title := strings.TrimLeft(line, "#")
		if fenced || title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, strings.TrimSpace(title))
		anchor := name
		for n := 1; anchors[anchor]; n++ {
			anchor = fmt.Sprintf("%s-%d", name, n)
		}
		anchors[anchor] = true
	}
	return anchors
}

// TestDocsInTexts finds pages of the docs that texts and comments name and that do not exist.
func TestDocsInTexts(t *testing.T) {
	named := regexp.MustCompile(`\bdocs/[a-z-]+\.md(#[a-z-]+)?`)
	for _, dir := range []string{"cmd", "pkg", "bench"} {
		err := filepath.WalkDir(filepath.Join("..", dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !slices.Contains([]string{"", ".go", ".txtar"}, filepath.Ext(path)) {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, name := range named.FindAllString(string(text), -1) {
				name, anchor, ok := strings.Cut(name, "#")
				page, err := os.ReadFile(filepath.Join("..", name))
				if err != nil {
					t.Errorf("%s: %v", path, err)
				} else if ok && !headingAnchors(string(page))[anchor] {
					t.Errorf("%s: %s has no heading #%s", path, name, anchor)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
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

// TestCausesAreDocumented finds causes that the page on exit codes does not explain.
func TestCausesAreDocumented(t *testing.T) {
	page := readFile(t, "docs/exit-codes.md")
	for _, cause := range fleet.Causes() {
		if !strings.Contains(page, "| "+string(cause)+" | ") {
			t.Errorf("docs/exit-codes.md does not have %s", cause)
		}
	}
}

// TestFirstCommands finds a README without the two commands that .ci/run and its readers begin with.
func TestFirstCommands(t *testing.T) {
	ci, readme := readFile(t, ".ci/run"), readFile(t, "README.md")
	for _, command := range []string{"go run . run --lab=5 -- 'echo hello from $(hostname)'", "go test ./..."} {
		if !strings.Contains(ci, command) || !strings.Contains(readme, "$ "+command+"\n") {
			t.Errorf("%s: .ci/run and README.md do not both have it", command)
		}
	}
}
