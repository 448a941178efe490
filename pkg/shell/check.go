package shell

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// A SyntaxError reports a script that is not valid in any shell, and where.
type SyntaxError struct {
	Line, Column int    // from 1 on; the column counts characters
	Message      string // such as "reached EOF without matching `if` with `fi`"
	Source       string // the line
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s: %s", e.Line, e.Column, e.Message, excerpt(strings.TrimSpace(e.Source)))
}

// excerpt shortens very long lines.
func excerpt(line string) string {
	const most = 120
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return line
}

// Check parses a script. The error is a *SyntaxError if it is valid neither in POSIX shells nor in bash. In a script that sh will run,
// Check returns a Finding for each construct that only bash understands, in the order of their positions.
//
// Scripts for other interpreters have no findings and no error. Check ignores what follows an unconditional exit, as shells do: it
// may be an archive.
func Check(script string) ([]Finding, error) { return CheckShown(script, script) }

// CheckShown is like Check, but quotes from another text, which has the same length and differs from the script only in bytes that
// the caller has overwritten.
func CheckShown(script, shown string) ([]Finding, error) {
	script = decodable(strings.TrimPrefix(script, byteOrderMark))
	shown = decodable(strings.TrimPrefix(shown, byteOrderMark))
	shell, portable := understood(script)
	if !shell {
		return nil, nil
	}
	read, err := parse(script, syntax.LangBash)
	if err != nil {
		if posix, posixErr := parse(script, syntax.LangPOSIX); posixErr == nil {
			return posix.unended, nil
		}
		return nil, syntaxError(shown, err)
	}
	if !portable {
		return read.unended, nil
	}
	return inOrder(append(read.unended, bashOnly(shown, read.statements)...)), nil
}

// parsed is the result of parsing a valid script.
type parsed struct {
	statements []*syntax.Stmt
	unended    []Finding
}

// decodable replaces bytes that are not UTF-8, which shells accept and the parser does not.
func decodable(script string) string {
	if utf8.ValidString(script) {
		return script
	}
	bytes := []byte(script)
	for i := 0; i < len(bytes); {
		r, size := utf8.DecodeRune(bytes[i:])
		if r == utf8.RuneError && size == 1 {
			bytes[i] = '?'
		}
		i += size
	}
	return string(bytes)
}

// mostChanges bounds how often parse changes a script.
const mostChanges = 50

// literalWord is the parser's error for <<$END. Shells take the $ literally, so that the rest cannot be checked.
const literalWord = "expansions not allowed in heredoc words"

// parse parses a script. It replaces arithmetic that the parser refuses, since shells parse it only after expansion:
// $((1 $operator 2)) is valid. It ends here-documents that have no end, since for shells they end with the script.
func parse(script string, variant syntax.LangVariant) (read parsed, err error) {
	original := script
	for range mostChanges {
		if read.statements, err = parseOnce(script, variant); err == nil {
			return read, nil
		}
		if _, message := positionOf(err); message == literalWord {
			return parsed{}, nil
		}
		simpler, ok := withEnd(script, err)
		if ok {
			read.unended = append(read.unended, unended(original, err))
		} else {
			simpler, ok = withoutArithmetic(script, offsetOf(err))
		}
		if !ok {
			return parsed{}, err
		}
		script = simpler
	}
	return parsed{}, err
}

// parseOnce iterates to the end even after a statement that leaves the script: StmtsSeq may panic if the loop stops early.
func parseOnce(script string, variant syntax.LangVariant) (statements []*syntax.Stmt, err error) {
	left, end := false, exits{}
	for statement, wrong := range syntax.NewParser(syntax.Variant(variant)).StmtsSeq(strings.NewReader(script)) {
		switch {
		case left:
		case wrong != nil:
			err = wrong
		default:
			statements = append(statements, statement)
			left = end.read(statement)
		}
	}
	return statements, err
}

var unclosed = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile("^unclosed here-document `(.*)`$") })

// withEnd appends the end of the here-document that the parser reports as unclosed.
func withEnd(script string, err error) (string, bool) {
	_, message := positionOf(err)
	match := unclosed().FindStringSubmatch(message)
	if match == nil {
		return "", false
	}
	return strings.TrimSuffix(script, "\n") + "\n" + match[1] + "\n", true
}

// unended returns the finding for such a here-document.
func unended(script string, err error) Finding {
	at := syntaxError(script, err)
	_, message := positionOf(err)
	word := unclosed().FindStringSubmatch(message)[1]
	return Finding{
		Code: UnendedHereDocument, Line: at.Line, Column: at.Column, Construct: "<<" + word,
		Message: "no line " + word + " ends the here-document: everything up to the end of the script is a part of it",
	}
}

func positionOf(err error) (syntax.Pos, string) {
	if parse, ok := errors.AsType[syntax.ParseError](err); ok {
		return parse.Pos, parse.Text
	}
	if language, ok := errors.AsType[syntax.LangError](err); ok {
		return language.Pos, language.Feature + " is not a feature of sh or bash"
	}
	return syntax.Pos{}, err.Error()
}

func offsetOf(err error) int {
	at, _ := positionOf(err)
	return int(at.Offset())
}

func syntaxError(script string, err error) *SyntaxError {
	at, message := positionOf(err)
	if message == "`foo(` must be followed by `)`" { // whatever the script has before the bracket
		message = "a word before `(` is the name of a function, and `)` must follow; a script in another language begins with its #! line"
	}
	e := &SyntaxError{Line: max(1, int(at.Line())), Message: message}
	e.Source = lineOf(script, e.Line)
	e.Column = columnOf(e.Source, int(at.Col()))
	return e
}

// lineOf returns a line of a script by its number.
func lineOf(script string, number int) string {
	for line := range strings.Lines(script) {
		if number--; number == 0 {
			return strings.TrimRight(line, "\r\n")
		}
	}
	return ""
}

// columnOf converts a column from bytes to characters.
func columnOf(line string, bytes int) int {
	before := min(max(bytes-1, 0), len(line))
	return len([]rune(line[:before])) + 1
}
