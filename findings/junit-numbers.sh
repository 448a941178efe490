#!/usr/bin/env bash
# Readers of JUnit files in JavaScript turn names, messages and outputs into numbers.
#
# Expected: the attributes name, classname and message and the text of a failure are text, also if all of it is digits. Attributes
# such as time and tests become numbers.
# What happens: junit2json converts every attribute whose text is a number in JavaScript, with parseInt or parseFloat: 007 becomes 7,
# 0x10 becomes 0, 1e5 becomes 1, and an id of 20 digits loses its end. test-results-parser converts names, properties and the text of a
# failure to numbers too, in other ways.
# Why it matters: hosts and builds often have numbers as names. Two cases can get the same name, and a message gets lost. A program that
# writes such files should make names that are not numbers, such as "web (007)".
. "$(dirname "$0")/prelude"

packages junit2json@4.0.0 test-results-parser@0.4.6 fast-xml-parser@5.12.1
version 'junit2json 4.0.0, test-results-parser 0.4.6 with fast-xml-parser 5.12.1'
cat >"$work/npm/read.mjs" <<'END'
import { writeFileSync } from 'node:fs'
import { parse } from 'junit2json'
import results from 'test-results-parser'

const shown = (...values) => values.map((value) => JSON.stringify(value)).join(', ')
for (const text of ['007', '12345678901234567890', '0x10', '1e5', '1.50', 'web (007)']) {
  const report = `<testsuites><testsuite name="s" tests="1"><testcase name="${text}" time="1">
<failure message="${text}">${text}</failure></testcase></testsuite></testsuites>`
  writeFileSync(process.argv[2], report)
  const [a] = (await parse(report)).testsuite[0].testcase
  const [b] = results.parse({ type: 'junit', files: [process.argv[2]] }).suites[0].cases
  console.log(text)
  console.log('  junit2json          ', shown(a.name, a.failure[0].message, a.failure[0].inner))
  console.log('  test-results-parser ', shown(b.name, b.failure, b.stack_trace))
}
END
saw 'name, message and text of a failure are each:'
node "$work/npm/read.mjs" "$work/report.xml" | saw

same <<'END'
name, message and text of a failure are each:
007
  junit2json           7, 7, "007"
  test-results-parser  7, "7", 7
12345678901234567890
  junit2json           12345678901234567000, 12345678901234567000, "12345678901234567890"
  test-results-parser  "12345678901234567890", "12345678901234567890", "12345678901234567890"
0x10
  junit2json           0, 0, "0x10"
  test-results-parser  16, "16", 16
1e5
  junit2json           1, 1, "1e5"
  test-results-parser  100000, "100000", 100000
1.50
  junit2json           1.5, 1.5, "1.50"
  test-results-parser  1.5, "1.5", 1.5
web (007)
  junit2json           "web (007)", "web (007)", "web (007)"
  test-results-parser  "web (007)", "web (007)", "web (007)"
END
