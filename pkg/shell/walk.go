package shell

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// node reports the constructs of a node, without its children.
func (w *walker) node(node syntax.Node) {
	switch n := node.(type) {
	case *syntax.TestClause:
		w.report(test, n.Left, w.text(n))
	case *syntax.ProcSubst:
		w.report(processSubst, n.OpPos, w.text(n))
	case *syntax.FuncDecl:
		if n.RsrvWord {
			w.report(function, n.Position, "function")
		}
	case *syntax.SglQuoted:
		if n.Dollar {
			w.report(dollarSingle, n.Left, w.text(n))
		}
	case *syntax.DblQuoted:
		if n.Dollar {
			w.report(dollarDouble, n.Left, w.text(n))
		}
	case *syntax.ArithmCmd:
		w.report(arithmetic, n.Left, w.text(n))
	case *syntax.ArithmExp:
		if n.Bracket {
			w.report(bracketMath, n.Left, w.text(n))
		}
	case *syntax.Lit:
		if base, digits, found := strings.Cut(n.Value, "#"); found && digits != "" && w.inside(expansion) && !w.inside(substitution) && isNumber(base) {
			w.report(baseNumber, n.ValuePos, n.Value)
		}
	case *syntax.UnaryArithm:
		if (n.Op == syntax.Inc || n.Op == syntax.Dec) && w.inside(expansion) {
			w.report(increment, n.OpPos, w.text(n))
		}
	case *syntax.BinaryArithm:
		if n.Op == syntax.Pow && w.inside(expansion) {
			w.report(power, n.OpPos, w.text(n))
		}
	case *syntax.ForClause:
		w.loop(n)
	case *syntax.CaseItem:
		if n.Op != syntax.Break {
			w.report(fallThrough, n.OpPos, n.Op.String())
		}
	case *syntax.BinaryCmd:
		if n.Op == syntax.PipeAll {
			w.report(pipeBoth, n.OpPos, "|&")
		}
	case *syntax.CoprocClause:
		w.report(coprocess, n.Coproc, "coproc")
	case *syntax.LetClause:
		w.report(let, n.Let, w.text(n))
	case *syntax.DeclClause:
		w.declaration(n)
	case *syntax.Assign:
		w.assign(n)
	case *syntax.ParamExp:
		w.parameter(n)
	case *syntax.CmdSubst:
		if readsFile(n) {
			w.report(readFile, n.Left, w.text(n))
		}
	case *syntax.Stmt:
		for _, redirect := range n.Redirs {
			w.redirect(n, redirect)
		}
	case *syntax.CallExpr:
		w.call(n)
	}
}

func expansion(node syntax.Node) bool { _, ok := node.(*syntax.ArithmExp); return ok }

func substitution(node syntax.Node) bool { _, ok := node.(*syntax.CmdSubst); return ok }

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// inside reports whether the current node or one around it satisfies is.
func (w *walker) inside(is func(syntax.Node) bool) bool { return slices.ContainsFunc(w.nodes, is) }

func (w *walker) loop(n *syntax.ForClause) {
	if n.Select {
		w.report(selection, n.ForPos, "select")
		return
	}
	switch loop := n.Loop.(type) {
	case *syntax.CStyleLoop:
		w.report(cStyleLoop, n.ForPos, "for ((")
	case *syntax.WordIter:
		w.braces(loop.Items)
	}
}

// braces reports words with brace expansion.
func (w *walker) braces(words []*syntax.Word) {
	for _, word := range words {
		split := *word
		split.Parts = slices.Clone(word.Parts)
		syntax.SplitBraces(&split)
		if slices.ContainsFunc(split.Parts, severalWords) {
			w.report(braces, word.Pos(), w.text(word))
		}
	}
}

func severalWords(part syntax.WordPart) bool {
	expression, ok := part.(*syntax.BraceExp)
	return ok && len(expression.Elems) > 1
}

func readsFile(n *syntax.CmdSubst) bool {
	if len(n.Stmts) != 1 {
		return false
	}
	s := n.Stmts[0]
	return s.Cmd == nil && len(s.Redirs) == 1 && s.Redirs[0].Op == syntax.RdrIn
}

func (w *walker) assign(n *syntax.Assign) {
	switch {
	case n.Array != nil:
		w.report(array, n.Pos(), w.text(n))
	case n.Append:
		w.report(appendTo, n.Pos(), w.text(n))
	case n.Index != nil:
		w.report(arrayElement, n.Pos(), w.text(n))
	}
}

func (w *walker) redirect(statement *syntax.Stmt, r *syntax.Redirect) {
	switch {
	case r.N != nil && strings.HasPrefix(r.N.Value, "{"):
		w.report(fdVariable, r.N.Pos(), r.N.Value)
	case r.Op == syntax.RdrAll:
		w.report(redirectBoth, r.OpPos, w.text(statement))
	case r.Op == syntax.AppAll:
		w.report(appendBoth, r.OpPos, w.text(statement))
	case (r.Op == syntax.RdrIn || r.Op == syntax.RdrOut || r.Op == syntax.RdrInOut) && isDevTCP(literal(r.Word)):
		w.report(devTCP, r.OpPos, w.text(r))
	case r.Op == syntax.WordHdoc:
		w.report(hereString, r.OpPos, w.text(r))
	case r.Op == syntax.DplOut && r.N == nil:
		if to := r.Word.Lit(); to != "" && to != "-" && strings.Trim(to, "0123456789") != "" && !strings.HasSuffix(to, "-") {
			w.report(duplicateToFile, r.OpPos, w.text(r))
		}
	}
}

func isDevTCP(file string) bool {
	return strings.HasPrefix(file, "/dev/tcp/") || strings.HasPrefix(file, "/dev/udp/")
}

func (w *walker) parameter(n *syntax.ParamExp) {
	switch {
	case n.Excl:
		w.report(indirect, n.Dollar, w.text(n))
	case n.Index != nil:
		w.report(arrayIndex, n.Dollar, w.text(n))
	case n.Slice != nil:
		w.report(slice, n.Dollar, w.text(n))
	case n.Repl != nil:
		w.report(replacement, n.Dollar, w.text(n))
	case n.Exp != nil:
		switch n.Exp.Op {
		case syntax.UpperFirst, syntax.UpperAll, syntax.LowerFirst, syntax.LowerAll:
			w.report(letterCase, n.Dollar, w.text(n))
		case syntax.OtherParamOps:
			w.report(operator, n.Dollar, w.text(n))
		}
	case n.Param != nil && !w.own[n.Param.Value]:
		switch n.Param.Value {
		case "EUID", "UID", "PIPESTATUS", "BASH_SOURCE", "FUNCNAME", "SECONDS", "OSTYPE", "HOSTTYPE", "MACHTYPE", "BASHPID":
			w.reportAs("$"+n.Param.Value, variableAsh, n.Dollar, w.text(n))
		case "RANDOM", "HOSTNAME":
			w.reportAs("$"+n.Param.Value, variable, n.Dollar, w.text(n))
		}
	}
}

func (w *walker) declaration(n *syntax.DeclClause) {
	switch n.Variant.Value {
	case "declare", "typeset":
		w.reportAs(n.Variant.Value, declare, n.Variant.Pos(), w.text(n))
		return
	}
	for _, arg := range n.Args {
		option := ""
		if arg.Naked && arg.Value != nil {
			option = arg.Value.Lit()
		}
		if !strings.HasPrefix(option, "-") || option == "-" || option == "--" {
			return
		}
		switch {
		case n.Variant.Value != "local" && option == "-p":
		case n.Variant.Value == "export" && option == "-n":
			w.report(exportN, arg.Pos(), w.text(n))
		default:
			w.reportAs(n.Variant.Value+" "+option, declareOption, arg.Pos(), w.text(n))
		}
	}
}

// call reports commands and options that only bash has.
func (w *walker) call(n *syntax.CallExpr) {
	w.braces(n.Args)
	if len(n.Args) == 0 || w.own[n.Args[0].Lit()] {
		return
	}
	args := make([]string, len(n.Args)) // empty if not literal
	for i, arg := range n.Args {
		args[i] = literal(arg)
	}
	at, text := n.Pos(), w.text(n)
	if len(args) > 1 {
		at = n.Args[1].Pos()
	}
	has := func(options string) bool {
		return len(args) > 1 && strings.HasPrefix(args[1], "-") && strings.Trim(args[1][1:], options) == "" && len(args[1]) > 1
	}
	switch args[0] {
	case "source":
		w.report(source, n.Pos(), text)
	case "shopt", "pushd", "popd", "dirs", "mapfile", "readarray", "disown", "enable", "builtin", "caller", "compgen", "complete":
		w.reportAs(args[0], notFound, n.Pos(), text)
	case "echo":
		if has("neE") && strings.ContainsAny(args[1], "eE") {
			w.report(echoOption, at, text)
		}
	case "[", "test":
		w.condition(n, args)
	case "set":
		w.set(n, args)
	case "trap":
		w.trap(n, args)
	case "read":
		w.read(n, args)
	case "printf":
		if len(args) > 1 && args[1] == "-v" {
			w.report(printfVar, at, text)
		}
		if len(args) > 1 && hasQuoteVerb(args[1]) {
			w.report(printfQuote, at, text)
		}
	case "kill":
		if len(args) > 2 && strings.HasPrefix(args[1], "-SIG") || len(args) > 3 && args[1] == "-s" && strings.HasPrefix(args[2], "SIG") {
			w.report(killName, at, text)
		}
	case "wait":
		if has("n") {
			w.report(waitNext, at, text)
		}
	case "exec":
		if has("a") {
			w.report(execName, at, text)
		}
	case "type":
		if has("tpPaf") {
			w.reportAs("type "+args[1], typeOption, at, text)
		}
	}
}

// hasQuoteVerb reports whether a format of printf has the verb %q.
func hasQuoteVerb(format string) bool {
	format = strings.ReplaceAll(format, "%%", "")
	for {
		_, rest, found := strings.Cut(format, "%")
		if !found {
			return false
		}
		if format = strings.TrimLeft(rest, "-+ #0123456789.*"); strings.HasPrefix(format, "q") {
			return true
		}
	}
}

// literal returns a word without its quotes, or "" if it has expansions.
func literal(word *syntax.Word) string {
	var b strings.Builder
	for _, part := range word.Parts {
		switch p := part.(type) {
		case *syntax.Lit:
			b.WriteString(p.Value)
		case *syntax.SglQuoted:
			b.WriteString(p.Value)
		case *syntax.DblQuoted:
			for _, inner := range p.Parts {
				lit, ok := inner.(*syntax.Lit)
				if !ok {
					return ""
				}
				b.WriteString(lit.Value)
			}
		default:
			return ""
		}
	}
	return b.String()
}

func (w *walker) condition(n *syntax.CallExpr, args []string) {
	for i := 1; i < len(args); i++ {
		switch {
		case args[i] == "==" && i > 1:
			w.report(equals, n.Args[i].Pos(), w.text(n))
		case args[i] == "-v" && (i == 1 || args[i-1] == "!"):
			w.report(isSet, n.Args[i].Pos(), w.text(n))
		}
	}
}

// set reports pipefail, unless the script tries it in a subshell first and therefore expects a failure.
func (w *walker) set(n *syntax.CallExpr, args []string) {
	for i := 1; i < len(args); i++ {
		if args[i] != "pipefail" || !strings.HasPrefix(args[i-1], "-") || !strings.HasSuffix(args[i-1], "o") {
			continue
		}
		if w.subshell > 0 {
			w.guarded = true
		}
		if !w.guarded {
			w.report(pipefail, n.Pos(), w.text(n))
		}
	}
}

func (w *walker) trap(n *syntax.CallExpr, args []string) {
	for i := 2; i < len(args); i++ {
		switch {
		case args[i] == "DEBUG", args[i] == "RETURN":
			w.reportAs("trap "+args[i], trapDebug, n.Args[i].Pos(), w.text(n))
		case args[i] == "ERR", strings.HasPrefix(args[i], "SIG"):
			w.reportAs("trap "+args[i], trapName, n.Args[i].Pos(), w.text(n))
		}
	}
}

func (w *walker) read(n *syntax.CallExpr, args []string) {
	for i := 1; i < len(args) && strings.HasPrefix(args[i], "-") && args[i] != "-" && args[i] != "--"; i++ {
		switch option := args[i][1:]; {
		case strings.Contains(option, "a"):
			w.report(readArray, n.Args[i].Pos(), w.text(n))
		case strings.HasSuffix(option, "p"):
			i++ // its prompt
		case strings.ContainsAny(option, "tnNdsuei") && !strings.Contains(option, "p"):
			w.reportAs("read "+args[i], readOption, n.Args[i].Pos(), w.text(n))
		}
	}
}
