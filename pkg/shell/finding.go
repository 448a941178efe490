package shell

import (
	"cmp"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// What a Finding is about.
const (
	BashOnly            = "BashOnly"            // only bash understands it, and sh will run the script
	UnendedHereDocument = "UnendedHereDocument" // its end is missing, so that the rest of the script is its text
)

// A Finding is something in a valid script that is likely to go wrong.
type Finding struct {
	Code         string
	Line, Column int    // of its first use, from 1 on; the column counts characters
	Construct    string // such as "[["
	Message      string // on which systems it goes wrong, how, and what to do
}

// bashOnly returns a finding for each construct that only bash understands. It returns none for a script that checks BASH_VERSION,
// since its author has considered other shells.
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

// inOrder sorts findings by their places.
func inOrder(findings []Finding) []Finding {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return findings
}

// walker collects findings from the syntax tree.
type walker struct {
	script   string
	own      map[string]bool // functions and variables that the script defines
	guarded  bool            // set -o pipefail is tried in a subshell first
	subshell int             // how many subshells are around the node
	nodes    []syntax.Node   // around the node
	found    map[string]bool // by the names of constructs
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

// report adds a finding, unless there is one for the construct. The text is the source at that position.
func (w *walker) report(c *construct, at syntax.Pos, text string) { w.reportAs(c.name, c, at, text) }

// reportAs is like report, for a construct of several names.
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
	const most = 40
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most-1]) + "…"
	}
	return text
}
