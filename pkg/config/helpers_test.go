package config

import (
	"os"
	"path/filepath"
	"testing"
)

// world is a home directory and an environment that no test shares with the machine.
type world struct {
	t     *testing.T
	home  string
	env   map[string]string
	flags map[string]string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{t: t, home: t.TempDir(), env: map[string]string{}, flags: map[string]string{}}
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
	return Options{
		Flags:     w.flags,
		Getenv:    func(name string) string { return w.env[name] },
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
