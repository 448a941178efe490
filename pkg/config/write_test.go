package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
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
		shown, err := Add(w.options(), []Setting{{Key: "region", Value: "cn-x"}})
		if got := w.read("muster/config.yaml"); err != nil || got != after || slash(shown) != "~/muster/config.yaml" {
			t.Errorf("%q: got %q, %v, in %s", before, got, err, shown)
		}
		if c := w.load(); c.Region != "cn-x" {
			t.Errorf("%q: region %q", before, c.Region)
		}
	}
}

func TestAddLeavesAlone(t *testing.T) {
	for _, before := range []string{"region: cn-y\n", "{rate: 3}\n", "a: [\n"} {
		w := newWorld(t)
		w.file(before)
		_, err := Add(w.options(), []Setting{{Key: "region", Value: "cn-x"}})
		if got := w.read("muster/config.yaml"); err == nil || got != before {
			t.Errorf("%q: got %q, %v", before, got, err)
		}
	}
}

func TestAddKeys(t *testing.T) {
	w := newWorld(t)
	if _, err := AddKeys(w.options(), "default", "id", "s3cret", "cn-x"); err != nil {
		t.Fatal(err)
	}
	if c := w.load(); c.Profile != "default" || c.Region != "cn-x" {
		t.Errorf("got profile %q, region %q", c.Profile, c.Region)
	}
	if info, err := os.Stat(filepath.Join(w.home, ".aliyun", "config.json")); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the key: %v, %v", info.Mode(), err)
	}

	w.aliyun(strings.Replace(twoProfiles, `"current"`, `"meta_path": "", "current"`, 1))
	shown, err := AddKeys(w.options(), "mine", "id2", "s3cret2", "")
	if err != nil || slash(shown) != "~/.aliyun/config.json" {
		t.Fatalf("%v, in %s", err, shown)
	}
	text := w.read(".aliyun/config.json")
	for _, want := range []string{`"meta_path": ""`, `"sts_token": "t0ken"`, `"access_key_secret": "s3cret"`, `"current": "prod"`, `"access_key_secret": "s3cret2"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not there: %s", want, text)
		}
	}
	if _, err := AddKeys(w.options(), "prod", "id", "x", ""); err == nil {
		t.Error("a profile is written over")
	}
	w.aliyun("{broken")
	var broken *FileError
	if _, err := AddKeys(w.options(), "new", "id", "x", ""); !errors.As(err, &broken) || w.read(".aliyun/config.json") != "{broken" {
		t.Errorf("a broken file is written over: %v", err)
	}
}
