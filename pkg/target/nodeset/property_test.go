package nodeset

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"pgregory.net/rapid"
)

// someNames draws names made of few pieces, so that some form families.
func someNames() *rapid.Generator[[]string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"web", "db-", "-", ".", "中", "x", "", " ", ",", "[", "]", "*", `\`, "…", ":", "/", "\n", "\xff"}),
		rapid.StringMatching(`0{0,2}[0-9]`), rapid.StringMatching(`[0-9]{1,3}`), rapid.StringMatching(`0{12,19}[0-9]`),
		rapid.StringMatching(`9{17,19}[0-9]`),
	)
	name := rapid.OneOf(rapid.Map(rapid.SliceOfN(piece, 1, 5), func(pieces []string) string { return strings.Join(pieces, "") }),
		rapid.String())
	return rapid.SliceOfN(name, 0, 40)
}

func TestFoldedNamesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		readBack(t, someNames().Draw(t, "names"))
	})
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// readBack checks that Split and Parse read the names that Fold wrote.
func readBack(t fataler, names []string) {
	t.Helper()
	line := Fold(names)
	got := expand(t, line)
	if want := set(names); !slices.Equal(got, want) {
		t.Fatalf("%q: %q, want %q", line, got, want)
	}
}

// expand returns the sorted names of a line. It checks that the line has each name once, and at most one set of numbers per
// word.
func expand(t fataler, line string) []string {
	t.Helper()
	fields, err := Split(line)
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	var names []string
	for _, field := range fields {
		if line[field.Offset:field.Offset+len(field.Text)] != field.Text {
			t.Fatalf("%q is not at %d of %q", field.Text, field.Offset, line)
		}
		word, err := Parse(field.Text)
		if err != nil || word.Glob() {
			t.Fatalf("%q of %q is no name: %v", field.Text, line, err)
		}
		sets := 0
		for _, p := range word.parts {
			if p.kind == numbers {
				sets++
			}
		}
		if sets > 1 {
			t.Fatalf("%q has several sets", field.Text)
		}
		names = append(names, word.Names()...)
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Fatalf("%q has a name twice", line)
	}
	return names
}

func set(names []string) []string {
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
	slices.Sort(names)
	return slices.Compact(names)
}

func TestPlainNamesStandForThemselves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		for _, name := range someNames().Filter(func(names []string) bool { return slices.ContainsFunc(names, Plain) }).Draw(t, "names") {
			if !Plain(name) {
				continue
			}
			fields, err := Split(name)
			if err != nil || len(fields) != 1 {
				t.Fatalf("%q: %v, %v", name, fields, err)
			}
			word, err := Parse(name)
			if err != nil || !slices.Equal(word.Names(), []string{name}) || word.Wildcard() != name {
				t.Fatalf("%q: %v, %v", name, word.Names(), err)
			}
		}
	})
}

func TestShortenedLinesFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names, columns := someNames().Draw(t, "names"), rapid.IntRange(0, 100).Draw(t, "columns")
		line := Shorten(names, columns)
		if displaywidth.String(line) > columns {
			t.Fatalf("%q is wider than %d columns", line, columns)
		}
		whole := Fold(names)
		if displaywidth.String(whole) <= columns {
			if line != whole {
				t.Fatalf("%q, want %q", line, whole)
			}
		} else if _, err := Split(line); columns > 0 && err == nil && !strings.HasSuffix(line, `\…`) {
			t.Fatalf("%q can be split", line)
		}
	})
}

func TestWildcardMatchesEveryName(t *testing.T) {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{"web", "-", "1", "?", "*", "[ab]", "[!0]", "[1-3]", "[001-010,7]", "[10-30/7]", "[5]"}))
	rapid.Check(t, func(t *rapid.T) {
		word, err := Parse(strings.Join(rapid.SliceOfN(piece, 1, 5).Draw(t, "pieces"), ""))
		if err != nil {
			t.Fatal(err)
		}
		wildcard, err := Parse(word.Wildcard())
		if err != nil || len(wildcard.Patterns()) != 1 {
			t.Fatal(word.Wildcard(), err)
		}
		sample := strings.NewReplacer("?", "x", "*", "yz", "[ab]", "b", "[!0]", "1")
		for _, pattern := range word.Patterns() {
			name := sample.Replace(pattern.String())
			if !pattern.Match(name) {
				t.Fatalf("%q does not match %q", name, pattern)
			}
			if !wildcard.Patterns()[0].Match(name) {
				t.Fatalf("%q does not match %q", name, wildcard)
			}
			if again, err := Parse(pattern.String()); err != nil || again.Patterns()[0].String() != pattern.String() {
				t.Fatalf("%q reads as %q, %v", pattern, again, err)
			}
		}
	})
}

func TestPatternsMatchLikeThoseOfTheStandardLibrary(t *testing.T) {
	pieces := map[string]string{"a": "a", "b": "b", "ab": "ab", "*": "*", "?": "?", "[ab]": "[ab]", "[!a]": "[^a]", "[^b]": "[^b]", "[a-b]": "[a-b]", `\*`: `\*`}
	piece := rapid.SampledFrom(slices.Sorted(maps.Keys(pieces)))
	name := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "*"}), 0, 8), func(all []string) string { return strings.Join(all, "") })
	rapid.Check(t, func(t *rapid.T) {
		var ours, theirs string
		for _, p := range rapid.SliceOfN(piece, 1, 8).Draw(t, "pieces") {
			ours, theirs = ours+p, theirs+pieces[p]
		}
		word, err := Parse(ours)
		if err != nil {
			t.Fatal(err)
		}
		for range 5 {
			name := name.Draw(t, "name")
			want, err := path.Match(theirs, name)
			if err != nil {
				t.Fatal(err)
			}
			if got := word.Patterns()[0].Match(name); got != want {
				t.Fatalf("%q matches %q: %t", ours, name, got)
			}
		}
	})
}
