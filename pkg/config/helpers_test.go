package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// world is a home directory and an environment of a test's own.
type world struct {
	t     *testing.T
	home  string
	env   map[string]string
	flags map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	clearEnv(t)
	return &world{t: t, home: t.TempDir(), env: map[string]string{}, flags: map[string]string{}}
}

// clearEnv empties all variables that settings and directories come from, until the test ends.
func clearEnv(t *testing.T) {
	t.Helper()
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		for _, prefix := range []string{"MUSTER_", "ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_", "XDG_", "HOME", "USERPROFILE"} {
			if strings.HasPrefix(name, prefix) {
				t.Setenv(name, "")
			}
		}
	}
}

func (w *world) write(path, content string) {
	w.t.Helper()
	path = filepath.Join(w.home, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) file(content string)   { w.t.Helper(); w.write("muster/config.yaml", content) }
func (w *world) aliyun(content string) { w.t.Helper(); w.write(".aliyun/config.json", content) }

func (w *world) options() Options {
	for name, value := range w.env {
		w.t.Setenv(name, value)
	}
	return Options{
		Flags:     w.flags,
		Home:      w.home,
		ConfigDir: filepath.Join(w.home, "muster"),
	}
}

func (w *world) load() *Config {
	w.t.Helper()
	c := Load(w.options())
	if err := problemOf(c); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// problemOf returns the first problem's error.
func problemOf(c *Config) error {
	if len(c.Problems) == 0 {
		return nil
	}
	return c.Problems[0].Err
}

const twoProfiles = `{
	"current": "prod",
	"profiles": [
		{"name": "prod", "mode": "AK", "access_key_id": "id", "access_key_secret": "s3cret", "region_id": "cn-prod", "endpoint": "ecs.prod.example"},
		{"name": "staging", "mode": "StsToken", "sts_token": "t0ken", "region_id": ""}
	]
}`
