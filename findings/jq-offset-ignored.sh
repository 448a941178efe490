#!/usr/bin/env bash
# strptime with %z and mktime ignore the offset of a time in jq, and use it in gojq.
#
# Expected: both parse +0800 with %z, and mktime returns the seconds since 1970 of that moment. Or %z is an error.
# What happens: jq up to 1.8 accepts %z and drops the offset, so 08:00 in +0800 becomes 08:00 in UTC. gojq returns the moment. fromdate
# of a time with an offset is an error in jq, and works in gojq.
# Why it matters: times in logs and outputs have offsets. The same filter differs by hours between jq and a program that embeds gojq,
# without an error. With jq, write times in UTC (date -u) where they are made, or subtract the offset in the filter.
. "$(dirname "$0")/prelude"

need node npm
for version in 1.1.0-jq-1.7.1 3.0.0-jq-1.8.2; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "jq-wasm@$version" >/dev/null 2>&1 ||
    skip "jq-wasm $version is not available from npm"
done
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
	if _, failed := value.(error); failed {
		value = "an error"
	}
	fmt.Println(value)
}
END
cat >"$work/jq.cjs" <<'END'
require(`${process.argv[2]}/node_modules/jq-wasm`).raw('null', process.argv[3], ['-r']).then((got) => {
  console.log(got.exitCode === 0 ? got.stdout.trim() : 'an error')
})
END
jq() { TZ=UTC node "$work/jq.cjs" "$work/$1" "$2"; }
version 'jq 1.7.1 (jq-wasm 1.1.0-jq-1.7.1), jq 1.8.2 (jq-wasm 3.0.0-jq-1.8.2), gojq v0.12.20'

for filter in '"2027-01-01 08:00 +0800" | strptime("%Y-%m-%d %H:%M %z") | mktime | todate' \
  '"2027-01-01 08:00 +0000" | strptime("%Y-%m-%d %H:%M %z") | mktime | todate' \
  '"2027-01-01T08:00:00+08:00" | fromdate | todate'; do
  saw "$filter"
  saw "  jq 1.7 $(jq 1.1.0-jq-1.7.1 "$filter")"
  saw "  jq 1.8 $(jq 3.0.0-jq-1.8.2 "$filter")"
  saw "  gojq   $(TZ=UTC "$work/program" "$filter")"
done

same <<'END'
"2027-01-01 08:00 +0800" | strptime("%Y-%m-%d %H:%M %z") | mktime | todate
  jq 1.7 2027-01-01T08:00:00Z
  jq 1.8 2027-01-01T08:00:00Z
  gojq   2027-01-01T00:00:00Z
"2027-01-01 08:00 +0000" | strptime("%Y-%m-%d %H:%M %z") | mktime | todate
  jq 1.7 2027-01-01T08:00:00Z
  jq 1.8 2027-01-01T08:00:00Z
  gojq   2027-01-01T08:00:00Z
"2027-01-01T08:00:00+08:00" | fromdate | todate
  jq 1.7 an error
  jq 1.8 an error
  gojq   2027-01-01T00:00:00Z
END
