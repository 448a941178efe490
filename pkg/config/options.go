package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"muster/pkg/userfile"
)

// Options are the sources of settings, in addition to this process's environment. The zero value means no flags and no
// project.
type Options struct {
	// Flags holds the flags that the user gave, by name. Names that are not settings are ignored.
	Flags map[string]string
	// Home is the user's home directory. If empty, it comes from the environment, where a value that is not a directory, such
	// as /dev/null, or that this user has no access to counts as unset.
	Home string
	// ConfigDir is the directory of config.yaml. If empty, see [File].
	ConfigDir string
	// WorkDir is where the search for a project's file starts. If empty, there is no search.
	WorkDir string
	// Outputs are the allowed values of the setting "output". If empty, all are.
	Outputs []string
}

func (o Options) withDefaults() Options {
	if o.Home == "" {
		if runtime.GOOS == "windows" {
			o.Home = os.Getenv("USERPROFILE")
		} else {
			o.Home = os.Getenv("HOME")
		}
		if !usableHome(o.Home) {
			o.Home = ""
		}
	}
	return o
}

// usableHome reports whether a home directory is accessible to this user, or does not exist yet.
func usableHome(dir string) bool {
	info, err := os.Stat(dir + string(filepath.Separator) + ".")
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	return info.IsDir()
}

// cloudEnv looks up a variable that the aliyun CLI knows with three prefixes. It returns the first that is not empty.
func cloudEnv(suffix string) (name, value string) {
	for _, prefix := range []string{"ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"} {
		if value := os.Getenv(prefix + suffix); value != "" {
			return prefix + suffix, value
		}
	}
	return "", ""
}

// display returns a path for messages.
func (o Options) display(path string) string { return userfile.Display(path, o.Home) }

// Home returns the user's home directory, or "" if there is none that can be used.
func Home(opts Options) string { return opts.withDefaults().Home }
