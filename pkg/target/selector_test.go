package target

import (
	"errors"
	"strings"
	"testing"

	"muster/pkg/target/nodeset"
)

// selector reads flags with their values, in pairs: "instance", "web-001".
func selector(t testing.TB, pairs ...string) Selector {
	t.Helper()
	var s Selector
	for i := 0; i < len(pairs); i += 2 {
		if err := s.Add(pairs[i], Words{Text: pairs[i+1], From: "--" + pairs[i]}); err != nil {
			t.Fatalf("%q: %v", pairs[i:i+2], err)
		}
	}
	return s
}

func TestAddRefuses(t *testing.T) {
	for _, test := range []struct{ flag, text, want string }{
		{"instance", "", "--instance is empty"},
		{"instance", " ,\n", "--instance is empty"},
		{"instance", "a,@", `--instance "@": want the name of a group`},
		{"instance", "web-1 web-[2", `--instance "web-1 web-[2" at character 11`},
		{"exclude", "web-[3-1]", `--exclude "web-[3-1]" at character 6`},
		{"tag", "", "--tag is empty"},
		{"tag", "=x", `--tag "=x": want a tag`},
		{"tag", "!", `--tag "!": want a tag`},
		{"tag", "!a=b", `want key!=value, or !key without a value`},
		{"tag", "env=", "is a variable unset?"},
		{"tag", "env!= ", "is a variable unset?"},
		{"tag", "env=a,b", "for a comma in a value"},
		{"tag", "a=[1", "want another value"},
		{"zone", " ", "--zone is empty"},
		{"status", "Run", `--status "Run": want Pending, Running, Starting, Stopping or Stopped`},
		{"status", "Run*", "want Pending"},
		{"os", "linx", "want linux, windows or freebsd"},
		{"instance-type", "g7.large", "want an instance type"},
		{"instance-type", "x*", "want an instance type"},
		{"vpc", "web", "want a VPC's id"},
		{"resource-group", "default", "want a resource group's id"},
		{"where", "", "--where is empty"},
		{"where", ".a |", `--where ".a |", column`},
		{"where", "nosuch", "--where"},
		{"where", ".Memroy < 5", `an instance has no field "Memroy"`},
		{"where", `.["Memroy"] == 1`, `an instance has no field "Memroy"`},
		{"where", `(.Cpu > 1) and (.memory > 1 or not)`, `an instance has no field "memory"`},
		{"where", `. | .memory > 1`, `an instance has no field "memory"`},
		{"where", `if .Foo then true else false end`, `an instance has no field "Foo"`},
		{"sample", "1", "--sample does not choose instances"},
	} {
		var s Selector
		err := s.Add(test.flag, Words{Text: test.text, From: "--" + test.flag})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("--%s %q: %v; want %q", test.flag, test.text, err, test.want)
		}
	}
}

// An error has the position in the whole of the typed text.
func TestNotationErrorPointsIntoTheWhole(t *testing.T) {
	_, err := ParseTerms(Words{Text: "web-1,  db-[4-2]", From: "-i"})
	wrong, ok := errors.AsType[*nodeset.SyntaxError](err)
	if !ok || wrong.Text[wrong.Offset:] != "4-2]" && wrong.Text[wrong.Offset:] != "2]" && wrong.Text[wrong.Offset:] != "[4-2]" {
		t.Errorf("%v points at %q", err, wrong.Text[wrong.Offset:])
	}
}

func TestReadTerms(t *testing.T) {
	terms, err := ReadTerms(strings.NewReader("\ufeff# canaries\r\ni-a # web\r\n\n  i-b, i-c i-d\nmi-e web-[1-2] @g"), "ids.txt")
	var texts []string
	for _, term := range terms {
		texts = append(texts, term.Text)
	}
	if got := strings.Join(texts, " "); err != nil || got != "i-a i-b i-c i-d mi-e web-[1-2] @g" {
		t.Errorf("got %s, %v", got, err)
	}
	if terms, err = ReadTerms(strings.NewReader("# canaries\ri-a # web\ri-b\r\ni-c\r"), "ids.txt"); err != nil || len(terms) != 3 || terms[2].From != "ids.txt, line 4:" {
		t.Errorf("lines that end with CR are %v, %v", terms, err)
	}
	for _, text := range []string{"i-a\nweb-\xe9", "\r\ni\x00-\x00a\x00", "i-a\n\xff\xfei\x00-\x00"} {
		_, err := ReadTerms(strings.NewReader(text), "ids.txt")
		if syntax, ok := errors.AsType[*SyntaxError](err); !ok || syntax.From != "ids.txt, line 2:" || syntax.Want != "text in UTF-8" {
			t.Errorf("%q is refused by %v", text, err)
		}
	}
	_, err = ReadTerms(strings.NewReader("i-a\nweb-[1\n"), "ids.txt")
	if err == nil || !strings.HasPrefix(err.Error(), `ids.txt, line 2: "web-[1" at character 5`) {
		t.Errorf("err %v", err)
	}
	for _, text := range []string{"", "\n# nobody\n ,\n"} {
		if _, err := ReadTerms(strings.NewReader(text), "ids.txt"); err == nil || !strings.HasPrefix(err.Error(), "ids.txt is empty") {
			t.Errorf("%q: err %v", text, err)
		}
	}
}

func FuzzParseTerms(f *testing.F) {
	for _, text := range []string{"i-a, web-[001-004,006]-a @web", "web-* [!a]?", `a\,b`, "\n", "[", "@"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		terms, err := ParseTerms(Words{Text: text, From: "-i"})
		if err == nil && len(terms) == 0 {
			t.Errorf("%q: neither a term nor an error", text)
		}
		for _, term := range terms {
			if term.Group == "" && !term.word.Glob() && len(term.word.Names()) == 0 {
				t.Errorf("%q of %q stands for no name", term.Text, text)
			}
		}
	})
}

func FuzzParseTags(f *testing.F) {
	for _, text := range []string{"a=b", "a", "!a", "a!=b,c=d", `a=\,`, "a=[1-3]", "=", ","} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		conditions, err := ParseTags(Words{Text: text, From: "-t"})
		if err == nil && len(conditions) == 0 {
			t.Errorf("%q: neither a condition nor an error", text)
		}
		for _, c := range conditions {
			if c.key == "" {
				t.Errorf("%q has a condition without a key", text)
			}
		}
	})
}

func TestIDs(t *testing.T) {
	for text, want := range map[string]string{"i-b,i-a i-b": "i-b i-a", "mi-[1-2]": "mi-1 mi-2"} {
		s := selector(t, "instance", text)
		if ids, only := s.IDs(); !only || strings.Join(ids, " ") != want {
			t.Errorf("%q: %v, %v", text, ids, only)
		}
	}
	for _, pairs := range [][]string{
		{}, {"instance", "i-a,web"}, {"instance", "i-*"}, {"instance", "@g"}, {"instance", "i-a", "exclude", "i-b"}, {"instance", "i-a", "tag", "x"},
	} {
		s := selector(t, pairs...)
		if ids, only := s.IDs(); only {
			t.Errorf("%q has only ids: %v", pairs, ids)
		}
	}
}
