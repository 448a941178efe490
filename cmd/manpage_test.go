package cmd

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/config"
)

// manPages returns a page of section 1 for each command. It replaces cobra's generator, which reads help as Markdown and has no exit
// status and no groups of options.
func manPages(root *cobra.Command) map[string][]byte {
	pages := map[string][]byte{pageName(root) + ".1": []byte(newManPage(root).String())}
	for _, sub := range root.Commands() {
		if listed(sub) {
			maps.Copy(pages, manPages(sub))
		}
	}
	return pages
}

func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// manPage returns a page in roff, without a date so that it is reproducible.
type manPage struct{ strings.Builder }

func newManPage(c *cobra.Command) *manPage {
	p := new(manPage)
	p.line(`.TH %s 1 "" muster "muster manual"`, roff(strings.ToUpper(pageName(c))))
	p.line(`.nr HY 0`) // or .EE turns hyphenation on again
	p.line(`.nh`)
	p.line(`.ad l`)
	p.section("NAME")
	p.line(`%s \- %s`, roff(pageName(c)), roff(c.Short))
	p.section("SYNOPSIS")
	p.line(`\fB%s\fR%s`, roff(c.CommandPath()), roff(strings.TrimPrefix(c.UseLine(), c.CommandPath())))
	p.section("DESCRIPTION")
	p.text(about(c))
	p.commands(c)
	p.options(c)
	p.section("EXIT STATUS")
	for _, row := range exitTable() {
		p.item(fmt.Sprintf(`\fB%d\fR`, row.Code), row.Meaning)
	}
	if !c.HasParent() {
		p.settings()
	}
	if c.Example != "" {
		p.section("EXAMPLES")
		p.literal(c.Example)
	}
	p.seeAlso(c)
	return p
}

func (p *manPage) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *manPage) section(title string) { p.line(`.SH %s`, title) }

// item adds a term, which is roff already, with its description.
func (p *manPage) item(term, text string) {
	p.line(`.TP`)
	p.line(`%s`, term)
	p.line(`%s`, roff(text))
}

// text adds paragraphs separated by blank lines. Indented ones are kept as they are.
func (p *manPage) text(text string) {
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			p.line(`.PP`)
		}
		if strings.HasPrefix(paragraph, "  ") {
			p.literal(paragraph)
		} else {
			p.line(`%s`, roff(paragraph))
		}
	}
}

// literal adds lines unchanged, without the indentation of help.
func (p *manPage) literal(text string) {
	p.line(`.EX`)
	for line := range strings.Lines(text) {
		p.line(`%s`, roff(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "  ")))
	}
	p.line(`.EE`)
}

func (p *manPage) commands(c *cobra.Command) {
	if !c.HasAvailableSubCommands() {
		return
	}
	p.section("COMMANDS")
	for _, sub := range c.Commands() {
		if listed(sub) {
			p.item(fmt.Sprintf(`\fB%s\fR`, roff(sub.Name())), sub.Short)
		}
	}
}

func (p *manPage) options(c *cobra.Command) {
	p.section("OPTIONS")
	sections := flagSections(c)
	if !c.HasParent() {
		sections = globalFlagSections(c)
	}
	for _, section := range sections {
		if len(sections) > 1 {
			p.line(`.SS %s`, roff(section.Title))
		}
		for _, f := range section.Flags {
			p.item(manFlag(f), flagDescription(f))
		}
	}
	if c.HasParent() {
		p.line(`.PP`)
		p.line(`The options of all commands are in`)
		p.line(`.BR %s (1).`, roff(pageName(c.Root())))
	}
}

// settings adds where else global options can be set.
func (p *manPage) settings() {
	var variables []string
	for _, key := range config.Keys() {
		variables = append(variables, fmt.Sprintf(`\fB%s\fR`, roff(key.Env())))
	}
	p.section("ENVIRONMENT")
	p.line(`%s`, roff("Each sets the option of its name:"))
	p.line(`%s.`, strings.Join(variables, ", "))
	p.line(`.PP`)
	p.line(`%s`, roff("Credentials and region: the ALIBABA_CLOUD_* variables of the aliyun CLI and the SDKs."))
	p.section("FILES")
	p.item(roff("~/.config/muster/config.yaml"), "muster's own settings; muster config list shows them all.")
	p.item(roff("~/.aliyun/config.json"), "the profiles of the aliyun CLI.")
	p.item(roff("~/.local/state/muster"), "the journals of runs, and what muster lab keeps.")
}

func (p *manPage) seeAlso(c *cobra.Command) {
	var pages []string
	if c.HasParent() {
		pages = append(pages, pageName(c.Parent()))
	}
	for _, sub := range c.Commands() {
		if listed(sub) {
			pages = append(pages, pageName(sub))
		}
	}
	p.section("SEE ALSO")
	for i, page := range pages {
		comma := ","
		if i == len(pages)-1 {
			comma = ""
		}
		p.line(`.BR %s (1)%s`, roff(page), comma)
	}
}

func manFlag(f *pflag.Flag) string {
	term := fmt.Sprintf(`\fB\-\-%s\fR`, roff(f.Name))
	if f.Shorthand != "" {
		term = fmt.Sprintf(`\fB\-%s\fR, `, f.Shorthand) + term
	}
	value, _ := placeholder(f)
	switch {
	case f.NoOptDefVal != "" && value != "":
		term += fmt.Sprintf(`[=\fI%s\fR]`, roff(value))
	case value != "":
		term += fmt.Sprintf(` \fI%s\fR`, roff(value))
	}
	return term
}

// roff returns a text in ASCII that roff prints as it is.
func roff(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			b.WriteString(`\&`)
		}
		for _, r := range line {
			switch {
			case r == '\\':
				b.WriteString(`\e`)
			case r == '-':
				b.WriteString(`\-`)
			case r == '\'':
				b.WriteString(`\(aq`)
			case r == '`':
				b.WriteString(`\(ga`)
			case r == '^':
				b.WriteString(`\(ha`)
			case r == '~':
				b.WriteString(`\(ti`)
			case r > '~':
				fmt.Fprintf(&b, `\[u%04X]`, r)
			default:
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// TestManPages checks the sections of every page, and that groff, if installed, formats it without warnings.
func TestManPages(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("..", "docs", "man", "*.1"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d pages: %v", len(paths), err)
	}
	for _, path := range paths {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"} {
			if !strings.Contains(string(page), "\n.SH "+section+"\n") {
				t.Errorf("%s has no %s", path, section)
			}
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("no groff here")
	}
	warnings, err := exec.CommandContext(t.Context(), groff, append([]string{"-man", "-ww", "-z"}, paths...)...).CombinedOutput()
	if err != nil || len(warnings) > 0 {
		t.Errorf("groff: %v\n%s", err, warnings)
	}
}

// TestCaskHasEveryManPage compares the list in the release's settings, which knows no patterns, with the pages.
func TestCaskHasEveryManPage(t *testing.T) {
	listed := regexp.MustCompile(`(?m)/docs/man/(.+\.1)"$`).FindAllStringSubmatch(readFile(t, ".goreleaser.yaml"), -1)
	var names []string
	for _, name := range listed {
		names = append(names, name[1])
	}
	paths, err := filepath.Glob(filepath.Join("..", "docs", "man", "*.1"))
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range paths {
		paths[i] = filepath.Base(path)
	}
	if diff := cmp.Diff(paths, names); diff != "" {
		t.Errorf("manpages of homebrew_casks in .goreleaser.yaml are not docs/man:\n%s", diff)
	}
}
