package cmd

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var translated = flag.String("translated", "", "the English title of a section of the README, or all: mark its translations as made from the English as it is now")

// translations are the languages of the README other than English.
func translations() []string { return []string{"README.zh-CN.md", "README.ja.md"} }

// TestTranslations compares the README's translations with the English. Each of their sections has a mark with the title of its
// English section and a hash of that section's text. If the English changes, the test fails until the translation has been reviewed
// and the mark renewed, as the failure describes. What is not translated must be equal.
func TestTranslations(t *testing.T) {
	english := readSections(t, "README.md")
	for _, name := range translations() {
		t.Run(name, func(t *testing.T) {
			if *translated != "" {
				renewMarks(t, name, english, *translated)
			}
			translated := readSections(t, name)
			if diff := cmp.Diff(titles(english), marks(translated)); diff != "" {
				t.Fatalf("the sections are not those of the README, by the titles in the marks (<!-- TITLE: HASH -->) below the headings:\n%s", diff)
			}
			for i, section := range english {
				compareSections(t, section, translated[i])
			}
		})
	}
}

// TestLanguagesLinkToEachOther finds a README that does not link to the others at its top.
func TestLanguagesLinkToEachOther(t *testing.T) {
	all := append([]string{"README.md"}, translations()...)
	for _, from := range all {
		head := readSections(t, from)[0].text
		for _, to := range all {
			if linked := strings.Contains(head, "]("+to+")"); linked != (from != to) {
				t.Errorf("%s: a link to %s: %t", from, to, linked)
			}
		}
	}
}

// compareSections checks that the translation of a section is up to date, and has the same untranslated parts.
func compareSections(t *testing.T, english, translated section) {
	t.Helper()
	if translated.hash != english.textHash() {
		t.Errorf("the section %q is not the one that was translated (%s). Look at the translation, and then: "+
			"go test ./cmd -run TestTranslations -translated '%s'", english.title, translated.hash, english.title)
	}
	if translated.level != english.level {
		t.Errorf("%q: a heading of level %d, not %d", english.title, translated.level, english.level)
	}
	for _, part := range []struct {
		what string
		of   func(section) []string
	}{
		{"code blocks", section.blocks}, {"links", section.links}, {"code in the text", section.code}, {"tables", section.tables},
	} {
		if diff := cmp.Diff(part.of(english), part.of(translated)); diff != "" {
			t.Errorf("%q: other %s (-English +translation):\n%s", english.title, part.what, diff)
		}
	}
}

// section is a heading with the text up to the next heading.
type section struct {
	title string
	level int
	text  string
	// mark and hash are the parts of a translation's mark: the English title, and the hash of the English text.
	mark, hash string
}

var (
	headingLine = regexp.MustCompile(`^(#+) (.+)$`)
	markLine    = regexp.MustCompile(`^<!-- (.+): ([0-9a-f]+) -->$`)
	blockText   = regexp.MustCompile("(?ms)^```.*?^```$")
	linkTarget  = regexp.MustCompile(`\]\(([^)]+)\)`)
	codeSpan    = regexp.MustCompile("`[^`]+`")
	plainCell   = regexp.MustCompile("^([0-9]+|`[^`]+`)$")
)

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func readSections(t *testing.T, name string) []section {
	t.Helper()
	var all []section
	inBlock := false
	for line := range strings.Lines(readFile(t, name)) {
		inBlock = inBlock != strings.HasPrefix(line, "```")
		if heading := headingLine.FindStringSubmatch(strings.TrimSuffix(line, "\n")); heading != nil && !inBlock {
			all = append(all, section{title: heading[2], level: len(heading[1])})
			continue
		}
		if len(all) == 0 {
			t.Fatalf("%s does not begin with a heading", name)
		}
		last := &all[len(all)-1]
		if mark := markLine.FindStringSubmatch(strings.TrimSuffix(line, "\n")); mark != nil {
			last.mark, last.hash = mark[1], mark[2]
			continue
		}
		last.text += line
	}
	return all
}

func titles(sections []section) []string {
	var all []string
	for _, s := range sections {
		all = append(all, s.title)
	}
	return all
}

func marks(sections []section) []string {
	var all []string
	for _, s := range sections {
		all = append(all, s.mark)
	}
	return all
}

func (s section) textHash() string {
	sum := sha256.Sum256([]byte(strings.TrimSpace(s.title + "\n" + s.text)))
	return hex.EncodeToString(sum[:6])
}

func (s section) blocks() []string { return blockText.FindAllString(s.text, -1) }

func (s section) prose() string { return blockText.ReplaceAllString(s.text, "") }

// links returns the links of a section, except those to other languages.
func (s section) links() []string {
	var all []string
	for _, link := range linkTarget.FindAllStringSubmatch(s.prose(), -1) {
		if !strings.HasPrefix(link[1], "README") {
			all = append(all, link[1])
		}
	}
	slices.Sort(all)
	return all
}

// code returns the sorted texts between back-quotes: a translation may order them differently.
func (s section) code() []string {
	all := codeSpan.FindAllString(s.prose(), -1)
	for i, span := range all {
		all[i] = strings.Join(strings.Fields(span), " ")
	}
	slices.Sort(all)
	return all
}

// tables returns a line for each row of a table: the number of cells, and the first cell if it is not translated.
func (s section) tables() []string {
	var all []string
	for line := range strings.Lines(s.prose()) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		first := strings.TrimSpace(cells[0])
		if !plainCell.MatchString(first) {
			first = "…"
		}
		all = append(all, fmt.Sprintf("%s, %d cells", first, len(cells)))
	}
	return all
}

// renewMarks writes the current hashes of the English sections into the marks of a translation, for one title or all.
func renewMarks(t *testing.T, name string, english []section, title string) {
	t.Helper()
	if title != "all" && !slices.Contains(titles(english), title) {
		t.Fatalf("no section %q in the README", title)
	}
	text := readFile(t, name)
	for _, s := range english {
		if title == "all" || title == s.title {
			mark := regexp.MustCompile(`(?m)^<!-- ` + regexp.QuoteMeta(s.title) + `: [0-9a-f]+ -->$`)
			text = mark.ReplaceAllLiteralString(text, fmt.Sprintf("<!-- %s: %s -->", s.title, s.textHash()))
		}
	}
	if err := os.WriteFile(filepath.Join("..", name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
