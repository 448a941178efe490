#!/usr/bin/env bash
# syntax.Quote of mvdan.cc/sh refuses line breaks, tabs and GBK for POSIX shells, although single quotes can contain them.
#
# Expected: an error only for a NUL byte, which no shell can pass to a program. All other bytes are literal in single quotes.
# What happens: with LangPOSIX, each character that is not printable is an error, "cannot quote character: POSIX shell lacks escape
# sequences", including characters of other encodings and a no-break space.
# Why it matters: it cannot quote the argv of sh -c 'one
# two', or a file name in GBK.
. "$(dirname "$0")/prelude"

need dash
program mvdan.cc/sh/v3@v3.14.1 <<'END'
package main

import (
	"fmt"
	"os/exec"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func main() {
	for _, word := range []string{"a b", "a\nb", "a\tb", "\xc4\xe3", "a\u00a0b", "\x01"} {
		quoted, err := syntax.Quote(word, syntax.LangPOSIX)
		if err != nil {
			quoted = err.Error()
		}
		single := "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		out, err := exec.Command("dash", "-c", "printf %s "+single).Output()
		fmt.Printf("%-12q Quote: %s; single quotes in dash: %v\n", word, quoted, err == nil && string(out) == word)
	}
}
END
version "mvdan.cc/sh v3.14.1, dash 0.5.12"
"$work/program" | saw

same <<'END'
"a b"        Quote: 'a b'; single quotes in dash: true
"a\nb"       Quote: cannot quote character at byte 1: POSIX shell lacks escape sequences; single quotes in dash: true
"a\tb"       Quote: cannot quote character at byte 1: POSIX shell lacks escape sequences; single quotes in dash: true
"\xc4\xe3"   Quote: cannot quote character at byte 0: POSIX shell lacks escape sequences; single quotes in dash: true
"a\u00a0b"   Quote: cannot quote character at byte 1: POSIX shell lacks escape sequences; single quotes in dash: true
"\x01"       Quote: cannot quote character at byte 0: POSIX shell lacks escape sequences; single quotes in dash: true
END
