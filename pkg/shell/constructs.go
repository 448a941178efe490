package shell

import "strings"

// construct is syntax, a command or a variable that bash has and some other sh does not.
type construct struct {
	name    string // empty if it has several
	dash    string // what happens where sh is dash; TEXT stands for the source
	ash     string // what happens where sh is busybox ash; empty if it understands it, and likeDash if it does as dash does
	note    string // what else is wrong where sh is bash
	instead string // what every sh understands; empty if there is nothing short
}

// Where sh is which shell.
const (
	whereDash    = "where sh is dash (Debian, Ubuntu)"
	whereAsh     = "where it is busybox ash (Alpine)"
	whereDashAsh = "where sh is dash (Debian, Ubuntu) or busybox ash (Alpine)"
	likeDash     = "like dash"
)

func (c *construct) message(name, text string, shebang bool) string {
	where := whereDash
	if c.ash == likeDash {
		where = whereDashAsh
	}
	var b strings.Builder
	b.WriteString(name + " is not portable: " + where + ", " + strings.ReplaceAll(c.dash, "TEXT", "`"+text+"`"))
	if c.ash != "" && c.ash != likeDash {
		b.WriteString("; " + whereAsh + ", " + c.ash)
	}
	if c.note != "" {
		b.WriteString("; " + c.note)
	}
	b.WriteString("; ")
	if c.instead != "" {
		b.WriteString("write " + c.instead + ", or ")
	}
	if shebang {
		b.WriteString("make the first line #!/bin/bash")
	} else {
		b.WriteString("add #!/bin/bash as the first line")
	}
	return b.String()
}

const (
	syntaxEnd = "TEXT is a syntax error, and the script ends there"
	badSubst  = "TEXT is a bad substitution, and the script ends there"
)

var (
	test = &construct{
		name: "[[", dash: "there is no [[: the condition is false, and the script goes on", instead: "[ … ]",
	}
	redirectBoth = &construct{
		name: "&>", dash: "TEXT starts the command in the background and ends with 0 at once: its failure is a success", instead: "> FILE 2>&1",
	}
	appendBoth = &construct{
		name: "&>>", dash: "TEXT starts the command in the background and ends with 0 at once: its failure is a success",
		ash: "it is a syntax error, and the script ends there", instead: ">> FILE 2>&1",
	}
	duplicateToFile = &construct{name: ">&", dash: syntaxEnd, instead: "> FILE 2>&1"}
	processSubst    = &construct{
		name: "<( )", dash: syntaxEnd, note: "so it is where sh is bash before 5.1 (CentOS 7, Alibaba Cloud Linux 3)",
	}
	array         = &construct{name: "an array", dash: syntaxEnd, ash: likeDash}
	arrayElement  = &construct{name: "an array", dash: "TEXT is run as a command and not found, and the script goes on", ash: likeDash}
	arrayIndex    = &construct{name: "an array", dash: badSubst, ash: likeDash}
	pipefail      = &construct{name: "set -o pipefail", dash: "the script ends there with 2 (dash up to 0.5.12)"}
	hereString    = &construct{name: "<<<", dash: syntaxEnd, ash: likeDash, instead: "a here-document"}
	function      = &construct{name: "function", dash: syntaxEnd, instead: "NAME() {"}
	source        = &construct{name: "source", dash: "it is not found, and the script goes on", instead: ". FILE"}
	dollarSingle  = &construct{name: "$'…'", dash: "TEXT has a $ before it, and its escapes are left as they are"}
	dollarDouble  = &construct{name: `$"…"`, dash: "TEXT has a $ before it", ash: likeDash}
	braces        = &construct{name: "{ , }", dash: "TEXT is not expanded", ash: likeDash}
	letterCase    = &construct{name: "${x^^}", dash: badSubst, ash: likeDash, instead: "tr"}
	replacement   = &construct{name: "${x/a/b}", dash: badSubst, instead: "sed"}
	slice         = &construct{name: "${x:1:2}", dash: badSubst, instead: "cut"}
	indirect      = &construct{name: "${!x}", dash: badSubst, ash: likeDash}
	operator      = &construct{name: "${x@Q}", dash: badSubst, ash: likeDash}
	declare       = &construct{dash: "TEXT is not found, the variable stays empty, and the script goes on", ash: likeDash}
	declareOption = &construct{dash: "TEXT ends the script with 2", ash: likeDash}
	exportN       = &construct{name: "export -n", dash: "TEXT ends the script with 2"}
	echoOption    = &construct{name: "echo -e", dash: "TEXT prints the -e as well", instead: "printf"}
	equals        = &construct{name: "== in [ ]", dash: "the condition is an error and counts as false, and the script goes on", instead: "="}
	isSet         = &construct{name: "-v in [ ]", dash: "the condition is an error and counts as false, and the script goes on", ash: likeDash, instead: `[ -n "${x+set}" ]`}
	arithmetic    = &construct{name: "(( ))", dash: "TEXT runs its words as a command, which is not found, and the script goes on", ash: likeDash, instead: "x=$((x + 1)) or [ … ]"}
	cStyleLoop    = &construct{name: "for (( ))", dash: "it is a syntax error, and the script ends there", ash: likeDash}
	increment     = &construct{name: "++", dash: "TEXT is an error, and the script ends there", instead: "x=$((x + 1))"}
	power         = &construct{name: "**", dash: "TEXT is an error, and the script ends there"}
	bracketMath   = &construct{name: "$[ ]", dash: "TEXT is not computed", ash: likeDash, instead: "$((…))"}
	pipeBoth      = &construct{name: "|&", dash: "it is a syntax error, and the script ends there", ash: likeDash, instead: "2>&1 |"}
	selection     = &construct{name: "select", dash: "it is a syntax error, and the script ends there", ash: likeDash}
	coprocess     = &construct{name: "coproc", dash: "it is not found, and the script goes on", ash: likeDash}
	fallThrough   = &construct{name: ";&", dash: "it is a syntax error, and the script ends there", ash: likeDash}
	readOption    = &construct{dash: "TEXT is an error, nothing is read, and the script goes on"}
	readArray     = &construct{name: "read -a", dash: "TEXT is an error, nothing is read, and the script goes on", ash: likeDash}
	variable      = &construct{dash: "TEXT is empty"}
	variableAsh   = &construct{dash: "TEXT is empty", ash: likeDash}
	notFound      = &construct{dash: "TEXT is not found, and the script goes on", ash: likeDash}
	let           = &construct{name: "let", dash: "TEXT is not found, and the script goes on", instead: "x=$((x + 1))"}
	trapName      = &construct{dash: "TEXT is an error without an effect, and the script goes on"}
	trapDebug     = &construct{dash: "TEXT is an error without an effect, and the script goes on", ash: likeDash}
	printfVar     = &construct{name: "printf -v", dash: "TEXT sets nothing, and the script goes on", ash: likeDash, instead: "x=$(printf …)"}
	waitNext      = &construct{name: "wait -n", dash: "it is an error, waits for nothing, and the script goes on"}
	execName      = &construct{name: "exec -a", dash: "TEXT ends the script with 127", ash: likeDash}
	typeOption    = &construct{dash: "TEXT prints something else", ash: likeDash, instead: "command -v"}
	appendTo      = &construct{name: "+=", dash: "TEXT is run as a command and not found, and the script goes on", ash: likeDash, instead: `x="$x…"`}
	fdVariable    = &construct{name: "{fd}>", dash: "TEXT is an argument", ash: likeDash}
	readFile      = &construct{name: "$(< )", dash: "TEXT is empty", ash: likeDash, instead: "$(cat FILE)"}
)
