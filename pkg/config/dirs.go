package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

const (
	appName  = "muster"
	fileName = "config.yaml"
)

// File returns the path of the user's settings file, which may not exist: $XDG_CONFIG_HOME/muster/config.yaml, or the same
// below ~/.config, ~/Library/Application Support (macOS) or %AppData% (Windows). An error is a [*NoDirError].
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

// StateDir returns the directory for data that muster keeps between commands, which may not exist: $XDG_STATE_HOME/muster, or
// the same below ~/.local/state, ~/Library/Application Support (macOS) or %LocalAppData% (Windows). An error is a
// [*NoDirError].
func StateDir(opts Options) (string, error) {
	o := opts.withDefaults()
	dir, err := o.userDir(runtime.GOOS, "XDG_STATE_HOME", filepath.Join(".local", "state"), "LocalAppData")
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, appName), nil
}

// CacheDir returns the directory for data that muster can recreate, which may not exist: cache in $XDG_CACHE_HOME/muster, or in
// the same below ~/.cache, ~/Library/Application Support (macOS) or %LocalAppData% (Windows). An error is a [*NoDirError].
func CacheDir(opts Options) (string, error) {
	o := opts.withDefaults()
	dir, err := o.userDir(runtime.GOOS, "XDG_CACHE_HOME", ".cache", "LocalAppData")
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, appName, "cache"), nil
}

// userDir returns one of the user's directories. The XDG variables are read on every system. As their specification requires,
// a relative path is ignored.
func (o Options) userDir(goos, xdg, underHome, windows string) (string, error) {
	if dir := os.Getenv(xdg); filepath.IsAbs(dir) {
		return dir, nil
	}
	if goos == "windows" {
		if dir := os.Getenv(windows); dir != "" {
			return dir, nil
		}
		return "", &NoDirError{Variable: xdg, Home: "%" + windows + "%"}
	}
	if o.Home == "" {
		return "", &NoDirError{Variable: xdg, Home: "HOME", Unusable: os.Getenv("HOME")}
	}
	if goos == "darwin" {
		underHome = filepath.Join("Library", "Application Support")
	}
	return filepath.Join(o.Home, underHome), nil
}

// NoDirError reports that there is no directory for the user's files.
type NoDirError struct {
	Variable string // the variable that can name one, such as XDG_STATE_HOME
	Home     string // the variable that is read without Variable
	Unusable string // the value of Home, if it is not a directory that this user can access
}

func (e *NoDirError) Error() string {
	if e.Unusable == "" {
		return fmt.Sprintf("neither %s nor %s is set", e.Variable, e.Home)
	}
	return fmt.Sprintf("%s is not set, and %s is %s, which is not a directory that you can use", e.Variable, e.Home, e.Unusable)
}
