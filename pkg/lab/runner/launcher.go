package runner

import (
	"errors"
	"regexp"
	"strings"
	"sync"
)

// places returns a regular expression for what the agent reads in a launcher: {{…}}.
var places = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{\{.*?\}\}`) })

// scriptFile returns a regular expression for the script's file in a launcher: {{ACS::ScriptFileName}}, or with an extension for the
// file, {{ACS::ScriptFileName|Ext(".py")}}. The agent wants no quotes there; the service takes them out.
var scriptFile = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\{\{\s*ACS::ScriptFileName\s*(?:\|\s*Ext\(\s*(?:"(\.?[A-Za-z0-9_-]+)"|(\.?[A-Za-z0-9_-]+))\s*\)\s*)?\}\}$`)
})

// pathMark takes the place of the script's path in a parsed launcher. No argument can contain it.
const pathMark = "\x00"

// Launcher is the program, with its arguments, that runs a script. The zero Launcher is the default of the command's type.
type Launcher struct {
	words []string // with pathMark for the script's path; empty: the default
	ext   string
}

// ParseLauncher splits the Launcher of a command into arguments like the official agent: at white space outside of quotes, which
// stay part of the arguments, and without a shell. A launcher that does not name the script's file gets it as its last argument.
func ParseLauncher(text string) (Launcher, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return Launcher{}, nil
	case strings.Contains(text, pathMark):
		return Launcher{}, errors.New("it contains a NUL character")
	case strings.HasPrefix(text, "@"):
		return Launcher{}, errors.New("it names a plugin of the agent, and the lab has none")
	}
	var l Launcher
	found := places().FindAllString(text, -1)
	switch len(found) {
	case 0:
		text += " " + pathMark
	case 1:
		match := scriptFile().FindStringSubmatch(found[0])
		if match == nil {
			return Launcher{}, errors.New("its placeholder is not {{ACS::ScriptFileName}}, with or without Ext")
		}
		l.ext = match[1] + match[2]
		text = strings.Replace(text, found[0], pathMark, 1)
	default:
		return Launcher{}, errors.New("it has more than one placeholder")
	}
	var err error
	l.words, err = splitWords(text)
	return l, err
}

func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote := rune(0)
	for _, c := range text {
		if quote == 0 && strings.ContainsRune(" \t\r\n", c) {
			if word.Len() > 0 {
				words = append(words, word.String())
				word.Reset()
			}
			continue
		}
		word.WriteRune(c)
		switch {
		case c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	if word.Len() > 0 {
		words = append(words, word.String())
	}
	return words, nil
}

// Extension returns the extension of the script's file, with a dot unless the launcher gives one without. The file of a launcher
// without an extension has none.
func (l Launcher) Extension(commandType string) string {
	switch {
	case l.ext != "" || len(l.words) > 0:
		return l.ext
	case commandType == "RunBatScript":
		return ".bat"
	case commandType == "RunPowerShellScript":
		return ".ps1"
	}
	return ".sh"
}

// Command returns the arguments that run the file at path, or nil if a shell runs it.
func (l Launcher) Command(commandType, path string) []string {
	words := l.words
	switch {
	case len(words) > 0:
	case commandType == "RunBatScript":
		words = []string{pathMark}
	case commandType == "RunPowerShellScript":
		words = []string{"powershell", "-File", pathMark}
	}
	var argv []string
	for _, word := range words {
		argv = append(argv, strings.ReplaceAll(word, pathMark, path))
	}
	return argv
}
