package nodeset

import (
	"strings"
	"testing"
)

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
