package shell

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// exits are the functions of a script, by their names, that always end it.
type exits map[string]bool

// leaves reports whether a statement always ends the script, so that shells read no line after it. It remembers the functions that do.
func (e exits) leaves(statement *syntax.Stmt) bool {
	if statement.Background || statement.Negated {
		return false
	}
	switch command := statement.Cmd.(type) {
	case *syntax.CallExpr:
		return e.callLeaves(command)
	case *syntax.FuncDecl:
		e[command.Name.Value] = e.leaves(command.Body)
	case *syntax.Block:
		return e.anyLeaves(command.Stmts)
	case *syntax.IfClause:
		return e.allBranchesLeave(command)
	case *syntax.CaseClause:
		return e.allPatternsLeave(command)
	}
	return false
}

func (e exits) callLeaves(call *syntax.CallExpr) bool {
	if len(call.Args) == 0 {
		return false
	}
	switch name := call.Args[0].Lit(); name {
	case "exit":
		return true
	case "exec":
		return len(call.Args) > 1
	default:
		return e[name]
	}
}

func (e exits) anyLeaves(statements []*syntax.Stmt) bool {
	return slices.ContainsFunc(statements, e.leaves)
}

func (e exits) allBranchesLeave(clause *syntax.IfClause) bool {
	for ; clause != nil; clause = clause.Else {
		if !e.anyLeaves(clause.Then) {
			return false
		}
		if len(clause.Cond) == 0 { // the else
			return true
		}
	}
	return false
}

// allPatternsLeave holds for a case whose last pattern takes everything.
func (e exits) allPatternsLeave(clause *syntax.CaseClause) bool {
	for i, item := range clause.Items {
		if !e.anyLeaves(item.Stmts) {
			return false
		}
		if i == len(clause.Items)-1 {
			return slices.ContainsFunc(item.Patterns, func(word *syntax.Word) bool { return word.Lit() == "*" })
		}
	}
	return false
}
