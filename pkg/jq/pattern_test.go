package jq

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/itchyny/gojq"
	"pgregory.net/rapid"
)

// one runs an expression and returns its first result.
func one(t require, text string, input any) (any, error) {
	program, err := Parse(text, Options{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	for result, err := range program.Run(context.Background(), input) {
		return result, err
	}
	return nil, errors.New("nothing")
}

type require interface {
	Fatalf(format string, args ...any)
}

// matched returns the list of matches of re in a text.
func matched(text, re, flags string) (any, error) {
	result := new(patterns).matches(text, []any{re, flags, false})
	err, _ := result.(error)
	return result, err
}

// tested returns whether re matches a text.
func tested(text, re string) (any, error) {
	result := new(patterns).matches(text, []any{re, nil, true})
	err, _ := result.(error)
	return result, err
}

// TestPatternsWithoutDollar compares match with gojq's own, for patterns with the same meaning in both.
func TestPatternsWithoutDollar(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "b", "é", ".", "^", "[ab]", "[^a]", "(a|b)", "(?<n>b)", `\A`, `\z`, `\n`, "a*", "(b)?", "b+?", "(a|)", `\.`, `[\]b]`})
	text := rapid.StringMatching(`[abé.\]\n]{0,6}\n?`)
	query, err := gojq.Parse(". as [$text, $re, $flags] | [$text | match($re; $flags)]")
	if err != nil {
		t.Fatal(err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(piece, 0, 4).Draw(t, "pattern")
		seen, re := false, ""
		for _, p := range pieces { // a group name must be unique
			if p == "(?<n>b)" && seen {
				p = "(b)"
			}
			seen = seen || p == "(?<n>b)"
			re += p
		}
		input, flags := text.Draw(t, "text"), rapid.SampledFrom([]string{"", "g", "i", "gi"}).Draw(t, "flags")
		want, _ := code.Run([]any{input, re, flags}).Next()
		got, err := matched(input, re, flags)
		if wrong, failed := want.(error); failed {
			if err == nil {
				t.Fatalf("%q of %q: %s, gojq %v", re, input, Encode(got), wrong)
			}
			return
		}
		if err != nil || string(Encode(got)) != string(Encode(want)) {
			t.Fatalf("%q of %q: %v %v, gojq %s", re, input, got, err, Encode(want))
		}
	})
}

// TestDollarBeforeFinalLineBreak compares $ with an equivalent RE2 pattern, for a text that ends in a line break. The $ must be at
// the end of the pattern, because RE2 has no look-ahead.
func TestDollarBeforeFinalLineBreak(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", "b", ".", "^", "[^a]", "(a|b)", `\n`, "a*", "(b)?", `\s`, "[^b]*", "(?s).*"})
	text := rapid.StringMatching(`[ab\n]{0,6}\n`)
	rapid.Check(t, func(t *rapid.T) {
		re := strings.Join(rapid.SliceOfN(piece, 0, 4).Draw(t, "pattern"), "")
		input := text.Draw(t, "text")
		got, err := tested(input, re+"$")
		if err != nil {
			t.Fatalf("%q: %v", re, err)
		}
		want, err := tested(input, "(?:"+re+`)(?:\n?\z)`)
		if err != nil || got != want {
			t.Fatalf("%q of %q: %v, want %v %v", re+"$", input, got, want, err)
		}
	})
}

// TestMarksAreInvisible checks that the matches of a pattern with $ contain no marks.
func TestMarksAreInvisible(t *testing.T) {
	piece := rapid.SampledFrom([]string{"a", ".", "$", "^", "[^a]", "(a|$)", "($)", `\n`, `\s*`, "(?s).", `\W`, `\D`, `\S*`, "(?m)$", `\Z`, "[^\\n]", "$?", "(?:$)*", `\x{10FFFF}?`, `[\x{10FFF0}-\x{10FFFF}]?`, `\PL`})
	text := rapid.StringMatching(`[aé \n]{0,6}\n?`)
	rapid.Check(t, func(t *rapid.T) {
		re := strings.Join(rapid.SliceOfN(piece, 1, 4).Draw(t, "pattern"), "")
		input := text.Draw(t, "text")
		got, err := matched(input, re, "g")
		if err != nil {
			t.Fatalf("%q: %v", re, err)
		}
		runes := []rune(input)
		last := -1
		for _, match := range got.([]any) {
			m := match.(map[string]any)
			offset, length := m["offset"].(int), m["length"].(int)
			if offset < last || offset+length > len(runes) || string(runes[offset:offset+length]) != m["string"] {
				t.Fatalf("%q of %q: %s", re, input, Encode(got))
			}
			last = offset + length
		}
	})
}

func TestTranslate(t *testing.T) {
	for re, want := range map[string]string{
		`a`: `a`, `\d`: `[\p{Nd}]`, `[\d_]`: `[\p{Nd}_]`, `\\d`: `\\d`, `[]\]]`: `[]\]]`, `[^]a]`: `[^]a]`, `\Qa\d\E\d`: `\Qa\d\E[\p{Nd}]`, `\Qa`: `\Qa`,
		`\Z`: `(?-m:$)`, `[[:alpha:]$]`: `[[:alpha:]$]`, `\é`: `\é`, `a\`: `a\`, `a b`: `a b`, `[a`: `[a`,
	} {
		if got := translate(re, false); got != want {
			t.Errorf("%s is %s, want %s", re, got, want)
		}
	}
	for re, want := range map[string]string{"a b # c\n d": "abd", `a\ b`: `a\ b`, "[ #]x #": "[ #]x"} {
		if got := translate(re, true); got != want {
			t.Errorf("%s is %s, want %s", re, got, want)
		}
	}
}

// FuzzPattern checks that every pattern that is valid in RE2 is accepted, and that its matches are plausible.
func FuzzPattern(f *testing.F) {
	for _, re := range []string{`^(?<a>x)?$`, `(?i)[^a-c\W]$|\n`, `(?s).*$\n`, `\Qa\E[]\d]*?\Z`, `(?m)^a$`, `a{2,3}(?U:b+)`, `(?:$)*`, `\x{10FFFF}$`, `[[:^alpha:]]+$`, `\pN\P{Han}$`} {
		f.Add(re, "g", "xab1 é\n")
	}
	f.Fuzz(func(t *testing.T, re, flags, text string) {
		if !utf8.ValidString(re) || !utf8.ValidString(text) {
			return
		}
		p, err := newPattern(re, flags)
		if err != nil {
			if strings.Trim(flags, "gnilpms") == "" {
				if _, err := regexp.Compile(translate(re, false)); err == nil {
					t.Errorf("%q: %v", re, err)
				}
			}
			return
		}
		found := p.find(text)
		if p.test(text) != (len(found) > 0) {
			t.Errorf("%q of %q: %v", re, text, found)
		}
		for _, at := range found {
			for i := 0; i < len(at); i += 2 {
				if at[i] > at[i+1] || at[i+1] > len(text) || at[i] >= 0 && !utf8.ValidString(text[at[i]:at[i+1]]) {
					t.Errorf("%q of %q: %v", re, text, found)
				}
			}
		}
		if plain, err := regexp.Compile(translate(re, false)); err == nil && !strings.HasSuffix(text, "\n") && strings.Trim(flags, "gs") == "" {
			if plain.MatchString(text) != p.test(text) {
				t.Errorf("%q of %q: %v", re, text, found)
			}
		}
	})
}
