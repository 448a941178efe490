#!/usr/bin/env bash
# mvdan.cc/sh refuses scripts that dash and bash run.
#
# Expected: scripts that both shells run can be parsed with LangPOSIX or LangBash, which support "all of the common shell syntax".
# What happens: the parser parses arithmetic before variables are expanded, and shells afterwards. It requires UTF-8, and shells accept
# any bytes. It requires the end of a here-document, and refuses a $ in its word. It also parses the text after an exit.
# Why it matters: a tool that refuses the scripts that the parser refuses prevents valid scripts from running: those with an operator or
# a path in a variable, with comments in GBK, and installers with an archive at the end.
. "$(dirname "$0")/prelude"

need dash bash
program mvdan.cc/sh/v3@v3.14.1 <<'END'
package main

import (
	"fmt"
	"os"

	"mvdan.cc/sh/v3/syntax"
)

func main() {
	for _, variant := range []syntax.LangVariant{syntax.LangPOSIX, syntax.LangBash} {
		file, err := os.Open(os.Args[1])
		if err != nil {
			panic(err)
		}
		if _, err := syntax.NewParser(syntax.Variant(variant)).Parse(file, ""); err == nil {
			fmt.Println("fine")
			return
		} else if variant == syntax.LangBash {
			fmt.Println(err)
		}
	}
}
END
version "mvdan.cc/sh v3.14.1, dash 0.5.12, bash $(bash -c 'echo $BASH_VERSION')"

cd "$work"
look() {
  printf '%b' "$1" >script
  saw "$(printf '%-36s dash: %-10s bash: %-10s parser: %s' "$(printf '%s' "$1" | sed 's,\n,; ,g')" \
    "$(dash script 2>/dev/null | tr '\n' ' ')" "$(bash script 2>/dev/null | tr '\n' ' ')" "$("$work/program" script)")"
}
look 'o=+\necho $((1 $o 2))\n'
look 'e="1 + 2"\necho $((3 * ($e)))\n'
look 'echo a # \xc4\xe3\n'
look 'cat <<$E\nb\n$E\n'
look 'cat <<E\nb\n'
look 'echo a\nexit\n(\n'

same <<'END'
o=+\necho $((1 $o 2))\n              dash: 3          bash: 3          parser: 2:11: not a valid arithmetic operator: `$`
e="1 + 2"\necho $((3 * ($e)))\n      dash: 9          bash: 9          parser: fine
echo a # \xc4\xe3\n                  dash: a          bash: a          parser: 1:10: invalid UTF-8 encoding
cat <<$E\nb\n$E\n                    dash: b          bash: b          parser: 1:7: expansions not allowed in heredoc words
cat <<E\nb\n                         dash: b          bash: b          parser: 1:5: unclosed here-document `E`
echo a\nexit\n(\n                    dash: a          bash: a          parser: 3:1: `(` must be followed by a statement list
END
