package nodeset

import (
	"errors"
	"slices"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, test := range []struct {
		text string
		want []Field
	}{
		{"", nil},
		{" ,\n,\t", nil},
		{"web-1", []Field{{"web-1", 0}}},
		{"web-1,web-2", []Field{{"web-1", 0}, {"web-2", 6}}},
		{" web-[001-004,006]-a, db\r\ncache\n", []Field{{"web-[001-004,006]-a", 1}, {"db", 22}, {"cache", 26}}},
		{`a\ b,c\,d \[e`, []Field{{`a\ b`, 0}, {`c\,d`, 5}, {`\[e`, 10}}},
		{"中文[1,2]\u00a0x\u3000y", []Field{{"中文[1,2]", 0}, {"x", 13}, {"y", 17}}},
		{"[a,b],[[:alpha:],],[\\],]", []Field{{"[a,b]", 0}, {"[[:alpha:],]", 6}, {"[\\],]", 19}}},
		{`a\`, []Field{{`a\`, 0}}},
		{`\…`, []Field{{`\…`, 0}}},
		{"a]", []Field{{"a]", 0}}},
	} {
		got, err := Split(test.text)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("Split(%q) = %v, %v, want %v", test.text, got, err, test.want)
		}
	}
}

func TestSplitPointsToTheMistake(t *testing.T) {
	for _, test := range []struct {
		text    string
		offset  int
		problem string
	}{
		{"db,web-[1-3", 7, "the bracket is not closed"},
		{"web-[1-3,db-[1-2]", 4, "the bracket is not closed before the next one"},
		{`web-[1-3\]`, 4, "the bracket is not closed"},
		{"web-[1-3, 5]", 9, "there is a blank inside brackets"},
		{"web-[1-3,\n5]", 9, "there is a blank inside brackets"},
		{"web-[1-3,\u00a05]", 9, "there is a blank inside brackets"},
		{"web-[[:alpha]", 5, "the character class is not closed"},
		{"db,web-[001,…,999]", 12, "this is a shortened heading; -o nodeset prints all names"},
		{"web-[00…", 7, "this is a shortened heading; -o nodeset prints all names"},
	} {
		_, err := Split(test.text)
		checkSyntaxError(t, err, test.text, test.offset, test.problem)
	}
}

func checkSyntaxError(t *testing.T, err error, text string, offset int, problem string) {
	t.Helper()
	want := SyntaxError{text, offset, problem}
	if got, ok := errors.AsType[*SyntaxError](err); !ok || *got != want {
		t.Errorf("%q: %#v, want %#v", text, err, want)
	}
}
