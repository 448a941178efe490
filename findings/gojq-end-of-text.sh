#!/usr/bin/env bash
# test("^ok$") is true of "ok\n" in jq and false in gojq.
#
# Expected: gojq has the same result as jq, or fails, as it does for regular expressions that Go's regexp package does not support.
# What happens: both accept the expression but interpret it differently, jq with Oniguruma and gojq with regexp. In jq, $ also matches
# before a final newline, and \d and \w are Unicode. In gojq, $ only matches at the very end, and \d and \w are ASCII.
# Why it matters: the output of a command ends with a newline. A filter such as select(.Output | test("ok$")) that works in jq silently
# selects nothing in a program that embeds gojq. rtrimstr("\n") before test, or \n?$, has the same meaning in both.
. "$(dirname "$0")/prelude"

need node npm
program github.com/itchyny/gojq@v0.12.20 <<'END'
package main

import (
	"fmt"
	"os"

	"github.com/itchyny/gojq"
)

func main() {
	query, err := gojq.Parse(os.Args[1])
	if err != nil {
		panic(err)
	}
	value, _ := query.Run(nil).Next()
	text, err := gojq.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}
END
npm install --silent --no-audit --no-fund --prefix "$work/npm" jq-wasm@1.0.1 >/dev/null 2>&1 ||
  skip 'jq-wasm 1.0.1 is not available from npm'
cat >"$work/npm/jq.js" <<'END'
require('jq-wasm').raw('null', process.argv[2], process.argv.slice(3)).then((got) => {
  process.stdout.write((got.stdout ?? got).trim() + '\n')
})
END
jq() { node "$work/npm/jq.js" "$@"; }
gojq() { "$work/program" "$1"; }
version "gojq v0.12.20; jq-wasm 1.0.1, which is $(jq . --version)"

for filter in '"ok\n" | test("^ok$")' '"a\nok\n" | test("ok$")' '"ok\n\n" | test("ok$")' '"ok\n" | test("^ok\n?$")' \
  '"ok\n" | rtrimstr("\n") | test("^ok$")' '"é" | test("^\\w$")' '"٣" | test("^\\d$")'; do
  saw "$(printf '%-42s jq %-6s gojq %s' "$filter" "$(jq "$filter" -c)" "$(gojq "$filter")")"
done

same <<'END'
"ok\n" | test("^ok$")                      jq true   gojq false
"a\nok\n" | test("ok$")                    jq true   gojq false
"ok\n\n" | test("ok$")                     jq false  gojq false
"ok\n" | test("^ok\n?$")                   jq true   gojq true
"ok\n" | rtrimstr("\n") | test("^ok$")     jq true   gojq true
"é" | test("^\\w$")                       jq true   gojq false
"٣" | test("^\\d$")                       jq true   gojq false
END
