package render

import (
	"fmt"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
	"unicode"
	"unicode/utf8"
)

// shownFunction is the function that every printed value passes through.
const shownFunction = "_shown"

// prepareTemplate makes a template print every value through shownFunction, and checks its keys: those that begin with a
// capital letter, like all keys of documents, and the causes in Counts.
func prepareTemplate(t *template.Template, text string, keys []string) error {
	w := &templateWalk{}
	for _, one := range t.Templates() {
		if one.Tree != nil {
			w.list(one.Root)
		}
	}
	if len(keys) == 0 || slices.ContainsFunc(w.fields, func(f templateField) bool { return slices.Contains(openKeys(), f.name) }) {
		return nil
	}
	for _, field := range w.fields {
		if first, _ := utf8.DecodeRuneInString(field.name); (unicode.IsUpper(first) || field.of == "Counts") && !slices.Contains(keys, field.name) {
			failed := &QueryError{Text: text, Err: fmt.Errorf("no document has a key %q", field.name), Word: field.name, Known: keys}
			before := text[:min(int(field.at), len(text))]
			failed.Line = strings.Count(before, "\n") + 1
			failed.Column = utf8.RuneCountInString(before[strings.LastIndex(before, "\n")+1:]) + 1
			return failed
		}
	}
	return nil
}

// openKeys returns the keys whose values have arbitrary keys: names of actions and of parameters.
func openKeys() []string { return []string{"Calls", "Parameters"} }

type templateField struct {
	name, of string // of is the key before it, or empty
	at       parse.Pos
}

// templateWalk walks a template.
type templateWalk struct{ fields []templateField }

func (w *templateWalk) list(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, node := range list.Nodes {
		w.node(node)
	}
}

func (w *templateWalk) node(node parse.Node) {
	switch n := node.(type) {
	case *parse.ListNode:
		w.list(n)
	case *parse.ActionNode:
		w.node(n.Pipe)
		if len(n.Pipe.Decl) == 0 {
			name := parse.NewIdentifier(shownFunction).SetPos(n.Pos)
			n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{name}})
		}
	case *parse.IfNode:
		w.branch(&n.BranchNode)
	case *parse.RangeNode:
		w.branch(&n.BranchNode)
	case *parse.WithNode:
		w.branch(&n.BranchNode)
	case *parse.TemplateNode:
		if n.Pipe != nil {
			w.node(n.Pipe)
		}
	case *parse.PipeNode:
		for _, command := range n.Cmds {
			for _, argument := range command.Args {
				w.node(argument)
			}
		}
	case *parse.ChainNode:
		w.node(n.Node)
		w.names(n.Field, n.Pos)
	case *parse.FieldNode:
		w.names(n.Ident, n.Pos)
	case *parse.VariableNode:
		w.names(n.Ident[1:], n.Pos)
	}
}

func (w *templateWalk) branch(n *parse.BranchNode) {
	w.node(n.Pipe)
	w.list(n.List)
	w.list(n.ElseList)
}

func (w *templateWalk) names(names []string, at parse.Pos) {
	of := ""
	for _, name := range names {
		w.fields = append(w.fields, templateField{name, of, at})
		of = name
	}
}
