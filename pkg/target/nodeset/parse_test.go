package nodeset

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for _, test := range []struct {
		text, wildcard, want string
	}{
		{"web-1", "web-1", "web-1"},
		{"web-[001-004,006]-a", "web-00*-a", "web-001-a web-002-a web-003-a web-004-a web-006-a"},
		{"[1-12]", "*", "1 2 3 4 5 6 7 8 9 10 11 12"},
		{"[1]", "1", "1"},
		{"a[12,13]b", "a1*b", "a12b a13b"},
		{"[08-11]", "*", "08 09 10 11"},
		{"[8-11]", "*", "8 9 10 11"},
		{"[098-100]", "*", "098 099 100"},
		{"[00-02]", "0*", "00 01 02"},
		{"[0-2]", "*", "0 1 2"},
		{"[3,1-2,02]", "*", "3 1 2 02"},
		{"[1-3,2,2]", "*", "1 2 3"},
		{"n[0-10/2]", "n*", "n0 n2 n4 n6 n8 n10"},
		{"n[01-10/4]", "n0*", "n01 n05 n09"},
		{"n[1-3/9]", "n1", "n1"},
		{"n[10-12]0", "n1*0", "n100 n110 n120"},
		{"r[1-2]n[3,5]", "r*n*", "r1n3 r1n5 r2n3 r2n5"},
		{"[1,11][1,11]", "1*1*", "11 111 1111"},
		{"[1,11]1[1,11]", "1*11*", "111 1111 11111"},
		{"[1-2][3-4]", "*", "13 14 23 24"},
		{"n[999999999999999998-999999999999999999]", "n99999999999999999*", "n999999999999999998 n999999999999999999"},
		{"n[000000000000000001-000000000000000001]", "n000000000000000001", "n000000000000000001"},
		{"n1234567890123456789", "n1234567890123456789", "n1234567890123456789"},
		{`\[1-2\]`, "[1-2]", "[1-2]"},
		{`a\*\\\…`, `a*\…`, `a*\…`},
		{"中[1-2]文", "中*文", "中1文 中2文"},
		{"-a/b@c!d^e&f#g%h'i\"j:k", "-a/b@c!d^e&f#g%h'i\"j:k", "-a/b@c!d^e&f#g%h'i\"j:k"},
	} {
		w, err := Parse(test.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", test.text, err)
			continue
		}
		if got := strings.Join(w.Names(), " "); got != test.want || w.Glob() {
			t.Errorf("%q stands for %q (glob: %t), want %q", test.text, got, w.Glob(), test.want)
		}
		if got := w.Wildcard(); got != test.wildcard {
			t.Errorf("%q has wildcard %q, want %q", test.text, got, test.wildcard)
		}
		if w.String() != test.text {
			t.Errorf("%q is written as %q", test.text, w)
		}
	}
}

func TestZeroWordStandsForNothing(t *testing.T) {
	var w Word
	if w.Names() != nil || w.Patterns() != nil || w.Glob() || w.String() != "" || w.Wildcard() != "" {
		t.Errorf("%v %v", w.Names(), w.Patterns())
	}
}

func TestParsePointsToTheMistake(t *testing.T) {
	const (
		padding = "the ends of a range that is padded with zeros must have the same number of digits"
		digits  = "the number has more than 18 digits"
		many    = "the word stands for more than 1000000 names"
	)
	for _, test := range []struct {
		text    string
		offset  int
		problem string
	}{
		{"", 0, "a name is missing"},
		{"a[]", 1, "the brackets are empty"},
		{"a[1-]", 3, "the range has no end"},
		{"a[1-,2]", 3, "the range has no end"},
		{"a[-1]", 2, "the range has no start"},
		{"a[-]", 2, "the range has no start"},
		{"a[4-1]", 2, "the range runs backwards"},
		{"a[1-2,04-01]", 6, "the range runs backwards"},
		{"a[,]", 2, "a number is missing"},
		{"a[1,,2]", 4, "a number is missing"},
		{"a[1,]", 4, "a number is missing"},
		{"a[/2]", 2, "a number is missing"},
		{"a[1-2-3]", 5, "the range has more than two ends"},
		{"a[1--3]", 3, "the range has no end"},
		{"a[5/0]", 3, "the step has no range"},
		{"a[5/2]", 3, "the step has no range"},
		{"a[1-5/]", 5, "the step is missing"},
		{"a[1-5/0]", 6, "the step is zero"},
		{"a[1-5/00]", 6, "the step is zero"},
		{"a[1-5/2/2]", 7, "the range continues after its step"},
		{"a[1-5/2-3]", 7, "the range continues after its step"},
		{"a[01-100]", 5, padding},
		{"a[01-1]", 5, padding},
		{"a[1-010]", 4, padding},
		{"a[0-03]", 4, padding},
		{"a[1234567890123456789,1]", 2, digits},
		{"a[1-1234567890123456789]", 4, digits},
		{"a[1-2/1234567890123456789]", 6, digits},
		{"a[1", 1, "the bracket is not closed"},
		{"a1]", 2, "there is no opening bracket"},
		{"a[1]]", 4, "there is no opening bracket"},
		{"a,b", 1, "a name ends here"},
		{"a b", 1, "a name ends here"},
		{`a\`, 1, "there is no character after the backslash"},
		{"a[z-a]", 2, "the range runs backwards"},
		{"a[!]", 1, "the character class is empty"},
		{"a[^]", 1, "the character class is empty"},
		{"a[[:word:]]", 2, "unknown character class"},
		{"a[b", 1, "the bracket is not closed"},
		{"web-[1,…,9]", 7, "this is a shortened heading; -o nodeset prints all names"},
		{"a[0-1000000]", 1, many},
		{"a[1-999999999999999999]", 1, many},
		{"a[1-1000]b[1-1000]c[1-2]", 19, many},
	} {
		_, err := Parse(test.text)
		checkSyntaxError(t, err, test.text, test.offset, test.problem)
	}
}

func TestParseTakesAsManyNamesAsAllowed(t *testing.T) {
	w, err := Parse(fmt.Sprintf("n[1-%d]", MaxNames))
	if err != nil {
		t.Fatal(err)
	}
	if names := w.Names(); len(names) != MaxNames || names[MaxNames-1] != "n1000000" {
		t.Errorf("%d names", len(names))
	}
}

func TestPatterns(t *testing.T) {
	for _, test := range []struct {
		text, wildcard, patterns string
		match, other             []string
	}{
		{"*", "*", "*", []string{"", "a", "a/.b"}, nil},
		{"web-*", "web-*", "web-*", []string{"web-", "web-1", "web-web-"}, []string{"web", "Web-1", "xweb-1"}},
		{"*-a", "*-a", "*-a", []string{"-a", "web-a", "-a-a"}, []string{"-ab"}},
		{"web-?", "web-*", "web-?", []string{"web-1", "web-中", "web-\xff"}, []string{"web-", "web-12"}},
		{"w*b*1", "w*b*1", "w*b*1", []string{"wb1", "web-b-11"}, []string{"web-2", "w1"}},
		{"a[1-2]*b[07-07]", "a*b07", "a1*b07 a2*b07", []string{"a1b07", "a2xb07"}, []string{"a3b07", "a1b7"}},
		{"[a-c]", "*", "[a-c]", []string{"a", "b", "c"}, []string{"d", "A", "", "ab"}},
		{"[!a-c]", "*", "[!a-c]", []string{"d", "中"}, []string{"a", "", "de"}},
		{"[^a]?", "*", "[^a]?", []string{"ba"}, []string{"ab"}},
		{"[1-3a]", "*", "[1-3a]", []string{"1", "2", "a"}, []string{"4", "-"}},
		{"[a-]", "*", "[a-]", []string{"a", "-"}, []string{"b"}},
		{"[-a]", "*", "[-a]", []string{"a", "-"}, []string{"b"}},
		{"[a,b]", "*", "[a,b]", []string{"a", ",", "b"}, []string{"c"}},
		{`[\]\-\[!]`, "*", `[\]\-\[!]`, []string{"]", "-", "[", "!"}, []string{`\`}},
		{"[[:digit:]x]", "*", "[[:digit:]x]", []string{"5", "x"}, []string{"y", "٣"}},
		{"[![:alpha:]]", "*", "[![:alpha:]]", []string{"5", "-"}, []string{"y", "中"}},
		{"[[:upper:][:blank:]]", "*", "[[:upper:][:blank:]]", []string{"A", " "}, []string{"a", "\n"}},
		{"[中-文]", "*", "[中-文]", []string{"中", "文"}, []string{"a"}},
		{`\**`, "*", `\**`, []string{"*", "*a"}, []string{"a"}},
		{"a*[1-2]*", "a*", "a*1* a*2*", []string{"a1", "ax2x"}, []string{"a3"}},
		{"n[1-2]", "n*", "n1 n2", []string{"n1", "n2"}, []string{"n3", "n11"}},
	} {
		w, err := Parse(test.text)
		if err != nil {
			t.Errorf("Parse(%q): %v", test.text, err)
			continue
		}
		if test.text != "n[1-2]" && (!w.Glob() || w.Names() != nil) {
			t.Errorf("%q is no glob", test.text)
		}
		if got := w.Wildcard(); got != test.wildcard {
			t.Errorf("%q has wildcard %q, want %q", test.text, got, test.wildcard)
		}
		patterns := w.Patterns()
		if got := strings.Trim(fmt.Sprint(patterns), "[]"); got != strings.Trim(test.patterns, "[]") {
			t.Errorf("%q has patterns %q, want %q", test.text, got, test.patterns)
		}
		matches := func(name string) bool {
			return slices.ContainsFunc(patterns, func(p Pattern) bool { return p.Match(name) })
		}
		for _, name := range test.match {
			if !matches(name) {
				t.Errorf("%q does not match %q", test.text, name)
			}
		}
		for _, name := range test.other {
			if matches(name) {
				t.Errorf("%q matches %q", test.text, name)
			}
		}
	}
}

func TestNamedClasses(t *testing.T) {
	for name, characters := range map[string][2]string{
		"alnum": {"a5é", "-"}, "alpha": {"aé", "5"}, "blank": {" \t", "\n"}, "cntrl": {"\n\x7f", "a"}, "digit": {"09", "a"},
		"graph": {"a!", " "}, "lower": {"aé", "A"}, "print": {"a ", "\n"}, "punct": {"!+", "a"}, "space": {" \n", "a"},
		"upper": {"AÉ", "a"}, "xdigit": {"0fF", "g"},
	} {
		w, err := Parse("[[:" + name + ":]]")
		if err != nil {
			t.Error(err)
			continue
		}
		for i, set := range characters {
			for _, r := range set {
				if got := w.Patterns()[0].Match(string(r)); got != (i == 0) {
					t.Errorf("%s matches %q: %t", name, r, got)
				}
			}
		}
	}
}

func TestSyntaxErrorShowsThePlace(t *testing.T) {
	for _, test := range []struct {
		text string
		want string
	}{
		{"web-[1-]", `"web-[1-]" at character 7: the range has no end`},
		{"中文[1-]", `"中文[1-]" at character 5: the range has no end`},
		{"a\x1b[1-]", `"a\x1b[1-]" at character 5: the range has no end`},
		{
			strings.Repeat("中", 100) + "[1-]" + strings.Repeat("é", 100),
			`"...` + strings.Repeat("中", 13) + "[1-]" + strings.Repeat("é", 19) + `..." at character 103: the range has no end`,
		},
	} {
		if _, err := Parse(test.text); err == nil || err.Error() != test.want {
			t.Errorf("Parse(%q): %v, want %s", test.text, err, test.want)
		}
	}
}
