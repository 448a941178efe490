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

// A SyntaxError reports where a script is not valid in any shell.
type SyntaxError struct {
	Line, Column int    // starting at 1; the column is in characters
	Message      string // such as "reached EOF without matching `if` with `fi`"
	Source       string // the line
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s: %s", e.Line, e.Column, e.Message, excerpt(strings.TrimSpace(e.Source)))
}

// excerpt shortens very long lines.
func excerpt(line string) string {
	const maxLength = 120
	if runes := []rune(line); len(runes) > maxLength {
		return string(runes[:maxLength-1]) + "…"
	}
	return line
}

// Check parses a script. The error is a [*SyntaxError] if the script is valid neither in POSIX shells nor in bash. For a script that
// sh will run, Check returns a [Finding] for each construct that only bash understands, in the order of their positions.
//
// Scripts for other interpreters have no findings and no error. Like shells, Check ignores what follows an unconditional exit, which
// may be an archive.
func Check(script string) ([]Finding, error) { return CheckMasked(script, script) }

// CheckMasked is like [Check], but quotes from masked, which is the script with some bytes overwritten, such as those of a secret. It
// must have the same length.
func CheckMasked(script, masked string) ([]Finding, error) {
	script = decodable(strings.TrimPrefix(script, byteOrderMark))
	masked = decodable(strings.TrimPrefix(masked, byteOrderMark))
	shell, portable := dialect(script)
	if !shell {
		return nil, nil
	}
	read, err := parse(script, syntax.LangBash)
	if err != nil {
		if posix, posixErr := parse(script, syntax.LangPOSIX); posixErr == nil {
			return posix.unended, nil
		}
		return nil, syntaxError(masked, err)
	}
	if !portable {
		return read.unended, nil
	}
	return sorted(append(read.unended, bashOnly(masked, read.statements)...)), nil
}

// parsed is the result of parsing a valid script.
type parsed struct {
	statements []*syntax.Stmt
	unended    []Finding
}

// decodable replaces bytes that are not UTF-8, which shells accept but the parser does not.
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

// maxChanges limits how often parse changes a script.
const maxChanges = 50

// literalWord is the parser's error for <<$END. In shells the $ is literal, so the rest of the script cannot be checked.
const literalWord = "expansions not allowed in heredoc words"

// parse parses a script. It replaces arithmetic that the parser refuses, because shells parse it after expansion:
// $((1 $operator 2)) is valid. It terminates unterminated here-documents, which end with the script in shells.
func parse(script string, variant syntax.LangVariant) (read parsed, err error) {
	original := script
	for range maxChanges {
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

// parseOnce parses a script up to the first statement that exits it. The loop must not stop early, as StmtsSeq requires.
func parseOnce(script string, variant syntax.LangVariant) (statements []*syntax.Stmt, err error) {
	exited, end := false, exits{}
	for statement, wrong := range syntax.NewParser(syntax.Variant(variant)).StmtsSeq(strings.NewReader(script)) {
		switch {
		case exited:
		case wrong != nil:
			err = wrong
		default:
			statements = append(statements, statement)
			exited = end.read(statement)
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

// unended returns the finding for an unclosed here-document.
func unended(script string, err error) Finding {
	at := syntaxError(script, err)
	_, message := positionOf(err)
	word := unclosed().FindStringSubmatch(message)[1]
	return Finding{
		Code: UnendedHereDocument, Line: at.Line, Column: at.Column, Construct: "<<" + word,
		Message: "no line " + word + " ends the here-document: everything up to the end of the script is part of it",
	}
}

// positionOf returns the position and the text of a parser's error.
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
	if message == "`foo(` must be followed by `)`" { // whatever the word before the bracket is
		message = "a word before `(` is the name of a function, and `)` must follow; a script in another language must start with a #! line"
	}
	e := &SyntaxError{Line: max(1, int(at.Line())), Message: message}
	e.Source = lineOf(script, e.Line)
	e.Column = columnOf(e.Source, int(at.Col()))
	return e
}

// lineOf returns a line of a script by its number, starting at 1.
func lineOf(script string, number int) string {
	for line := range strings.Lines(script) {
		if number--; number == 0 {
			return strings.TrimRight(line, "\r\n")
		}
	}
	return ""
}

// columnOf converts a column in bytes to a column in characters, both starting at 1.
func columnOf(line string, bytes int) int {
	before := min(max(bytes-1, 0), len(line))
	return len([]rune(line[:before])) + 1
}
