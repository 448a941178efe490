package runner

import (
	"errors"
	"regexp"
	"strings"
	"sync"
)

// scriptFile is the place of the script's file in a launcher: {{ACS::ScriptFileName}}, or with an extension for it,
// {{ACS::ScriptFileName|Ext(".py")}}.
var scriptFile = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\{\{\s*ACS::ScriptFileName\s*(?:\|\s*Ext\(\s*("?)(\.?[A-Za-z0-9_-]+)("?)\s*\)\s*)?\}\}`)
})

// scriptMark stands for the file between the parsing and the use of a launcher: no argument can hold it.
const scriptMark = "\x00"

// Launcher is the program that a script is run by.
type Launcher struct {
	words []string // none: what is usual for the command's type
	ext   string
}

// ParseLauncher splits a Launcher as the official agent does: by white space, but not within quotes, and without a shell.
// Where it does not name the script's file, that is the last argument.
func ParseLauncher(text string) (Launcher, error) {
	if strings.TrimSpace(text) == "" {
		return Launcher{}, nil
	}
	if strings.Contains(text, scriptMark) {
		return Launcher{}, errors.New("it has a NUL character")
	}
	places := scriptFile().FindAllStringSubmatch(text, -1)
	if len(places) > 1 {
		return Launcher{}, errors.New("it names the script's file more than once")
	}
	var l Launcher
	if len(places) == 1 {
		if places[0][1] != places[0][3] {
			return Launcher{}, errors.New("the extension has one quote")
		}
		l.ext = places[0][2]
		text = scriptFile().ReplaceAllLiteralString(text, scriptMark)
	} else {
		text += " " + scriptMark
	}
	if strings.Contains(text, "ACS::ScriptFileName") {
		return Launcher{}, errors.New("it does not name the script's file in the right way")
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

// command is what runs the file at path; nothing stands for a shell.
func (l Launcher) Command(commandType, path string) []string {
	words := l.words
	switch {
	case len(words) > 0:
	case commandType == "RunBatScript":
		words = []string{scriptMark}
	case commandType == "RunPowerShellScript":
		words = []string{"powershell", "-File", scriptMark}
	}
	var argv []string
	for _, word := range words {
		argv = append(argv, strings.ReplaceAll(word, scriptMark, path))
	}
	return argv
}
