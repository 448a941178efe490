package render

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, test := range []struct {
		names []string
		want  string
	}{
		{nil, ""},
		{[]string{"web"}, "web"},
		{[]string{"web-001"}, "web-001"},
		{[]string{"web-001", "web-002", "web-004"}, "web-[001-002,004]"},
		{[]string{"web-2", "web-1", "db-1"}, "web-[1-2],db-1"},
		{[]string{"web-9", "web-10"}, "web-9,web-10"},
		{[]string{"a1.example", "a2.example"}, "a[1-2].example"},
		{[]string{"i-0001a", "i-0002a", "i-0002b"}, "i-[0001-0002]a,i-0002b"},
		{[]string{"x12345678901"}, "x12345678901"},
		{[]string{"same-1", "same-1"}, "same-1"},
		{[]string{"plain", "plain"}, "plain"},
	} {
		if got := Fold(test.names); got != test.want {
			t.Errorf("Fold(%v) = %s, want %s", test.names, got, test.want)
		}
	}
}

// TestFoldLosesNobody unfolds again.
func TestFoldLosesNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-c]-\d{1,3}[x-z]?`), 1, 30, rapid.ID[string]).Draw(t, "names")
		unfolded := unfold(Fold(names))
		slices.Sort(names)
		slices.Sort(unfolded)
		if !slices.Equal(names, unfolded) {
			t.Fatalf("%v became %s and then %v", names, Fold(names), unfolded)
		}
	})
}

func unfold(folded string) []string {
	var names []string
	for folded != "" {
		open, comma := strings.IndexByte(folded, '['), strings.IndexByte(folded, ',')
		if open < 0 || comma >= 0 && comma < open {
			name, rest, _ := strings.Cut(folded, ",")
			names, folded = append(names, name), rest
			continue
		}
		prefix, rest, _ := strings.Cut(folded, "[")
		list, rest, _ := strings.Cut(rest, "]")
		suffix, rest, _ := strings.Cut(rest, ",")
		for part := range strings.SplitSeq(list, ",") {
			from, to, ok := strings.Cut(part, "-")
			if !ok {
				to = from
			}
			var first, last int
			_, _ = fmt.Sscanf(from+" "+to, "%d %d", &first, &last)
			for n := first; n <= last; n++ {
				names = append(names, fmt.Sprintf("%s%0*d%s", prefix, len(from), n, suffix))
			}
		}
		folded = rest
	}
	return names
}
