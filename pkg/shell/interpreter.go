package shell

import (
	"path"
	"slices"
	"strings"
)

const byteOrderMark = "\ufeff"

// Interpreter returns the name of the program that a script's first line asks for, without its directory and through env, such as
// "bash" or "python3". It is empty if the line asks for none, so that sh reads the script.
func Interpreter(script string) string {
	line, ok := strings.CutPrefix(script, "#!")
	if !ok {
		return ""
	}
	line, _, _ = strings.Cut(line, "\n")
	words := strings.Fields(line)
	if len(words) > 0 && path.Base(words[0]) == "env" {
		words = slices.DeleteFunc(words[1:], func(word string) bool {
			return strings.HasPrefix(word, "-") || Assignment(word)
		})
	}
	if len(words) == 0 {
		return ""
	}
	return path.Base(words[0])
}

// understood reports which scripts Check can read, by their interpreters, and which of them any sh may be given.
func understood(script string) (shell, portable bool) {
	if strings.HasPrefix(script, "\x7fELF") {
		return false, false
	}
	switch Interpreter(script) {
	case "", "sh", "dash", "ash":
		return true, true
	case "bash":
		return true, false
	}
	return false, false
}
