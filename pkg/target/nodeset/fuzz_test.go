package nodeset

import (
	"errors"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
)

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "web-1", "web-[001-004,006]-a", "[0-10/2]", "r[1-2]n[08-11]", "[1-3][1-3]", "[1,11]1[1,11]", "a,b c\nd", "web-*", "w?b[a-c]",
		"[!a][^b]", "[[:alpha:]x]", `\[1\]`, `a\`, "a[1", "a]", "a[]", "[1-]", "[-1]", "[4-1]", "[,]", "[1-2-3]", "[5/0]", "[01-100]", "[1-1000001]",
		"[999999999999999999]", "a[1-2/1]", "web-[001,…,009]", `\…`, "中[1-2]文", "\u3000x", "\xff[\xff]", "[a-\\]]", "[[:a]b:]]", "[[:]0]", "[1, 2]",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkError := func(err error) {
			wrong, ok := errors.AsType[*SyntaxError](err)
			if !ok || wrong.Offset < 0 || wrong.Offset > len(wrong.Text) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("%q: %#v", text, err)
			}
		}
		fields, err := Split(text)
		if err != nil {
			checkError(err)
		}
		for _, field := range append(fields, Field{Text: text}) {
			word, err := Parse(field.Text)
			if err != nil {
				checkError(err)
				continue
			}
			if word.count > 1000 {
				continue
			}
			wildcard, err := Parse(strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, "?", `\?`, ",", `\,`).Replace(word.Wildcard()))
			for i, pattern := range word.Patterns() {
				if again, err := Parse(pattern.String()); err != nil || again.Patterns()[0].String() != pattern.String() {
					t.Fatalf("%q reads as %q, %v", pattern, again, err)
				}
				if !word.Glob() && i == 0 && err == nil && !wildcard.Patterns()[0].Match(word.Names()[0]) {
					t.Fatalf("%q does not match %q", word.Names()[0], wildcard)
				}
			}
			if !word.Glob() {
				readBack(t, word.Names())
			}
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, names := range []string{
		"", "web-001\nweb-002\nweb-004", "lab-8\nlab-9\nlab-10", "098\n099\n100", "a08\na100", "n0\nn00", "r1n1\nr1n2\nr2n1", "a:1\n-1\n/1",
		"a\na\n\na", "a1\na", "a\\\na]\na[1]", "…\na…1", "٣\n٤", "n000000000000001\nn000000000000002", "n1234567890123456789", "\xe2\x80\n\xa6", "中1\n中2",
	} {
		f.Add(names, 12)
	}
	f.Fuzz(func(t *testing.T, text string, columns int) {
		names := strings.Split(text, "\n")
		readBack(t, names)
		if line := Shorten(names, columns); displaywidth.String(line) > max(columns, 0) {
			t.Fatalf("%q is wider than %d columns", line, columns)
		}
	})
}
