package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestProfiles(t *testing.T) {
	w := newWorld(t)
	w.aliyun(twoProfiles)
	current, list, err := Profiles(w.options())
	if err != nil {
		t.Fatal(err)
	}
	want := []Profile{
		{Name: "prod", Mode: "AK", RegionID: "cn-prod", Endpoint: "ecs.prod.example"},
		{Name: "staging", Mode: "StsToken"},
		{Name: "lab", Mode: "lab"},
	}
	if diff := cmp.Diff(want, list); diff != "" || current != "prod" {
		t.Errorf("current %q, %s", current, diff)
	}
}

func TestProfilesElsewhere(t *testing.T) {
	w := newWorld(t)
	w.write("ci/aliyun.json", `{"profiles": [{"name": "lab", "mode": "AK"}, {"name": "default", "mode": "AK"}]}`)
	w.env["ALIBABA_CLOUD_CONFIG_FILE"] = filepath.Join(w.home, "ci", "aliyun.json")
	current, list, err := Profiles(w.options())
	if err != nil {
		t.Fatal(err)
	}
	want := []Profile{{Name: "default", Mode: "AK"}, {Name: "lab", Mode: "lab"}}
	if diff := cmp.Diff(want, list); diff != "" || current != "default" {
		t.Errorf("current %q, %s", current, diff)
	}
	if c := w.load(); c.ProfileFile != w.env["ALIBABA_CLOUD_CONFIG_FILE"] {
		t.Errorf("got %q", c.ProfileFile)
	}
}

func TestBrokenProfiles(t *testing.T) {
	tests := []struct {
		content string
		line    int
	}{
		{"{\n\"profiles\": [\n{\"access_key_secret\": \"s3cret\",,}\n]}", 3},
		{"{\"profiles\": [{\"access_key_secret\": \"s3cret\"}],\n\"current\": 5}", 2},
		{"\"s3cret\"", 1},
	}
	for _, tt := range tests {
		w := newWorld(t)
		w.aliyun(tt.content)
		err := problemOf(Load(w.options()))
		broken, ok := errors.AsType[*FileError](err)
		if !ok {
			t.Errorf("%q: got %v", tt.content, err)
			continue
		}
		if slash(broken.Path) != "~/.aliyun/config.json" || broken.Line != tt.line {
			t.Errorf("%q: got %v, want line %d", tt.content, err, tt.line)
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error contains a secret: %v", err)
		}
	}
}

func TestNoSecretInMemory(t *testing.T) {
	w := newWorld(t)
	w.aliyun(twoProfiles)
	_, list, err := Profiles(w.options())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprintf("%+v", list), fmt.Sprintf("%+v", w.load())} {
		if strings.Contains(text, "s3cret") || strings.Contains(text, "t0ken") {
			t.Errorf("found a secret in %s", text)
		}
	}
}
