#!/usr/bin/env bash
# fast-xml-parser does not decode &#39;, and test reports of Go programs contain it.
#
# Expected: a parser of XML decodes character references such as &#39; and &#x41;, which are part of XML itself, like the five named
# entities. An option named htmlEntities only adds names such as &copy;.
# What happens: by default only the five names are decoded. References by number stay as they are, so &#39; and &amp;#39; have the same
# result. htmlEntities: true also decodes numbers. Readers of test reports that are built on this parser do not set it.
# Why it matters: Go's encoding/xml writes quotes in attributes as &#34; and &#39;. With such a reader, a test case
# named it's is shown as it&#39;s. A program that writes for these readers should write &quot; and &apos;.
. "$(dirname "$0")/prelude"

packages fast-xml-parser@5.12.1 test-results-parser@0.4.6
program <<'END'
package main

import (
	"encoding/xml"
	"fmt"
)

type testcase struct {
	Name string `xml:"name,attr"`
}

func main() {
	text, err := xml.Marshal(testcase{`it's "up"`})
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}
END
version "fast-xml-parser 5.12.1, test-results-parser 0.4.6, $(go env GOVERSION)"
cat >"$work/npm/read.cjs" <<'END'
const { XMLParser } = require('fast-xml-parser')
const { parse } = require('test-results-parser')
const written = process.argv[2]
for (const options of [{}, { htmlEntities: true }]) {
  const parser = new XMLParser({ ignoreAttributes: false, ...options })
  console.log(JSON.stringify(options), parser.parse(written).testcase['@_name'])
  console.log(' ', parser.parse('<a>&#39; &amp;#39; &#x41; &apos;</a>').a)
}
console.log('test-results-parser', parse({ type: 'junit', files: [process.argv[3]] }).suites[0].cases[0].name)
END
written=$("$work/program")
cat >"$work/report.xml" <<END
<testsuites><testsuite name="s" tests="1">$written</testsuite></testsuites>
END
saw "encoding/xml writes $written"
node "$work/npm/read.cjs" "$written" "$work/report.xml" | saw

same <<'END'
encoding/xml writes <testcase name="it&#39;s &#34;up&#34;"></testcase>
{} it&#39;s &#34;up&#34;
  &#39; &#39; &#x41; '
{"htmlEntities":true} it's "up"
  ' &#39; A '
test-results-parser it&#39;s &#34;up&#34;
END
