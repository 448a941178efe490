package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Options are what settings are resolved from. The zero value stands for this process's own environment and no flags.
type Options struct {
	// Flags holds the flags that the user gave, by name. Names that are no setting are passed over.
	Flags map[string]string
	// Getenv is os.Getenv if nil.
	Getenv func(string) string
	// Home is the user's home directory as the environment has it if empty. One that is no directory, as /dev/null, or that
	// this user cannot look into counts as none.
	Home string
	// ConfigDir is the directory of config.yaml; if empty, see File.
	ConfigDir string
	// WorkDir is where the search for a project's file begins; there is none if it is empty.
	WorkDir string
	// Outputs are the names that the setting "output" may have; any if empty.
	Outputs []string
}

func (o Options) withDefaults() Options {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Home == "" {
		if runtime.GOOS == "windows" {
			o.Home = o.Getenv("USERPROFILE")
		} else {
			o.Home = o.Getenv("HOME")
		}
		if !usableHome(o.Home) {
			o.Home = ""
		}
	}
	return o
}

// usableHome reports whether a home directory is one that this user can look into, or that may still be made.
func usableHome(dir string) bool {
	info, err := os.Stat(dir + string(filepath.Separator) + ".")
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return info.IsDir()
}

// cloudEnv finds a variable that the aliyun CLI knows under three prefixes.
func (o Options) cloudEnv(suffix string) (name, value string) {
	for _, prefix := range []string{"ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"} {
		if value := o.Getenv(prefix + suffix); value != "" {
			return prefix + suffix, value
		}
	}
	return "", ""
}

// display shortens a path for people: ~ for the home directory.
func (o Options) display(path string) string {
	if o.Home == "" {
		return path
	}
	if rest, ok := strings.CutPrefix(path, filepath.Clean(o.Home)+string(filepath.Separator)); ok {
		return "~" + string(filepath.Separator) + rest
	}
	return path
}

// Home returns the user's home directory, or nothing where there is none that can be used.
func Home(opts Options) string { return opts.withDefaults().Home }
