package nodeset

import (
	"fmt"
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	for _, test := range []struct{ names, want string }{
		{"", ""},
		{"web", "web"},
		{"web-001 web-002 web-004", "web-[001-002,004]"},
		{"web-004 web-001 web-002 web-001", "web-[001-002,004]"},
		{"web-001", "web-001"},
		{"098 099 100", "[098-100]"},
		{"lab-8 lab-9 lab-10 lab-11 lab-12", "lab-[8-12]"},
		{"lab-08 lab-100", "lab-08,lab-100"},
		{"lab-08 lab-09 lab-10 lab-99 lab-100 lab-101", "lab-[08-10,99],lab-[100-101]"},
		{"lab-8 lab-9 lab-08 lab-10", "lab-[8-9],lab-[08,10]"},
		{"n0 n1 n00 n01", "n[0-1],n[00-01]"},
		{"web-01-a web-02-a web-03-a", "web-[01-03]-a"},
		{"web-01-a5 web-02-a5 web-03-a5", "web-[01-03]-a5"},
		{"web-1-1 web-1-2 web-2-1 web-2-2", "web-1-[1-2],web-2-[1-2]"},
		{"web-1-1 web-2-1 web-3-1 web-3-2", "web-[1-3]-1,web-3-2"},
		{"web-1 db web-2 cache-1 db web-3", "web-[1-3],db,cache-1"},
		{"web- web-1 web-2", "web-,web-[1-2]"},
		{"i-0a1b i-0a2b i-0a3b", "i-0a[1-3]b"},
		{"ip-10-0-0-1 ip-10-0-0-2", "ip-10-0-0-[1-2]"},
		{"n1234567890123456788 n1234567890123456789", "n1234567890123456788,n1234567890123456789"},
		{"n999999999999999998 n999999999999999999", "n[999999999999999998-999999999999999999]"},
		{"n000000000000000000001-1 n000000000000000000001-2", "n000000000000000000001-[1-2]"},
		{"a:1 a:2 -1 /1 a-1 a/1 a@1 1%", `a\:1,a\:2,\-1,\/1,a-1,a/1,a\@1,1\%`},
		{"a1…2 a[1] ٣ n000000000000001", `a1\…2,a\[1\],\٣,n\000000000000001`},
		{"n00000000000001 n00000000000002 n000000000000001x n000000000000002x", "n[00000000000001-00000000000002],n[000000000000001-000000000000002]x"},
	} {
		if got := Fold(strings.Fields(test.names)); got != test.want {
			t.Errorf("Fold(%s) = %s, want %s", test.names, got, test.want)
		}
	}
	if got, want := Fold([]string{"", "a b1", "a b2", "a\xff", "a\n", ""}), "a\\ b1,a\\ b2,a\\\xff,a\\\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFoldWritesTermsThatParseReads(t *testing.T) {
	names := make([]string, MaxNames+2)
	for i := range names {
		names[i] = fmt.Sprint("n", i)
	}
	if got, want := Fold(names), "n[0-999999],n[1000000-1000001]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestPlain(t *testing.T) {
	for _, name := range []string{"web-001", "a", "0", "a.b_c", "a-", "a/b", "中文", "a=b", "a~b", "a+b", "a|b", "é", "\ufffd"} {
		if !Plain(name) {
			t.Errorf("%q is not plain", name)
		}
	}
	for _, name := range []string{
		"", "-a", "/a", "a b", "a,b", "a[1]", "a]", "a*", "a?", "a!", "a&b", "a^b", "a@b", "a#", "a%", `a\b`, "a…", `a"`, "a'", "a`",
		"a\tb", "a\n", "a\x00", "a\x7f", "a\u0085", "a\u00a0b", "a\u3000b", "a\xff", "a:b", "a٣", "a000000000000001",
	} {
		if Plain(name) {
			t.Errorf("%q is plain", name)
		}
	}
}

func TestShorten(t *testing.T) {
	var odd, letters []string
	for i := 1; i < 1000; i += 2 {
		odd = append(odd, fmt.Sprintf("web-%03d", i))
	}
	for letter := 'a'; letter <= 'z'; letter++ {
		letters = append(letters, string(letter)+"-1", string(letter)+"-2")
	}
	for _, test := range []struct {
		names   []string
		columns int
		want    string
	}{
		{nil, 0, ""},
		{nil, 80, ""},
		{odd, 0, ""},
		{odd, 1, "…"},
		{odd, 10, "web-001,…"},
		{odd, 15, "web-[001,…,999]"},
		{odd, 30, "web-[001,003,…,997,999]"},
		{odd, 31, "web-[001,003,005,…,995,997,999]"},
		{odd[:3], 17, "web-[001,003,005]"},
		{odd[:3], 16, "web-[001,…,005]"},
		{letters, 8, "a-1,…"},
		{letters, 9, "a-[1-2],…"},
		{letters, 17, "a-[1-2],…,z-[1-2]"},
		{letters, 33, "a-[1-2],b-[1-2],…,y-[1-2],z-[1-2]"},
		{letters[:4], 15, "a-[1-2],b-[1-2]"},
		{letters[:4], 14, "a-[1-2],…"},
		{append(odd[:500:500], "db-1", "db-2", "db-4"), 26, "web-[001,…,999],db-[1-2,4]"},
		{append(odd[:500:500], "db-1", "db-2", "db-4", "db-6"), 26, "web-[001,…,999],…"},
		{append(odd[:500:500], "db-1", "db-2", "db-4", "db-6"), 28, "web-[001,…,999],db-[1-2,…,6]"},
		{append(odd[:500:500], letters...), 25, "web-[001,…,999],…,z-[1-2]"},
		{[]string{"中文-1", "中文-2", "中文-4"}, 12, "中文-[1-2,4]"},
		{[]string{"中文-1", "中文-2", "中文-4"}, 11, "中文-1,…"},
	} {
		if got := Shorten(test.names, test.columns); got != test.want {
			t.Errorf("into %d columns: %s, want %s", test.columns, got, test.want)
		}
	}
}
