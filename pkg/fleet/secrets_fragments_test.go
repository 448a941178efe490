package fleet

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// covered reports whether spans cover all of a text between two offsets.
func covered(spans []span, from, to int) bool {
	if len(spans) == 0 {
		return from >= to
	}
	for _, s := range merge(slices.Clone(spans)) {
		if s.from <= from && from < s.to {
			from = s.to
		}
	}
	return from >= to
}

// occurrences returns the positions of a pattern in a text.
func occurrences(text, pattern string) []span {
	return searcher{single: []string{pattern}}.search(text)
}

func drawSecret(t *rapid.T) string {
	return rapid.StringMatching(`[a-zA-Z0-9!"'/+ é日]{3,70}`).
		Filter(func(s string) bool { return strings.TrimSpace(s) == s }).Draw(t, "secret")
}

// drawCut draws what an agent keeps of a text: a number of bytes of its beginning, and everything from an offset.
func drawCut(t *rapid.T, text string, near int) (head, from int) {
	place := func(name string, least, most int) int {
		if rapid.Bool().Draw(t, name+" near") {
			return min(max(near+rapid.IntRange(-80, 80).Draw(t, name), least), most)
		}
		return rapid.IntRange(least, most).Draw(t, name)
	}
	if rapid.IntRange(0, 3).Draw(t, "keeps a beginning") > 0 {
		head = place("head", 0, min(maxHead, len(text)))
	}
	return head, place("from", head, len(text))
}

// TestFragmentsOfCutSecretsAreFound cuts a text through secrets, in any of their forms, in the ways that an agent does.
func TestFragmentsOfCutSecretsAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secrets := NewSecrets(drawSecret(t))
		form := rapid.SampledFrom(secrets.patterns)
		first, second := form.Draw(t, "first"), form.Draw(t, "second")
		around := strings.Repeat(rapid.StringMatching(`[a-zA-Z0-9 é日\n]{1,40}x`).Draw(t, "around"), 10)
		head := rapid.SampledFrom([]int{0, 1, 6000, maxHead}).Draw(t, "head")
		if rapid.Bool().Draw(t, "any head") {
			head = rapid.IntRange(0, maxHead).Draw(t, "which head")
		}
		before := max(0, head-rapid.IntRange(0, len(first)).Draw(t, "of the first"))
		text := strings.Repeat(around, before/len(around)+1)
		text = strings.ToValidUTF8(text[len(text)-before:], "x") + first
		from := max(head, len(text)+rapid.IntRange(-len(first), 0).Draw(t, "from"))
		if between := rapid.IntRange(0, 2).Draw(t, "between"); between > 0 {
			text += strings.Repeat(around, between) + second
			from = max(head, len(text)-rapid.IntRange(0, len(second)).Draw(t, "of the second"))
		}
		text += around
		if head == from || from > len(text) {
			return
		}
		kept, dropped := trimPartialRunes(text[:head]+text[from:], int64(from-head))
		cutFrom, cutTo := head, from // the missing bytes, with the rest of partial characters
		for !utf8.ValidString(text[:cutFrom]) {
			cutFrom--
		}
		for !utf8.ValidString(text[cutTo:]) {
			cutTo++
		}
		if int64(cutTo-cutFrom) != dropped {
			return // two halves form a character
		}
		spans := secrets.findCut(kept, maxHead, true)
		for _, pattern := range secrets.patterns {
			begin, end := leastFragments(pattern)
			for _, at := range occurrences(text, pattern) {
				if at.from < cutFrom && cutFrom < at.to && begin != "" && cutFrom-at.from >= len(begin) && !covered(spans, at.from, cutFrom) {
					t.Fatalf("%q is left before the cut of %q", kept[at.from:cutFrom], pattern)
				}
				if to := cutFrom + at.to - cutTo; at.from < cutTo && cutTo < at.to && end != "" && at.to-cutTo >= len(end) && !covered(spans, cutFrom, to) {
					t.Fatalf("%q is left after the cut of %q", kept[cutFrom:to], pattern)
				}
			}
		}
		for _, at := range secrets.find(kept) {
			if !covered(spans, at.from, at.to) {
				t.Fatalf("%q is left whole", kept[at.from:at.to])
			}
		}
		if masked := secrets.maskCut(kept); !utf8.ValidString(masked) {
			t.Fatalf("%q is not text", masked)
		}
	})
}

// TestFragmentsOfFoldedSecretsAreFound does the same with Base64 in lines.
func TestFragmentsOfFoldedSecretsAreFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secrets := NewSecrets(drawSecret(t))
		if len(secrets.encoded) == 0 {
			return
		}
		form := rapid.SampledFrom(secrets.encoded).Draw(t, "form")
		leastBegin, leastEnd := leastFragments(form)
		around := rapid.StringMatching(`[a-zA-Z0-9]{100,200}`).Draw(t, "around")
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end")
		width := rapid.SampledFrom([]int{20, 64, 76}).Draw(t, "width")
		text := "-- " + end + foldAt(around+form+around, end, width)
		place := func(n int) int { return len("-- "+end) + n + n/width*len(end) }
		begin, last := place(len(around)), place(len(around)+len(form)-1)
		head, from := drawCut(t, text, begin)
		if head == from {
			return
		}
		kept := text[:head] + text[from:]
		spans := secrets.findCut(kept, maxHead, true)
		letters := func(s string) int { return len(strings.NewReplacer("\r", "", "\n", "").Replace(s)) }
		trimmed := func(from, to int) (int, int) {
			left := strings.TrimLeft(kept[from:to], "\r\n")
			return to - len(left), to - len(left) + len(strings.TrimRight(left, "\r\n"))
		}
		if begin < head && head <= last && leastBegin != "" && letters(kept[begin:head]) >= len(leastBegin) {
			if from, to := trimmed(begin, head); !covered(spans, from, to) {
				t.Fatalf("%q is left of %q", kept[from:to], form)
			}
		}
		if to := head + last + 1 - from; begin < from && from <= last && leastEnd != "" && letters(kept[head:to]) >= len(leastEnd) {
			if from, to := trimmed(head, to); !covered(spans, from, to) {
				t.Fatalf("%q is left of %q", kept[from:to], form)
			}
		}
	})
}

// TestTextWithoutFragmentsIsUnchanged checks that text without a part of a secret is not masked.
func TestTextWithoutFragmentsIsUnchanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secrets := NewSecrets(drawSecret(t))
		text := strings.Repeat(rapid.StringMatching(`[a-zA-Z0-9 é日\n]{1,60}`).Draw(t, "text"), 20)
		joined := strings.ReplaceAll(text, "\n", "")
		for _, pattern := range secrets.patterns {
			begin, end := leastFragments(pattern)
			for _, piece := range []string{begin, end, pattern} {
				if piece != "" && (strings.Contains(text, piece) || strings.Contains(joined, piece)) {
					return
				}
			}
		}
		if got := secrets.maskCut(text); got != text {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

func TestMaskCut(t *testing.T) {
	line := "2026-03-01T10:00:00 INFO worker 3 processed batch 9e3779b1 in 40 ms\n"
	logged := strings.Repeat(line, 300)
	for name, c := range map[string]struct{ secret, output, want string }{
		"the end of one at the beginning":        {"correct-horse-bat", "t-horse-bat\n" + logged, "******\n" + logged},
		"too little of it":                       {"correct-horse-bat", "bat\n" + logged, "bat\n" + logged},
		"its beginning before the cut":           {"correct-horse-bat", line + "pw corre" + logged, line + "pw ******" + logged},
		"its end after the cut":                  {"correct-horse-bat", line + "pw -bat\n" + logged, line + "pw ******\n" + logged},
		"both":                                   {"correct-horse-bat", line + "correctbat!orse-bat\n" + logged, line + "******bat!******\n" + logged},
		"both of one":                            {"correct-horse-bat", line + "pw corr-bat\n" + logged, line + "pw ************\n" + logged},
		"its beginning at the end":               {"correct-horse-bat", logged + "pw corre", logged + "pw ******"},
		"far behind the cut":                     {"correct-horse-bat", logged + "corre and -bat\n", logged + "corre and -bat\n"},
		"all but one character of a short one":   {"abcd", line + "abc\nbcd\nab\ncd\n", line + "******\n******\nab\ncd\n"},
		"nothing of one that is shorter":         {"xy", line + "x\ny\nxy\n", line + "x\ny\n******\n"},
		"eight characters of a long one":         {strings.Repeat("abcdefghij", 6), line + "abcdefg abcdefgh\n", line + "abcdefg ******\n"},
		"a key's dashes are no piece of it":      {"-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END KEY-----\n", "-----\n" + logged, "-----\n" + logged},
		"a line of a key":                        {"-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END KEY-----\n", "gkqhkiG\n-----END KEY-----\n" + logged, "******" + logged},
		"a form of it":                           {`a"b"c"d`, line + `{"pw":"\"c\"d"}` + logged, line + `{"pw":"******"}` + logged},
		"its Base64":                             {"correct-horse-bat", line + "Y29ycmVjdC1" + logged, line + "******" + logged},
		"whole characters":                       {"日本語文字列", line + "日本語x" + logged, line + "******x" + logged},
		"not half of a character that is alike":  {"日本語文字列", line + "日本誌" + logged, line + "******誌" + logged},
		"nothing that a secret is not in at all": {"Tr0ub4dor&3", logged, logged},
	} {
		if got := NewSecrets(c.secret).maskCut(c.output); got != c.want {
			t.Errorf("%s: got %.160q, want %.160q", name, got, c.want)
		}
	}
}

// TestFragmentsOfSeveralSecrets has two secrets with a common beginning, one masked from 4 bytes on and one from 8.
func TestFragmentsOfSeveralSecrets(t *testing.T) {
	secrets := newSecrets([]string{"abcdefghijk", "abcdefgh0123456789012345678901", "89xyzuvwtsrq", "012345678901234567xyzuvwtsrq"}, nil)
	if got := secrets.maskCut("abcdefghij 89xyzuvwtsrq 7xyzuvwtsrq\n"); got != "****** ****** ******\n" {
		t.Errorf("%q", got)
	}
}

// TestFragmentsAreMaskedInCutOutputsOnly masks the output of an event.
func TestFragmentsAreMaskedInCutOutputsOnly(t *testing.T) {
	for dropped, want := range map[int64]Output{0: "t-horse-bat", 10: masked} {
		e := Event{Result: &Result{Output: "t-horse-bat", TargetStatus: TargetStatus{InvocationStatus: assist.StatusSuccess, Dropped: dropped}}}
		NewSecrets("correct-horse-bat").mask(&e)
		if e.Result.Output != want || e.Result.Dropped != dropped {
			t.Errorf("%d bytes dropped: %q, %d", dropped, e.Result.Output, e.Result.Dropped)
		}
	}
}

// TestStreamMasksFragments fetches an output that lacks bytes at any time, and searches for parts of secrets in what is
// emitted.
func TestStreamMasksFragments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.Permutation([]byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ")).Draw(t, "letters")
		secret := string(letters[:rapid.IntRange(5, 26).Draw(t, "length")])
		secrets := newSecrets([]string{secret}, nil)
		begin, _ := leastFragments(secret)
		least := len(begin)
		wantNone := func(text string) {
			for i := range len(secret) - least + 1 {
				if strings.Contains(text, secret[i:i+least]) {
					t.Fatalf("%q of %q is emitted", secret[i:i+least], secret)
				}
			}
		}
		a := agent{inReads: rapid.Bool().Draw(t, "in reads")}
		anytime := rapid.Bool().Draw(t, "anytime") // a service that shows what it would keep, whenever it is asked
		bare := secrets                            // masks nothing, but splits texts at the same offsets
		bare.all, bare.fragments = searcher{}, func() *fragments { return newFragments(nil) }
		s, counted := &stream{secrets: secrets}, &stream{secrets: bare}
		text, told := "", 0
		take := func(ended bool) {
			output, dropped := a.all[:a.reported], int64(0)
			if anytime || ended {
				output, dropped = a.kept()
			}
			var lost, want []int64
			for _, p := range s.take(output, dropped, ended) {
				if p.dropped > 0 {
					wantNone(text)
					text = ""
					lost = append(lost, p.dropped, p.within)
				}
				text += secrets.Mask(p.text)
			}
			for _, p := range counted.take(output, dropped, ended) {
				if p.dropped > 0 {
					want = append(want, p.dropped, p.within)
				}
				told += int(p.dropped) + len(p.text)
			}
			if !slices.Equal(lost, want) {
				t.Fatalf("missing, and within how many bytes: %v, want %v", lost, want)
			}
		}
		var all strings.Builder
		for n := range rapid.IntRange(1, 20).Draw(t, "parts") {
			gap := rapid.SampledFrom([]string{" ", "\n", "", " some words \n", strings.Repeat("long ", 400)}).Draw(t, "gap")
			for size := all.Len() + rapid.SampledFrom([]int{20, 3000, 30000}).Draw(t, "size"); all.Len() < size; {
				fmt.Fprintf(&all, "%d%s%s", n, secret, gap)
			}
		}
		for len(a.all) < all.Len() {
			a.all = all.String()[:min(all.Len(), len(a.all)+rapid.IntRange(1, 20000).Draw(t, "write"))]
			if rapid.Bool().Draw(t, "reports") && (!anytime || len(a.all) <= quota) { // what has been shown after a gap stays
				a.report()
			}
			if rapid.Bool().Draw(t, "looks") {
				take(false)
			}
		}
		take(true)
		wantNone(text)
		if told != len(a.all) {
			t.Fatalf("%d bytes were emitted or reported as lost, of %d", told, len(a.all))
		}
		output, dropped := a.kept()
		wantNone(string(secrets.maskOutput(Output(output), dropped)))
	})
}
