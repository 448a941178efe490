#!/usr/bin/env bash
# "12\n" | tonumber is 12 up to jq 1.7 and an error in jq 1.8.
#
# Expected: tonumber of the output of a command has the same result in all versions of jq, because JSON ignores white space around a
# number.
# What happens: jq 1.6 and 1.7 parse the text as JSON. jq 1.8 only accepts a number without white space before or after it.
# Why it matters: the output of a command ends with a newline. A filter such as .Output | tonumber that works in Debian's jq fails in a
# newer one, and [.[] | tonumber?] silently returns an empty list. rtrimstr("\n") | tonumber works in all versions.
. "$(dirname "$0")/prelude"

need node npm
for version in 1.1.0-jq-1.7.1 3.0.0-jq-1.8.2; do
  npm install --silent --no-audit --no-fund --prefix "$work/$version" "jq-wasm@$version" >/dev/null 2>&1 ||
    skip "jq-wasm $version is not available from npm"
done
cat >"$work/jq.cjs" <<'END'
require(`${process.argv[2]}/node_modules/jq-wasm`).raw('null', process.argv[3], ['-c']).then((got) => {
  console.log(got.exitCode === 0 ? got.stdout : 'an error')
})
END
jq() { node "$work/jq.cjs" "$work/$1" "$2"; }
version 'jq 1.7.1 (jq-wasm 1.1.0-jq-1.7.1), jq 1.8.2 (jq-wasm 3.0.0-jq-1.8.2)'

for filter in '"12\n" | tonumber' '" 12" | tonumber' '["12\n"] | map(tonumber?)' '"12\n" | rtrimstr("\n") | tonumber'; do
  saw "$(printf '%-36s 1.7 %-5s 1.8 %s' "$filter" "$(jq 1.1.0-jq-1.7.1 "$filter")" "$(jq 3.0.0-jq-1.8.2 "$filter")")"
done

same <<'END'
"12\n" | tonumber                    1.7 12    1.8 an error
" 12" | tonumber                     1.7 12    1.8 an error
["12\n"] | map(tonumber?)            1.7 [12]  1.8 []
"12\n" | rtrimstr("\n") | tonumber   1.7 12    1.8 12
END
