package config

import (
	"errors"
	"testing"
)

func TestBrokenFile(t *testing.T) {
	tests := []struct {
		name, content string
		line          int
	}{
		{"first line", "region: [", 1},
		{"a later line", "region: cn-x\n\n  output: json\n", 3},
		{"tab", "region: cn-x\n\toutput: json\n", 2},
		{"not a mapping", "- region\n", 1},
		{"just text", "hello", 1},
		{"a key twice", "region: cn-x\nregion: cn-y\n", 2},
		{"not text", "region: cn-x\noutput: \xff\n", 2},
		{"control character", "region: cn-x\n# \x01\n", 2},
		{"unknown anchor", "region: cn-x\nquiet: true\noutput: *x\n", 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.file(tt.content)
			err := problemOf(Load(w.options()))
			broken, ok := errors.AsType[*FileError](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			if slash(broken.Path) != "~/muster/config.yaml" || broken.Line != tt.line {
				t.Errorf("got %v, want line %d", err, tt.line)
			}
		})
	}
}

func TestOnlyScalars(t *testing.T) {
	for _, content := range []string{"region: [a, b]", "region: {a: b}", "batch-run:\n- 1"} {
		w := newWorld(t)
		w.file(content)
		err := problemOf(Load(w.options()))
		refused, ok := errors.AsType[*Error](err)
		if !ok || refused.Reason != "must be a single value" {
			t.Errorf("%q: got %v", content, err)
		}
	}
}

func TestFileWithoutValues(t *testing.T) {
	for _, content := range []string{"", "# region: cn-x\n", "region:\nrate: ~\n"} {
		w := newWorld(t)
		w.file(content)
		for _, s := range w.load().Settings() {
			if s.Origin != OriginDefault {
				t.Errorf("%q: %s comes from %s", content, s.Key, s.Origin)
			}
		}
	}
}

func TestUnreadableFile(t *testing.T) {
	w := newWorld(t)
	w.write("muster/config.yaml/not-a-file", "")
	err := problemOf(Load(w.options()))
	unread, ok := errors.AsType[*FileError](err)
	if !ok || unread.Line != 0 {
		t.Errorf("got %v", err)
	}
}

func FuzzFile(f *testing.F) {
	for _, seed := range []string{"region: cn-x", "a: [", "a: &x *x", "? [a]\n: b", "1: 2\n<<: {region: cn-x}", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		w := newWorld(t)
		w.file(content)
		c := Load(w.options())
		for _, p := range c.Problems {
			_, refused := errors.AsType[*Error](p.Err)
			_, broken := errors.AsType[*FileError](p.Err)
			if !refused && !broken {
				t.Errorf("unexpected type of error: %v", p.Err)
			}
			if p.Kind == BadFlag || slash(p.Path) != "~/muster/config.yaml" {
				t.Errorf("not a problem of the file: %+v", p)
			}
		}
		if c.RunBatch < 1 || checkRegion(c.Region) != nil && c.Region != "" {
			t.Errorf("a value out of its range: %+v", c)
		}
	})
}
