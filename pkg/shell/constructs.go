package shell

import "strings"

// construct is syntax, a command or a variable that bash has and another sh does not.
type construct struct {
	name    string // empty if it has several names
	dash    string // what happens if sh is dash; TEXT represents the source
	ash     string // what happens if sh is busybox ash; empty if it supports the construct, and likeDash if it behaves like dash
	note    string // other problems, if sh is bash
	instead string // what every sh supports; empty if there is nothing short
}

// Parts of messages about which shell sh is.
const (
	whereDash    = "where sh is dash (Debian, Ubuntu)"
	whereAsh     = "where it is busybox ash (Alpine)"
	whereDashAsh = "where sh is dash (Debian, Ubuntu) or busybox ash (Alpine)"
	likeDash     = "like dash"
)

// message returns the message of a finding. text is the source, and shebang whether the script has a #! line.
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
		name: "[[", dash: "there is no [[: the condition is false, and the script continues", instead: "[ … ]",
	}
	redirectBoth = &construct{
		name: "&>", dash: "TEXT starts the command in the background and returns 0 immediately: a failure counts as success", instead: "> FILE 2>&1",
	}
	appendBoth = &construct{
		name: "&>>", dash: "TEXT starts the command in the background and returns 0 immediately: a failure counts as success",
		ash: "it is a syntax error, and the script ends there", instead: ">> FILE 2>&1",
	}
	duplicateToFile = &construct{name: ">&", dash: syntaxEnd, instead: "> FILE 2>&1"}
	processSubst    = &construct{
		name: "<( )", dash: syntaxEnd, note: "the same where sh is bash before 5.1 (CentOS 7, Alibaba Cloud Linux 3)",
	}
	array         = &construct{name: "an array", dash: syntaxEnd, ash: likeDash}
	arrayElement  = &construct{name: "an array", dash: "TEXT is run as a command and not found, and the script continues", ash: likeDash}
	arrayIndex    = &construct{name: "an array", dash: badSubst, ash: likeDash}
	pipefail      = &construct{name: "set -o pipefail", dash: "the script exits with 2 there (dash up to 0.5.12)"}
	hereString    = &construct{name: "<<<", dash: syntaxEnd, ash: likeDash, instead: "a here-document"}
	function      = &construct{name: "function", dash: syntaxEnd, instead: "NAME() {"}
	source        = &construct{name: "source", dash: "it is not found, and the script continues", instead: ". FILE"}
	dollarSingle  = &construct{name: "$'…'", dash: "TEXT has a $ before it, and its escapes are not replaced"}
	dollarDouble  = &construct{name: `$"…"`, dash: "TEXT has a $ before it", ash: likeDash}
	braces        = &construct{name: "{ , }", dash: "TEXT is not expanded", ash: likeDash}
	letterCase    = &construct{name: "${x^^}", dash: badSubst, ash: likeDash, instead: "tr"}
	replacement   = &construct{name: "${x/a/b}", dash: badSubst, instead: "sed"}
	slice         = &construct{name: "${x:1:2}", dash: badSubst, instead: "cut"}
	indirect      = &construct{name: "${!x}", dash: badSubst, ash: likeDash}
	operator      = &construct{name: "${x@Q}", dash: badSubst, ash: likeDash}
	declare       = &construct{dash: "TEXT is not found, the variable stays empty, and the script continues", ash: likeDash}
	declareOption = &construct{dash: "at TEXT the script exits with 2", ash: likeDash}
	exportN       = &construct{name: "export -n", dash: "at TEXT the script exits with 2"}
	echoOption    = &construct{name: "echo -e", dash: "TEXT also prints the -e", instead: "printf"}
	equals        = &construct{name: "== in [ ]", dash: "the condition is an error and counts as false, and the script continues", instead: "="}
	isSet         = &construct{name: "-v in [ ]", dash: "the condition is an error and counts as false, and the script continues", ash: likeDash, instead: `[ -n "${x+set}" ]`}
	arithmetic    = &construct{name: "(( ))", dash: "the words of TEXT are run as a command, which is not found, and the script continues", ash: likeDash, instead: "x=$((x + 1)) or [ … ]"}
	cStyleLoop    = &construct{name: "for (( ))", dash: "it is a syntax error, and the script ends there", ash: likeDash}
	increment     = &construct{name: "++", dash: "TEXT is an error, and the script ends there", instead: "x=$((x + 1))"}
	power         = &construct{name: "**", dash: "TEXT is an error, and the script ends there"}
	bracketMath   = &construct{name: "$[ ]", dash: "TEXT is not computed", ash: likeDash, instead: "$((…))"}
	pipeBoth      = &construct{name: "|&", dash: "it is a syntax error, and the script ends there", ash: likeDash, instead: "2>&1 |"}
	selection     = &construct{name: "select", dash: "it is a syntax error, and the script ends there", ash: likeDash}
	coprocess     = &construct{name: "coproc", dash: "it is not found, and the script continues", ash: likeDash}
	fallThrough   = &construct{name: ";&", dash: "it is a syntax error, and the script ends there", ash: likeDash}
	readOption    = &construct{dash: "TEXT is an error, nothing is read, and the script continues"}
	readArray     = &construct{name: "read -a", dash: "TEXT is an error, nothing is read, and the script continues", ash: likeDash}
	variable      = &construct{dash: "TEXT is empty"}
	variableAsh   = &construct{dash: "TEXT is empty", ash: likeDash}
	notFound      = &construct{dash: "TEXT is not found, and the script continues", ash: likeDash}
	let           = &construct{name: "let", dash: "TEXT is not found, and the script continues", instead: "x=$((x + 1))"}
	trapName      = &construct{dash: "TEXT is an error without an effect, and the script continues"}
	trapDebug     = &construct{dash: "TEXT is an error without an effect, and the script continues", ash: likeDash}
	printfVar     = &construct{name: "printf -v", dash: "TEXT sets nothing, and the script continues", ash: likeDash, instead: "x=$(printf …)"}
	printfQuote   = &construct{name: "printf %q", dash: "TEXT is an error, nothing is printed for it, and the script continues", ash: likeDash}
	baseNumber    = &construct{name: "16#ff", dash: "TEXT is an error, and the script ends there", instead: "0xff or 0377"}
	devTCP        = &construct{name: "/dev/tcp", dash: "there is no such file, and TEXT fails", ash: likeDash, instead: "nc or curl"}
	killName      = &construct{
		name: "kill -SIGTERM", dash: "TEXT is an error, no signal is sent, and the script continues", note: "the same where sh is bash", instead: "kill -TERM",
	}
	waitNext   = &construct{name: "wait -n", dash: "it is an error that does not wait, and the script continues"}
	execName   = &construct{name: "exec -a", dash: "at TEXT the script exits with 127"}
	typeOption = &construct{dash: "TEXT prints something else", ash: likeDash, instead: "command -v"}
	appendTo   = &construct{name: "+=", dash: "TEXT is run as a command and not found, and the script continues", ash: likeDash, instead: `x="$x…"`}
	fdVariable = &construct{name: "{fd}>", dash: "TEXT is an argument", ash: likeDash}
	readFile   = &construct{name: "$(< )", dash: "TEXT is empty", ash: likeDash, instead: "$(cat FILE)"}
)
