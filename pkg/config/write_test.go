package config

import (
	"os"
	"path/filepath"
	"testing"
)

func (w *world) read(path string) string {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.home, path))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(text)
}

func TestAdd(t *testing.T) {
	for before, after := range map[string]string{
		"":                             "region: cn-x\n",
		"# mine\nrate: 3":              "# mine\nrate: 3\nregion: cn-x\n",
		"profiles:\n  p:\n    rate: 3": "profiles:\n  p:\n    rate: 3\nregion: cn-x\n",
	} {
		w := newWorld(t)
		if before != "" {
			w.file(before)
		}
		displayPath, err := Add(w.options(), []Setting{{Key: "region", Value: "cn-x"}})
		if got := w.read("muster/config.yaml"); err != nil || got != after || slash(displayPath) != "~/muster/config.yaml" {
			t.Errorf("%q: got %q, %v, in %s", before, got, err, displayPath)
		}
		if c := w.load(); c.Region != "cn-x" {
			t.Errorf("%q: region %q", before, c.Region)
		}
	}
}

func TestAddFails(t *testing.T) {
	for _, before := range []string{"region: cn-y\n", "{rate: 3}\n", "a: [\n"} {
		w := newWorld(t)
		w.file(before)
		_, err := Add(w.options(), []Setting{{Key: "region", Value: "cn-x"}})
		if got := w.read("muster/config.yaml"); err == nil || got != before {
			t.Errorf("%q: got %q, %v", before, got, err)
		}
	}
}
