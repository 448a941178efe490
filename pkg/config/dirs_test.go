package config

import (
	"path/filepath"
	"testing"
)

func TestUserDir(t *testing.T) {
	xdg, err := filepath.Abs("xdg")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		goos string
		env  map[string]string
		home string
		want string
	}{
		{"linux", nil, "h", filepath.Join("h", ".local", "state")},
		{"linux", map[string]string{"XDG_STATE_HOME": xdg}, "h", xdg},
		{"linux", map[string]string{"XDG_STATE_HOME": "relative"}, "h", filepath.Join("h", ".local", "state")},
		{"linux", nil, "", ""},
		{"darwin", nil, "h", filepath.Join("h", "Library", "Application Support")},
		{"darwin", map[string]string{"XDG_STATE_HOME": xdg}, "h", xdg},
		{"windows", map[string]string{"LocalAppData": "local"}, "h", "local"},
		{"windows", nil, "h", ""},
	}
	for _, tt := range tests {
		clearEnv(t)
		t.Setenv("LocalAppData", "")
		for name, value := range tt.env {
			t.Setenv(name, value)
		}
		got, err := Options{Home: tt.home}.userDir(tt.goos, "XDG_STATE_HOME", filepath.Join(".local", "state"), "LocalAppData")
		if got != tt.want || (err != nil) != (tt.want == "") {
			t.Errorf("%s %v: got %q, %v", tt.goos, tt.env, got, err)
		}
	}
}

func TestDirs(t *testing.T) {
	root := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(root, "c"))
	t.Setenv("XDG_STATE_HOME", filepath.Join(root, "s"))
	var o Options
	if file, err := File(o); err != nil || file != filepath.Join(root, "c", "muster", "config.yaml") {
		t.Errorf("got %q, %v", file, err)
	}
	if dir, err := StateDir(o); err != nil || dir != filepath.Join(root, "s", "muster") {
		t.Errorf("got %q, %v", dir, err)
	}
	o.ConfigDir = root
	if file, err := File(o); err != nil || file != filepath.Join(root, "config.yaml") {
		t.Errorf("got %q, %v", file, err)
	}
}
