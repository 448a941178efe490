package config

import (
	"fmt"
	"path/filepath"
	"runtime"
)

const (
	appName  = "muster"
	fileName = "config.yaml"
)

// File returns the path of muster's own settings file, which need not exist: $XDG_CONFIG_HOME/muster/config.yaml, or
// the same under ~/.config, ~/Library/Application Support (macOS) or %AppData% (Windows).
func File(opts Options) (string, error) {
	o := opts.withDefaults()
	if o.ConfigDir != "" {
		return filepath.Join(o.ConfigDir, fileName), nil
	}
	dir, err := o.userDir(runtime.GOOS, "XDG_CONFIG_HOME", ".config", "AppData")
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, appName, fileName), nil
}

// StateDir returns the directory for what muster keeps between two commands, which need not exist:
// $XDG_STATE_HOME/muster, or the same under ~/.local/state, ~/Library/Application Support (macOS) or %LocalAppData%
// (Windows).
func StateDir(opts Options) (string, error) {
	o := opts.withDefaults()
	dir, err := o.userDir(runtime.GOOS, "XDG_STATE_HOME", filepath.Join(".local", "state"), "LocalAppData")
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, appName), nil
}

// CacheDir returns the directory for what muster can do without, which need not exist: $XDG_CACHE_HOME/muster, or the
// same under ~/.cache, ~/Library/Application Support (macOS) or %LocalAppData% (Windows).
func CacheDir(opts Options) (string, error) {
	o := opts.withDefaults()
	dir, err := o.userDir(runtime.GOOS, "XDG_CACHE_HOME", ".cache", "LocalAppData")
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, appName, "cache"), nil
}

// userDir finds one of the user's directories. The XDG variables count on every system, and, as their specification
// asks, only with an absolute path.
func (o Options) userDir(goos, xdg, underHome, windows string) (string, error) {
	if dir := o.Getenv(xdg); filepath.IsAbs(dir) {
		return dir, nil
	}
	if goos == "windows" {
		if dir := o.Getenv(windows); dir != "" {
			return dir, nil
		}
		return "", &NoDirError{Variable: xdg, Home: "%" + windows + "%"}
	}
	if o.Home == "" {
		return "", &NoDirError{Variable: xdg, Home: "HOME", Unusable: o.Getenv("HOME")}
	}
	if goos == "darwin" {
		underHome = filepath.Join("Library", "Application Support")
	}
	return filepath.Join(o.Home, underHome), nil
}

// NoDirError reports that there is no directory for files of the user's.
type NoDirError struct {
	Variable string // the variable that can name one, such as XDG_STATE_HOME
	Home     string // the variable that names one otherwise
	Unusable string // its value, where that is no directory that this user can look into
}

func (e *NoDirError) Error() string {
	if e.Unusable == "" {
		return fmt.Sprintf("neither %s nor %s is set", e.Variable, e.Home)
	}
	return fmt.Sprintf("%s is not set, and %s is %s, which is no directory that you can use", e.Variable, e.Home, e.Unusable)
}
