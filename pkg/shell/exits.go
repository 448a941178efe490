package shell

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// exits contains the names of the functions of a script that always exit it.
type exits map[string]bool

// read processes the next statement of the script. It reports whether the statement always exits the script, so that shells do not
// read the lines after it.
func (e exits) read(statement *syntax.Stmt) bool {
	if function, ok := statement.Cmd.(*syntax.FuncDecl); ok {
		e[function.Name.Value] = !returns(function.Body) && e.exits(function.Body)
		return false
	}
	return e.exits(statement)
}

// returns reports whether a function may return before its last statement.
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

// exits reports whether a statement always exits the script.
func (e exits) exits(statement *syntax.Stmt) bool {
	if statement.Background || statement.Negated {
		return false
	}
	switch command := statement.Cmd.(type) {
	case *syntax.CallExpr:
		return e.callExits(command)
	case *syntax.Block:
		return e.anyExits(command.Stmts)
	case *syntax.IfClause:
		return e.allBranchesExit(command)
	case *syntax.CaseClause:
		return e.allPatternsExit(command)
	}
	return false
}

func (e exits) callExits(call *syntax.CallExpr) bool {
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

func (e exits) anyExits(statements []*syntax.Stmt) bool {
	return slices.ContainsFunc(statements, e.exits)
}

func (e exits) allBranchesExit(clause *syntax.IfClause) bool {
	for ; clause != nil; clause = clause.Else {
		if !e.anyExits(clause.Then) {
			return false
		}
		if len(clause.Cond) == 0 { // the else
			return true
		}
	}
	return false
}

// allPatternsExit reports whether each pattern of a case exits the script and the last one matches everything.
func (e exits) allPatternsExit(clause *syntax.CaseClause) bool {
	for i, item := range clause.Items {
		if !e.anyExits(item.Stmts) {
			return false
		}
		if i == len(clause.Items)-1 {
			return slices.ContainsFunc(item.Patterns, func(word *syntax.Word) bool { return word.Lit() == "*" })
		}
	}
	return false
}
