package config

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// in returns options with a directory below home as the working directory.
func (w *world) in(dir string) Options {
	w.t.Helper()
	o := w.options()
	o.WorkDir = filepath.Join(w.home, dir)
	if err := os.MkdirAll(o.WorkDir, 0o700); err != nil {
		w.t.Fatal(err)
	}
	return o
}

func mustLoad(t *testing.T, o Options) *Config {
	t.Helper()
	c := Load(o)
	if err := problemOf(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestProjectFileIsFoundFromBelow(t *testing.T) {
	tests := []struct {
		name, file, dir, repository string
		found                       bool
	}{
		{name: "here", file: "p/.muster.yaml", dir: "p", found: true},
		{name: "above", file: "p/.muster.yaml", dir: "p/q/r", found: true},
		{name: "at home", file: ".muster.yaml", dir: "p/q", found: true},
		{name: "at the repository's root", file: "p/.muster.yaml", dir: "p/q", repository: "p", found: true},
		{name: "above the repository", file: "p/.muster.yaml", dir: "p/q/r", repository: "p/q"},
		{name: "below", file: "p/q/.muster.yaml", dir: "p"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.write(tt.file, "region: cn-project")
			if tt.repository != "" {
				w.write(tt.repository+"/.git/HEAD", "")
			}
			c := mustLoad(t, w.in(tt.dir))
			if (c.Region == "cn-project") != tt.found || c.Project != tt.found {
				t.Errorf("got region %q from %s", c.Region, c.Origin("region"))
			}
		})
	}
}

func TestOnlyNearestProjectFileCounts(t *testing.T) {
	w := newWorld(t)
	w.write(".muster.yaml", "rate: 3")
	w.write("p/.muster.yaml", "region: cn-near")
	if c := mustLoad(t, w.in("p")); c.Region != "cn-near" || c.RatePerSecond != 15 {
		t.Errorf("got %q and %g", c.Region, c.RatePerSecond)
	}
}

func TestProfileBlocks(t *testing.T) {
	own := "page-size: 1\nrate: 1\nkeep-days: 1\nbatch-run: 1\nprofiles:\n  prod: {page-size: 2, rate: 2, keep-days: 2}\n  staging: {page-size: 9}\n"
	project := "rate: 3\nkeep-days: 3\nprofiles: {prod: {keep-days: 4}}\n"
	w := newWorld(t)
	w.aliyun(twoProfiles)
	w.file(own)
	w.write("p/.muster.yaml", project)
	c := mustLoad(t, w.in("p"))
	got := map[string]string{}
	for _, s := range c.Settings() {
		got[s.Key] = s.Value + " " + slash(s.Origin)
	}
	for key, want := range map[string]string{
		"page-size": "2 file ~/muster/config.yaml (profile prod)",
		"rate":      "3 file ~/p/.muster.yaml",
		"keep-days": "4 file ~/p/.muster.yaml (profile prod)",
		"batch-run": "1 file ~/muster/config.yaml",
	} {
		if got[key] != want {
			t.Errorf("%s: got %s, want %s", key, got[key], want)
		}
	}
	if diff := cmp.Diff([]string{"~/p/.muster.yaml", "~/muster/config.yaml"}, []string{slash(c.Files[0]), slash(c.Files[1])}); diff != "" {
		t.Error(diff)
	}
	w.flags["profile"] = "staging"
	if c := w.load(); c.PageSize != 9 {
		t.Errorf("another profile's page size: %d", c.PageSize)
	}
}

// TestProfileBlockBeforeCLI tests that a profile's block takes precedence over the aliyun CLI's profile, for the endpoint too.
func TestProfileBlockBeforeCLI(t *testing.T) {
	w := newWorld(t)
	w.aliyun(twoProfiles)
	w.file("profiles:\n  prod:\n    region: cn-block\n    endpoint: ecs.block.example\n")
	if c := w.load(); c.Region != "cn-block" || c.Endpoint != "ecs.block.example" {
		t.Errorf("got %q and %q", c.Region, c.Endpoint)
	}
}

func TestProjectMustNotSetEndpoint(t *testing.T) {
	for _, content := range []string{"endpoint: ecs.evil.example", "profiles: {prod: {endpoint: ecs.evil.example}}", "<<: {endpoint: ecs.evil.example}", "ENDPOINT: x"} {
		w := newWorld(t)
		w.aliyun(twoProfiles)
		w.write("p/.muster.yaml", content)
		err := problemOf(Load(w.in("p")))
		refused, ok := errors.AsType[*Error](err)
		if !ok || refused.Key != "endpoint" || slash(refused.Origin) != "file ~/p/.muster.yaml:1" {
			t.Errorf("%s: got %v", content, err)
		}
	}
}

func TestUntrustedProjectFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("file owners are not available")
	}
	w := newWorld(t)
	w.write("p/.muster.yaml", "region: cn-evil")
	path := filepath.Join(w.home, "p", ".muster.yaml")
	check := func(what string) {
		t.Helper()
		c := mustLoad(t, w.in("p"))
		if c.Region != "" || len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "is not read, because another user owns it or everyone may write to it") {
			t.Errorf("%s: region %q, warnings %q", what, c.Region, c.Warnings)
		}
	}
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	check("everyone may write to it")
	link := filepath.Join(w.home, "q", ".muster.yaml")
	w.write("q/.git/HEAD", "")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if c := mustLoad(t, w.in("q")); c.Region != "" {
		t.Errorf("through a link: region %q", c.Region)
	}
	if os.Geteuid() != 0 {
		t.Log("only root can change the owner of a file")
		return
	}
	const anotherUser = 12345
	if err := errors.Join(os.Chmod(path, 0o600), os.Chown(path, anotherUser, anotherUser)); err != nil {
		t.Fatal(err)
	}
	check("another user owns it")
}

func TestFlagDefaults(t *testing.T) {
	w := newWorld(t)
	w.file("defaults:\n  run: {waves: '1,10%', verbose: ~}\n  runs  rerun:\n    only: [exit, timeout]\n")
	w.write("p/.muster.yaml", "defaults: {run: {waves: 5}}")
	got := mustLoad(t, w.in("p")).Defaults
	for i := range got {
		got[i].Origin, got[i].Place, got[i].Path = slash(got[i].Origin), slash(got[i].Place), slash(got[i].Path)
	}
	want := []Default{
		{Command: "run", Flag: "waves", Values: []string{"5"}, Origin: "file ~/p/.muster.yaml", Place: "file ~/p/.muster.yaml:1", Path: "~/p/.muster.yaml", Line: 1, Project: true},
		{Command: "runs rerun", Flag: "only", Values: []string{"exit", "timeout"}, Origin: "file ~/muster/config.yaml", Place: "file ~/muster/config.yaml:4", Path: "~/muster/config.yaml", Line: 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, content := range []string{"defaults: x", "defaults: {run: 5}", "defaults: {run: {waves: {a: b}}}", "defaults: {run: {waves: [[a]]}}", "profiles: [a]", "profiles: {prod: 1}"} {
		w := newWorld(t)
		w.file(content)
		err := problemOf(Load(w.options()))
		refused, ok := errors.AsType[*Error](err)
		if !ok || !strings.HasSuffix(refused.Origin, "config.yaml:1") {
			t.Errorf("%s: got %v", content, err)
		}
	}
}
