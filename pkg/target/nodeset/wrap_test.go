package nodeset

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"pgregory.net/rapid"
)

func numbered(format string, numbers ...int) []string {
	names := make([]string, len(numbers))
	for i, n := range numbers {
		names[i] = fmt.Sprintf(format, n)
	}
	return names
}

func TestWrap(t *testing.T) {
	var odd, irregular []string
	for i := 1; i < 200; i += 2 {
		odd = append(odd, fmt.Sprintf("web-%03d", i))
	}
	for i := range 50 {
		irregular = append(irregular, fmt.Sprintf("host%c%c", 'a'+i%26, 'a'+i/26))
	}
	var runs []string
	for i := 1; i <= 200; i++ {
		if i != 19 && i != 72 && i != 87 {
			runs = append(runs, fmt.Sprintf("lab-%03d", i))
		}
	}
	for _, test := range []struct {
		names          []string
		columns, lines int
		want           []string
		left           int
	}{
		{nil, 20, 2, nil, 0},
		{numbered("web-%02d", 1, 2, 3), 20, 1, []string{"web-[01-03]"}, 0},
		{numbered("web-%02d", 1, 3, 5, 7), 17, 1, []string{"web-[01,03,05,07]"}, 0},
		{numbered("web-%02d", 1, 3, 5, 7), 12, 2, []string{"web-[01,03,", "05,07]"}, 0},
		{odd, 30, 1, []string{"web-[001,003] … and 98 more"}, 98},
		{odd, 30, 2, []string{"web-[001,003,005,007,009,011,", "013,015,017] … and 91 more"}, 91},
		{irregular, 30, 2, []string{"hostaa,hostba,hostca,hostda,", "hostea,hostfa … and 44 more"}, 44},
		{runs, 20, 2, []string{"lab-[001-018]", "… and 179 more"}, 179},
		{[]string{"a-very-long-name-without-a-number", "b"}, 20, 3, []string{"a-very-long-name-wi…", "b"}, 0},
		{[]string{"a-very-long-name-without-a-number", "b"}, 20, 1, []string{"a-very… … and 1 more"}, 1},
	} {
		got, left := Wrap(test.names, test.columns, test.lines)
		if !slices.Equal(got, test.want) || left != test.left {
			t.Errorf("Wrap(%.40q, %d, %d) = %q, %d; want %q, %d", test.names, test.columns, test.lines, got, left, test.want, test.left)
		}
	}
}

func TestWrapKeepsToItsColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.OneOf(
			rapid.Map(rapid.IntRange(0, 400), func(n int) string { return fmt.Sprintf("web-%03d", n) }),
			rapid.Map(rapid.IntRange(0, 4000), func(n int) string { return fmt.Sprintf("rack%d-node%d-数", n/100, n%100) }),
			rapid.StringMatching(`[a-z]{1,12}`),
		), 1, 80).Draw(t, "names")
		columns, lines := rapid.IntRange(40, 60).Draw(t, "columns"), rapid.IntRange(1, 3).Draw(t, "lines")
		text, left := Wrap(names, columns, lines)
		if len(text) > lines || len(text) == 0 {
			t.Fatalf("%d lines", len(text))
		}
		for _, line := range text {
			if displaywidth.String(line) > columns {
				t.Errorf("%q is wider than %d", line, columns)
			}
		}
		whole := strings.Join(text, "")
		if left == 0 {
			if whole != Fold(names) {
				t.Errorf("%q is not %q", whole, Fold(names))
			}
			return
		}
		shown, _, cut := strings.Cut(whole, "… and ")
		if !cut {
			t.Fatalf("%q does not say that %d are left out", whole, left)
		}
		fields, err := Split(strings.TrimSuffix(shown, " "))
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for _, field := range fields {
			word, err := Parse(field.Text)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range word.Names() {
				if !slices.Contains(names, name) {
					t.Errorf("%s is none of the names", name)
				}
				count++
			}
		}
		distinct := map[string]bool{}
		for _, name := range names {
			distinct[name] = true
		}
		if count+left != len(distinct) {
			t.Errorf("%q: %d shown and %d left of %d", whole, count, left, len(distinct))
		}
	})
}
