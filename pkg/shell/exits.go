package shell

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// exits are the functions of a script, by their names, that always end it.
type exits map[string]bool

// read takes in the next statement of the script, and reports whether it always ends the script, so that shells read no line after it.
func (e exits) read(statement *syntax.Stmt) bool {
	if function, ok := statement.Cmd.(*syntax.FuncDecl); ok {
		e[function.Name.Value] = !returns(function.Body) && e.leaves(function.Body)
		return false
	}
	return e.leaves(statement)
}

// returns reports whether a function may end before its last statement.
func returns(body *syntax.Stmt) bool {
	found := false
	syntax.Walk(body, func(node syntax.Node) bool {
		if call, ok := node.(*syntax.CallExpr); ok && len(call.Args) > 0 {
			found = found || call.Args[0].Lit() == "return"
		}
		return !found
	})
	return found
}

func (e exits) leaves(statement *syntax.Stmt) bool {
	if statement.Background || statement.Negated {
		return false
	}
	switch command := statement.Cmd.(type) {
	case *syntax.CallExpr:
		return e.callLeaves(command)
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
