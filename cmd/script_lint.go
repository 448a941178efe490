package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/shell"
)

// lint checks a script before it is sent or saved.
type lint struct {
	content     string
	commandType string
	launcher    string
	enabled     bool // placeholders are filled in
	refused     bool // the user chose to leave them unchanged
	valued      bool // their values are known
	parameters  assist.JSONMap
	defaults    []string // lower-case names of parameters with default values
}

// scriptSyntaxError reports a script that is not valid shell.
type scriptSyntaxError struct {
	from   string // the result of script.from
	filled bool   // the mistake appears only with the parameters filled in
	*shell.SyntaxError
}

func (e *scriptSyntaxError) Error() string {
	if e.filled {
		return fmt.Sprintf("with its parameters filled in, the script%s is not valid shell: line %d, column %d: %s; --no-lint sends it",
			e.from, e.Line, e.Column, e.Message)
	}
	return fmt.Sprintf("the script%s is not valid shell: %v; --no-lint sends it", e.from, e.SyntaxError)
}

func (e *scriptSyntaxError) Unwrap() []error { return []error{e.SyntaxError} }

// check returns warnings about the script. The error is a *scriptSyntaxError if it is not valid shell.
func (l *lint) check(from string) ([]fleet.Warning, error) {
	warnings := l.bytes()
	findings, err := l.findings(from)
	for _, f := range findings {
		warnings = append(warnings, fleet.Warning{Code: f.Code, Message: f.Message, Line: f.Line, Column: f.Column})
	}
	return append(warnings, l.placeholders()...), err
}

// shell reports whether a shell runs the script, unless its first line says otherwise.
func (l *lint) shell() bool {
	if l.commandType != "RunShellScript" {
		return false
	}
	words := strings.Fields(l.launcher)
	return len(words) == 0 || slices.Contains([]string{"sh", "bash", "dash", "ash"}, path.Base(words[0]))
}

var utf16Marks = []string{"\xff\xfe", "\xfe\xff"}

// utf16 reports whether the script is encoded in UTF-16.
func (l *lint) utf16() bool {
	return slices.ContainsFunc(utf16Marks, func(mark string) bool { return strings.HasPrefix(l.content, mark) })
}

// bytes finds byte order marks and CR LF line endings.
func (l *lint) bytes() []fleet.Warning {
	switch {
	case l.commandType == "RunPowerShellScript", l.launcher != "":
		return nil
	case l.utf16():
		return []fleet.Warning{{Code: fleet.WarnByteOrderMark, Line: 1, Message: "the script is in UTF-16, which shells cannot read: save it as UTF-8"}}
	}
	var warnings []fleet.Warning
	text, marked := strings.CutPrefix(l.content, "\ufeff")
	if marked {
		message := "the script begins with a byte order mark, which becomes a part of its first command: save it as UTF-8 without one"
		if strings.HasPrefix(text, "#!") {
			message = "the script begins with a byte order mark, so that its #! line does not count and sh reads it: save it as UTF-8 without one"
		}
		warnings = append(warnings, fleet.Warning{Code: fleet.WarnByteOrderMark, Line: 1, Message: message})
	}
	before, _, found := strings.Cut(text, "\r\n")
	if !found || l.commandType != "RunShellScript" {
		return warnings
	}
	line := strings.Count(before, "\n") + 1
	message := "the lines end with CR LF, and sh takes the CR for a part of the last word"
	if line == 1 && strings.HasPrefix(text, "#!") {
		message = fmt.Sprintf("the lines end with CR LF, and no program is named %q: the script ends with 127 before it begins", before[2:]+"\r")
	}
	return append(warnings, fleet.Warning{Code: fleet.WarnCarriageReturn, Line: line, Message: message + "; remove it, as with: tr -d '\\r'"})
}

// findings parses the script as it is sent, and again with its parameters filled in.
func (l *lint) findings(from string) ([]shell.Finding, error) {
	if !l.shell() || l.utf16() {
		return nil, nil
	}
	findings, wrong := l.read()
	if wrong != nil {
		return nil, &scriptSyntaxError{from: from, SyntaxError: wrong}
	}
	if words := strings.Fields(l.launcher); len(words) > 0 && path.Base(words[0]) == "bash" {
		findings = slices.DeleteFunc(findings, func(f shell.Finding) bool { return f.Code == shell.BashOnly })
	}
	if l.enabled && l.valued && len(l.parameters) > 0 {
		if _, err := shell.Check(l.filled()); err != nil {
			wrong, _ := errors.AsType[*shell.SyntaxError](err)
			return nil, &scriptSyntaxError{from: from, filled: true, SyntaxError: wrong}
		}
	}
	return findings, nil
}

// read parses the script with a stub in place of each placeholder: a number, a name or blanks. It is enough if one of them is valid,
// since the values may be anything.
func (l *lint) read() ([]shell.Finding, *shell.SyntaxError) {
	stubs := []string{"1", "x", " "}
	if !l.enabled {
		stubs = []string{""}
	}
	var wrong *shell.SyntaxError
	for _, stub := range stubs {
		findings, err := shell.CheckMasked(l.stubbed(stub), l.content)
		if err == nil {
			return findings, nil
		}
		if wrong == nil {
			wrong, _ = errors.AsType[*shell.SyntaxError](err)
		}
	}
	return nil, wrong
}

// stubbed returns the script with each placeholder overwritten by repetitions of stub, so that offsets stay the same. An empty stub
// changes nothing.
func (l *lint) stubbed(stub string) string {
	if stub == "" {
		return l.content
	}
	text := []byte(l.content)
	for _, p := range assist.Placeholders(l.content) {
		copy(text[p.Offset:], bytes.Repeat([]byte(stub), p.Size))
	}
	return string(text)
}

// filled returns the script with the values of its parameters.
func (l *lint) filled() string {
	values := map[string]string{}
	for _, name := range assist.Builtins() {
		values[name] = "x"
	}
	content, _ := assist.FillBuiltins(assist.FillParameters(l.content, l.parameters), values)
	return (&lint{content: content}).stubbed("x")
}

var parameterLike = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`) })

// templateWords are keywords that other template languages write like placeholders.
var templateWords = []string{"end", "else", "break", "continue"}

// placeholders finds placeholders that have no value, or that will not be filled in.
func (l *lint) placeholders() []fleet.Warning {
	if !l.valued || l.refused {
		return nil
	}
	var warnings []fleet.Warning
	seen := map[string]bool{}
	for _, p := range assist.Placeholders(l.content) {
		key := strings.ToLower(p.Name)
		misspelt := strings.HasPrefix(key, "acs::") && !strings.HasPrefix(p.Name, "ACS::")
		if !p.Custom && !misspelt || seen[key] {
			continue
		}
		seen[key] = true
		warning := fleet.Warning{Line: strings.Count(l.content[:p.Offset], "\n") + 1}
		switch {
		case misspelt:
			warning.Code = fleet.WarnParameterNotFilled
			warning.Message = fmt.Sprintf("{{%s}} is left as it is: built-in parameters begin with ACS:: in upper case", p.Name)
		case l.enabled && !l.has(key):
			warning.Code = fleet.WarnParameterWithoutText
			warning.Message = fmt.Sprintf("{{%s}} has no value and becomes empty: give it one with -P %s=VALUE", p.Name, p.Name)
		case !l.enabled && parameterLike().MatchString(p.Name) && !slices.Contains(templateWords, p.Name):
			warning.Code = fleet.WarnParameterNotFilled
			warning.Message = fmt.Sprintf("{{%s}} is sent unchanged, since no parameter is given: -P %s=VALUE fills it in, --enable-parameter=false keeps it without this warning", p.Name, p.Name)
		default:
			continue
		}
		start := strings.LastIndexByte(l.content[:p.Offset], '\n') + 1
		warning.Column = len([]rune(l.content[start:p.Offset])) + 1
		warnings = append(warnings, warning)
	}
	return warnings
}

// has reports whether a parameter, named in lower case, has a value.
func (l *lint) has(key string) bool {
	for name := range l.parameters {
		if strings.ToLower(name) == key {
			return true
		}
	}
	return slices.Contains(l.defaults, key)
}
