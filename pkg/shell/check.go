package shell

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// A SyntaxError reports where a script stops being one that any shell reads.
type SyntaxError struct {
	Line, Column int    // from 1 on; the column counts characters
	Message      string // such as "reached EOF without matching `if` with `fi`"
	Source       string // the line
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s: %s", e.Line, e.Column, e.Message, excerpt(strings.TrimSpace(e.Source)))
}

// excerpt is the beginning of a line that is very long.
func excerpt(line string) string {
	const most = 120
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return line
}

// Check reads a script as sh would. A script that neither a POSIX shell nor bash can read is a *SyntaxError. What only bash
// understands in a script that does not ask for bash is a Finding, one for each construct, in the order of their lines.
//
// Scripts for other interpreters have neither. What comes after an exit that is always reached is not read, as no shell reads it:
// it may be an archive.
func Check(script string) ([]Finding, error) { return CheckShown(script, script) }

// CheckShown is like Check, and quotes from another text in what it reports. That has as many bytes in the same places, where
// the script has placeholders for what is not known yet.
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

// parsed is a script that could be read.
type parsed struct {
	statements []*syntax.Stmt
	unended    []Finding
}

// decodable returns a script with another byte for each one that is not UTF-8: shells read bytes, and the parser does not.
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

// literalWord is what the parser says of <<$END, whose $ is one to shells. What comes after it cannot be judged.
const literalWord = "expansions not allowed in heredoc words"

// parse reads a script. Arithmetic that the parser refuses is taken out, since shells read it only after they have expanded it:
// $((1 $operator 2)) is fine. A here-document without an end is given one, since for shells it ends with the script.
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

// parseOnce goes to the end even after a statement that leaves: StmtsSeq panics where a loop breaks off before a mistake.
func parseOnce(script string, variant syntax.LangVariant) (statements []*syntax.Stmt, err error) {
	left := false
	for statement, wrong := range syntax.NewParser(syntax.Variant(variant)).StmtsSeq(strings.NewReader(script)) {
		switch {
		case left:
		case wrong != nil:
			err = wrong
		default:
			statements = append(statements, statement)
			left = leaves(statement)
		}
	}
	return statements, err
}

// leaves reports whether no line after a statement is read.
func leaves(statement *syntax.Stmt) bool {
	call, ok := statement.Cmd.(*syntax.CallExpr)
	if !ok || statement.Background || len(call.Args) == 0 {
		return false
	}
	switch call.Args[0].Lit() {
	case "exit":
		return true
	case "exec":
		return len(call.Args) > 1
	}
	return false
}

var unclosed = regexp.MustCompile("^unclosed here-document `(.*)`$")

// withEnd returns a script with the end of a here-document that the parser missed.
func withEnd(script string, err error) (string, bool) {
	_, message := positionOf(err)
	match := unclosed.FindStringSubmatch(message)
	if match == nil {
		return "", false
	}
	return strings.TrimSuffix(script, "\n") + "\n" + match[1] + "\n", true
}

// unended is the finding of such a here-document.
func unended(script string, err error) Finding {
	at := syntaxError(script, err)
	_, message := positionOf(err)
	word := unclosed.FindStringSubmatch(message)[1]
	return Finding{
		Code: UnendedHereDocument, Line: at.Line, Column: at.Column, Construct: "<<" + word,
		Message: "no line " + word + " ends the here-document: everything up to the end of the script is a part of it",
	}
}

func positionOf(err error) (syntax.Pos, string) {
	var parse syntax.ParseError
	var language syntax.LangError
	switch {
	case errors.As(err, &parse):
		return parse.Pos, parse.Text
	case errors.As(err, &language):
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

// columnOf counts the characters before a column that counts bytes.
func columnOf(line string, bytes int) int {
	before := min(max(bytes-1, 0), len(line))
	return len([]rune(line[:before])) + 1
}
