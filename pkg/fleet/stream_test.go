package fleet

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const quota = 24 << 10

// agent keeps an output as the official agent does: all of it up to the quota, and beyond that a head and the end. The head is
// what build 578 has reported, a read at a time, or always the first 6,000 bytes.
type agent struct {
	all      string
	inReads  bool
	reported int
}

// report reports what a running script has written, once a second.
func (a *agent) report() {
	switch {
	case !a.inReads:
		a.reported = min(len(a.all), 6000)
	case a.reported <= 6000:
		a.reported = min(len(a.all), a.reported+2048)
	}
}

// kept returns what is known when the script has ended.
func (a *agent) kept() (output string, dropped int64) {
	if len(a.all) <= quota {
		return a.all, 0
	}
	head := a.reported
	if !a.inReads {
		head = 6000
	}
	return a.all[:head] + a.all[len(a.all)-quota+head:], int64(len(a.all) - quota)
}

// joined concatenates adjacent chunks, up to each that has missing bytes before it.
func joined(fragments []chunk) []chunk {
	var all []chunk
	for _, p := range fragments {
		if len(all) == 0 || p.dropped > 0 {
			all = append(all, p)
		} else {
			all[len(all)-1].text += p.text
		}
	}
	return all
}

// fits reports whether a chunk matches a text at an offset, given the bytes missing before it or within its first bytes.
func fits(all string, at int, p chunk) bool {
	dropped := int(p.dropped)
	for before := 0; before <= min(dropped, 40); before++ {
		rest := all[at+before:]
		within := commonPrefix(rest, p.text[:min(int(p.within), len(p.text))])
		for inside := 0; inside <= within; inside++ {
			if strings.HasPrefix(rest[inside+dropped-before:], p.text[inside:]) {
				return true
			}
		}
	}
	return false
}

func drawOutput(t *rapid.T) []string {
	word := rapid.SampledFrom([]string{"tick", "日本語", "naïve", "x", "\U0001f680", "7d2a745b", strings.Repeat("long ", 3000), ""})
	same := rapid.Bool().Draw(t, "same")
	n := 0
	var writes []string
	for range rapid.IntRange(0, 30).Draw(t, "writes") {
		var b strings.Builder
		size := rapid.SampledFrom([]int{1, 20, 300, 5000, 30000}).Draw(t, "size")
		for b.Len() < size {
			n++
			if same {
				b.WriteString("tick\n")
				continue
			}
			fmt.Fprintf(&b, "%d %s", n, word.Draw(t, "word"))
			if rapid.IntRange(0, 3).Draw(t, "ends") > 0 {
				b.WriteString("\n")
			}
		}
		text := b.String()
		writes = append(writes, text[:rapid.IntRange(0, len(text)).Draw(t, "cut")])
	}
	return writes
}

// TestStreamEmitsEverything takes what an agent has kept from time to time, and joins what is emitted.
func TestStreamEmitsEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := agent{inReads: rapid.Bool().Draw(t, "in reads")}
		anytime := rapid.Bool().Draw(t, "anytime") // a service that shows what it would keep, whenever it is asked
		s, lastWhole := new(stream), true
		var fragments []chunk
		check := func(new []chunk, ended bool) {
			for i, p := range new {
				lastWhole = strings.HasSuffix(p.text, "\n")
				atGap := i+1 < len(new) && new[i+1].dropped > 0
				if p.text != "" && !lastWhole && !ended && !atGap && len(p.text) < longestLine-2*utf8.UTFMax {
					t.Fatalf("an unfinished line was emitted: %q", p.text)
				}
			}
			fragments = append(fragments, new...)
		}
		looks := 0
		for _, text := range drawOutput(t) {
			a.all += text
			if rapid.Bool().Draw(t, "reports") && (!anytime || len(a.all) <= quota) { // what has been shown after a gap stays
				a.report()
			}
			if rapid.IntRange(0, 2).Draw(t, "looks") > 0 {
				output, dropped := a.all[:a.reported], int64(0)
				if anytime {
					output, dropped = a.kept()
				}
				check(s.take(output, dropped, false), false)
				looks++
			}
		}
		output, dropped := a.kept()
		check(s.take(output, dropped, true), true)
		if more := s.take(output, dropped, true); more != nil || s.held != "" {
			t.Fatalf("%d chunks are emitted twice, or held: %q", len(more), s.held)
		}
		at, lost := 0, 0
		for _, p := range joined(fragments) {
			if !fits(a.all, at, p) {
				t.Fatalf("at %d of %d bytes, %d missing there or within %d: emitted %.60q", at, len(a.all), p.dropped, p.within, p.text)
			}
			at += int(p.dropped) + len(p.text)
			lost += int(p.dropped)
		}
		if at != len(a.all) {
			t.Fatalf("%d bytes were emitted or reported as lost, of %d", at, len(a.all))
		}
		if len(a.all) <= quota && lost > 0 {
			t.Fatalf("%d bytes are reported as lost, but none were", lost)
		}
	})
}

// TestStreamMasksSecrets fetches at any time while secrets are being written, without missing bytes.
func TestStreamMasksSecrets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.SampledFrom([]rune("ab\n")), 2, 6, -1)
		secrets := newSecrets(rapid.SliceOfN(letters, 1, 3).Draw(t, "secrets"), nil)
		all := rapid.StringOfN(rapid.SampledFrom([]rune("aab\nc")), 0, 200, -1).Draw(t, "output")
		s := &stream{secrets: secrets}
		var told []string
		take := func(upTo int, ended bool) {
			for _, p := range s.take(all[:upTo], 0, ended) {
				told = append(told, secrets.Mask(p.text))
			}
		}
		for at := 0; at < len(all); at += rapid.IntRange(1, 9).Draw(t, "step") {
			take(at, false)
		}
		take(len(all), true)
		if diff := cmp.Diff(secrets.Mask(all), strings.Join(told, "")); diff != "" {
			t.Fatalf("with the secrets %q of %q: %s", secrets.patterns, all, diff)
		}
	})
}

func TestStreamChunks(t *testing.T) {
	long := strings.Repeat("0123456789abcde\n", quota/16)
	type seen struct {
		output  string
		dropped int64
		ended   bool
	}
	for name, c := range map[string]struct {
		secrets Secrets
		looks   []seen
		want    []chunk
	}{
		"lines are held until they end": {looks: []seen{{"a\nb", 0, false}, {"a\nbc\nd", 0, false}, {"a\nbc\nd", 0, true}}, want: []chunk{{text: "a\n"}, {text: "bc\n"}, {text: "d"}}},
		"an older look has nothing new": {looks: []seen{{"a\nb\n", 0, false}, {"a\n", 0, false}, {"a\nb\n", 0, true}}, want: []chunk{{text: "a\nb\n"}}},
		"an end that was cut":           {looks: []seen{{long, 5, true}}, want: []chunk{{dropped: 5, within: maxHead, text: long}}},
		"more came than was kept": {
			looks: []seen{{"x\ny", 0, false}, {long, 103, false}, {long, 103, true}},
			want:  []chunk{{text: "x\n"}, {text: "y"}, {dropped: 100, text: long}},
		},
		"what was sent before is not told again": {
			looks: []seen{{"x\ny\n", 0, false}, {"x\ny\n" + long[4:], 50, true}},
			want:  []chunk{{text: "x\ny\n"}, {dropped: 50, within: maxHead - 4, text: long[4:]}},
		},
		"a character is cut before what is missing, and behind it": {
			looks: []seen{{"x\n\xe6\x97", 0, false}, {"\xa5" + long[1:], 103, true}},
			want:  []chunk{{text: "x\n"}, {dropped: 103 + 2 - 4 + 1, text: long[1:]}},
		},
		"a secret is cut before what is missing, and behind it": {
			secrets: newSecrets([]string{"correct-horse"}, nil),
			looks:   []seen{{"x\npw corr", 0, false}, {"horse\n" + long[6:], 109, true}},
			want:    []chunk{{text: "x\n"}, {text: "pw "}, {dropped: 109 - 9 + 4 + 5, text: "\n" + long[6:]}},
		},
		"a secret is cut by a look and then by the agent": {
			secrets: newSecrets([]string{"ABCDEFGHIJKLMNOPQRSTUVWXYZ"}, nil),
			looks:   []seen{{"0ABCDEFGHI", 0, false}, {"0ABCDEFGHIJKLMNO\nx\n", 100, true}},
			want:    []chunk{{text: "0"}, {dropped: 109, within: 9, text: "******\nx\n"}},
		},
		"what may go on is no piece of a secret": {
			secrets: newSecrets([]string{"correct-horse"}, nil),
			looks:   []seen{{"or-horse corre", 10, false}, {"or-horse correct-horse\n", 10, true}},
			want:    []chunk{{dropped: 10, within: 14}, {text: "or****** correct-horse\n"}},
		},
		"an end of another output": {looks: []seen{{"a\nb\nc\n", 0, false}, {"z\n", 0, true}}, want: []chunk{{text: "a\nb\nc\n"}, {text: "z\n"}}},
		"a line without an end":    {looks: []seen{{strings.Repeat("é", longestLine/2) + "é\xc3", 0, false}, {strings.Repeat("é", longestLine/2) + "éé", 0, true}}, want: []chunk{{text: strings.Repeat("é", longestLine/2) + "é"}, {text: "é"}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &stream{secrets: c.secrets}
			var got []chunk
			for _, look := range c.looks {
				got = slices.Concat(got, s.take(look.output, look.dropped, look.ended))
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(chunk{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
