package shell

import (
	"path"
	"slices"
	"strings"
)

const byteOrderMark = "\ufeff"

// Interpreter returns the base name of the program that a script's #! line names, directly or through env, such as "bash" or
// "python3". It returns "" if there is no such line, in which case sh runs the script.
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

// dialect reports, by its interpreter, whether Check can parse a script, and whether an sh other than bash may run it.
func dialect(script string) (shell, portable bool) {
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
