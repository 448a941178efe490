package runner

import (
	"errors"
	"regexp"
	"strings"
	"sync"
)

// placeholder returns a regular expression for the script's file in a launcher: {{ACS::ScriptFileName}}, or with an extension
// for the file, {{ACS::ScriptFileName|Ext(".py")}}.
var placeholder = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\{\{\s*ACS::ScriptFileName\s*(?:\|\s*Ext\(\s*("?)(\.?[A-Za-z0-9_-]+)("?)\s*\)\s*)?\}\}`)
})

// pathMark takes the place of the script's path in a parsed launcher. No argument can contain it.
const pathMark = "\x00"

// Launcher is the program, with its arguments, that runs a script. The zero Launcher is the default of the command's type.
type Launcher struct {
	words []string // with pathMark for the script's path; empty: the default
	ext   string
}

// ParseLauncher splits the Launcher of a command into arguments like the official agent: at white space outside of
// quotes, without a shell. A launcher that does not name the script's file gets it as its last argument.
func ParseLauncher(text string) (Launcher, error) {
	if strings.TrimSpace(text) == "" {
		return Launcher{}, nil
	}
	if strings.Contains(text, pathMark) {
		return Launcher{}, errors.New("it contains a NUL character")
	}
	places := placeholder().FindAllStringSubmatch(text, -1)
	if len(places) > 1 {
		return Launcher{}, errors.New("it names the script's file more than once")
	}
	var l Launcher
	if len(places) == 1 {
		if places[0][1] != places[0][3] {
			return Launcher{}, errors.New("the quotes of the extension do not match")
		}
		l.ext = places[0][2]
		text = placeholder().ReplaceAllLiteralString(text, pathMark)
	} else {
		text += " " + pathMark
	}
	if strings.Contains(text, "ACS::ScriptFileName") {
		return Launcher{}, errors.New("the placeholder of the script's file is malformed")
	}
	var err error
	l.words, err = splitWords(text)
	return l, err
}

func splitWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	quote := rune(0)
	for _, c := range text {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '"' || c == '\'':
			quote, inWord = c, true
		case strings.ContainsRune(" \t\r\n", c):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// Extension returns the extension of the script's file, with a dot unless the launcher gives one without.
func (l Launcher) Extension(commandType string) string {
	switch {
	case l.ext != "":
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
