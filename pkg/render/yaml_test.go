package render

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"muster/pkg/fleet"
)

func TestYAMLStyles(t *testing.T) {
	for text, want := range map[string]string{
		"web-001":                  "web-001",
		"/opt/app v1.2":            "/opt/app v1.2",
		"":                         `""`,
		"no":                       `"no"`,
		"On":                       `"On"`,
		"~":                        `"~"`,
		"1:30":                     `"1:30"`,
		"010":                      `"010"`,
		"=":                        `"="`,
		"2027-06-06":               `"2027-06-06"`,
		"a: b":                     `"a: b"`,
		"a #b":                     `"a #b"`,
		"tail ":                    `"tail "`,
		"a\x7f\u0085\u2028\ufeffb": `"a\x7F\N\L\uFEFFb"`,
		"\ufffe":                   `"\uFFFE"`,
		"one\ntwo\n":               "|\n  one\n  two",
		"one\n two\n\nthree":       "|-\n  one\n   two\n\n  three",
		"\tone\ntwo\n":             `"\tone\ntwo\n"`,
		" one\ntwo\n":              `" one\ntwo\n"`,
		"\none\n":                  `"\none\n"`,
		"one\r\ntwo\r\n":           `"one\r\ntwo\r\n"`,
		"one\u2028\ntwo":           `"one\L\ntwo"`,
	} {
		var b strings.Builder
		if err := writeYAML(&b, struct{ K string }{text}); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimPrefix(strings.TrimSuffix(b.String(), "\n"), "K: "); got != want {
			t.Errorf("%q is written as %s, want %s", text, got, want)
		}
	}
}

func TestYAMLNumbers(t *testing.T) {
	var b strings.Builder
	if err := writeYAML(&b, []any{1, -2.5, 1e30, true, nil, []int{}, map[string]int{}}); err != nil {
		t.Fatal(err)
	}
	const want = "- 1\n- -2.5\n- 1.0e+30\n- true\n- null\n- []\n- {}\n"
	if got := b.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestYAMLRoundTrip reads YAML back: any text of any length, since the encoder writes in pieces.
func TestYAMLRoundTrip(t *testing.T) {
	words := rapid.SampledFrom([]string{"no", "~", "0o17", "1e3", "1.10", "- a", "? b", "!c", "&d", "*e", "%f", "@g", "`h", "'", `"`, "\\", "# i", ": ", "\t", "\r", "\n", " ", "\u0085", "\u2028", "\ufeff", "\x7f", "\x00"})
	text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(words), func(list []string) string { return strings.Join(list, "") }))
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.IntRange(0, 400).Draw(t, "lines")
		output := text.Draw(t, "text")
		for i := range lines {
			output += fmt.Sprintln(i)
		}
		run := &sent{[]sentFile{{"a", oneTarget(fleet.CauseSuccess, text.Draw(t, "name"), output)}}}
		var got struct {
			Files []struct {
				Instances []struct {
					Output string `yaml:"Output"`
				} `yaml:"Instances"`
			} `yaml:"Files"`
		}
		written := formatted(t, YAML, run)
		if err := yaml.Unmarshal([]byte(written), &got); err != nil {
			t.Fatalf("%v: %s", err, written)
		}
		if len(got.Files) != 1 || len(got.Files[0].Instances) != 1 {
			t.Fatal(written)
		}
		want := textOf(fleet.Output(output)).Output
		if diff := cmp.Diff(want, got.Files[0].Instances[0].Output); diff != "" {
			t.Fatal(diff, written)
		}
	})
}
