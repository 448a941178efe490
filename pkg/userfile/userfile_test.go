package userfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for content, want := range map[string]string{"": "", "text": "text", "\ufefftext": "text", "\ufeff": ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", content, got, err)
		}
	}
	if _, err := Read(path + "x"); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
}

func TestDisplay(t *testing.T) {
	home := filepath.Join("home", "me")
	for path, want := range map[string]string{
		filepath.Join(home, "a", "b"): filepath.Join("~", "a", "b"), home: home, filepath.Join("home", "meme"): filepath.Join("home", "meme"),
	} {
		if got := Display(path, home); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		if got := Display(path, ""); got != path {
			t.Errorf("%s without a home directory: %s", path, got)
		}
	}
}
