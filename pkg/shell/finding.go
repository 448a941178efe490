package shell

import (
	"cmp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// The codes of findings.
const (
	BashOnly            = "BashOnly"            // only bash supports the construct, and sh will run the script
	UnendedHereDocument = "UnendedHereDocument" // a here-document has no end, so the rest of the script is its content
)

// A Finding is a likely problem in a valid script.
type Finding struct {
	Code         string
	Line, Column int    // of its first use, starting at 1; the column is in characters
	Construct    string // such as "[["
	Message      string // which systems are affected, how, and what to do
}

// bashOnly returns a finding for each construct that only bash supports. It returns none for a script that checks BASH_VERSION,
// because its author has considered other shells.
func bashOnly(script string, statements []*syntax.Stmt) []Finding {
	if strings.Contains(script, "BASH_VERSION") {
		return nil
	}
	w := &walker{script: script, own: map[string]bool{}, found: map[string]bool{}}
	for _, statement := range statements {
		syntax.Walk(statement, w.declare)
	}
	for _, statement := range statements {
		w.walk(statement)
	}
	return w.findings
}

// sorted sorts findings by position.
func sorted(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return findings
}

// walker collects findings from the syntax tree.
type walker struct {
	script   string
	own      map[string]bool // functions and variables that the script defines
	guarded  bool            // the script tries set -o pipefail in a subshell first
	subshell int             // the number of subshells around the current node
	nodes    []syntax.Node   // the current node and those around it
	found    map[string]bool // by names of constructs
	findings []Finding
}

// declare records the functions and variables that the script defines.
func (w *walker) declare(node syntax.Node) bool {
	switch n := node.(type) {
	case *syntax.FuncDecl:
		if n.Name != nil {
			w.own[n.Name.Value] = true
		}
	case *syntax.Assign:
		if n.Name != nil && !n.Naked {
			w.own[n.Name.Value] = true
		}
	case *syntax.WordIter:
		w.own[n.Name.Value] = true
	}
	return true
}

func (w *walker) walk(statement *syntax.Stmt) {
	syntax.Walk(statement, func(node syntax.Node) bool {
		if node == nil {
			last := w.nodes[len(w.nodes)-1]
			if _, ok := last.(*syntax.Subshell); ok {
				w.subshell--
			}
			w.nodes = w.nodes[:len(w.nodes)-1]
			return true
		}
		w.nodes = append(w.nodes, node)
		if _, ok := node.(*syntax.Subshell); ok {
			w.subshell++
		}
		w.node(node)
		return true
	})
}

// report adds a finding, unless there is already one for the construct. text is the source at that position.
func (w *walker) report(c *construct, at syntax.Pos, text string) { w.reportAs(c.name, c, at, text) }

// reportAs is like report, for a construct with several names.
func (w *walker) reportAs(name string, c *construct, at syntax.Pos, text string) {
	if w.found[name] {
		return
	}
	w.found[name] = true
	line := lineOf(w.script, int(at.Line()))
	w.findings = append(w.findings, Finding{
		Code: BashOnly, Line: int(at.Line()), Column: columnOf(line, int(at.Col())), Construct: name, Message: c.message(name, text, Interpreter(w.script) != ""),
	})
}

// text returns a node's source on one line.
func (w *walker) text(node syntax.Node) string {
	start, end := int(node.Pos().Offset()), int(node.End().Offset())
	if start > end || end > len(w.script) {
		return ""
	}
	text := strings.TrimRight(strings.Join(strings.Fields(w.script[start:end]), " "), ";& ")
	const maxLength = 40
	if runes := []rune(text); len(runes) > maxLength {
		text = string(runes[:maxLength-1]) + "…"
	}
	return text
}
