package cmd

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
	"muster/pkg/config"
	"muster/pkg/journal"
	"muster/pkg/lab"
	"muster/pkg/render"
)

// settings are what a command runs with: its flags, and the configuration of each profile that was asked for.
type settings struct {
	getenv       func(string) string
	environ      func() []string  // like os.Environ; nil stands for an environment without variables of muster
	flags        *pflag.FlagSet   // of the command that runs
	fromSettings map[string]bool  // the flags that nobody typed: the environment or a settings file sets them
	config       *config.Config   // set before a command runs
	others       []*config.Config // of the further profiles of --profile
	profiles     []string         // of --profile
	lab          labFlags
	reportsRuns  bool   // the command reports runs, so that what a project's file contributes is reported
	examines     string // see examinesSettings; empty for other commands
}

// examinesSettings marks a command that finds out what is wrong with the settings, or repairs them, as an annotation: its
// calls go out although settings are broken. The value says where it reports what is broken.
const (
	examinesSettings = "examines settings"
	inDocument       = "in its document"
	onStderr         = "on stderr"
)

// regions are all those that were asked for.
func (st *settings) regions() []string {
	var all []string
	for _, c := range st.configs() {
		for _, region := range c.Regions() {
			if !slices.Contains(all, region) {
				all = append(all, region)
			}
		}
	}
	if every := st.flags.Lookup("all-regions"); every != nil && every.Value.String() == "true" {
		return lab.Regions()
	}
	return all
}

// load resolves the settings from the flags, some of which another source may stand in for, and everything below them. Only a
// flag that cannot be used is an error here; other problems are for those who need what they affect, see mayCall.
func (st *settings) load(instead map[string]string) error {
	given := maps.Clone(instead)
	if given == nil {
		given = map[string]string{}
	}
	st.flags.Visit(func(f *pflag.Flag) {
		if _, own := f.Annotations[noSetting]; !own {
			given[f.Name] = f.Value.String()
		}
	})
	st.profiles, st.others = nil, nil
	for name := range strings.SplitSeq(cmp.Or(given["profile"], st.getenv("MUSTER_PROFILE")), ",") {
		if !slices.Contains(st.profiles, name) {
			st.profiles = append(st.profiles, name)
		}
	}
	workDir, _ := os.Getwd() // without one there is no project
	for i, name := range st.profiles {
		if len(st.profiles) > 1 {
			given["profile"] = name
		}
		loaded := config.Load(config.Options{Flags: given, WorkDir: workDir, Outputs: render.Formats()})
		if i == 0 {
			st.config = loaded
		} else {
			st.others = append(st.others, loaded)
		}
	}
	return st.refuseBadFlags()
}

// loadAs resolves the settings with the run's regions, profiles and endpoint, which a flag may repeat and not change.
func (st *settings) loadAs(h journal.Header) error {
	instead := map[string]string{"region": strings.Join(h.Regions(), ",")}
	if len(h.Profiles) > 0 {
		instead["profile"] = strings.Join(h.Profiles, ",")
	}
	if h.Endpoint != "" {
		instead["endpoint"] = h.Endpoint
	}
	for name, value := range instead {
		if flag := st.flags.Lookup(name); flag.Changed && flag.Value.String() != value {
			return usagef("run %s has the %s %s, and cannot go on with %s", h.RunId, name, value, flag.Value)
		}
	}
	if st.lab.size > 0 {
		return usagef("run %s did not go to this lab: leave --lab out", h.RunId)
	}
	return st.load(instead)
}

// configs are the settings of each profile that was asked for.
func (st *settings) configs() []*config.Config {
	return append([]*config.Config{st.config}, st.others...)
}

// limits are the API's, with those that the user has had raised.
func (st *settings) limits() assist.Limits {
	return assist.Limits{RunInstances: st.config.RunBatch, InvokeInstances: st.config.InvokeBatch, PageSize: st.config.PageSize}
}

func (st *settings) timeouts() assist.Timeouts {
	return assist.Timeouts{Connect: st.config.ConnectTimeout, Read: st.config.ReadTimeout}
}

// typedQuiet reports whether -q was typed. Nothing else hides what a project's file has to do with a run.
func (st *settings) typedQuiet() bool {
	return st.config.Quiet && strings.HasPrefix(st.config.Origin("quiet"), "flag ")
}

// language is the one that codes are explained in.
func (st *settings) language() catalogue.Language {
	if st.config != nil && st.config.Lang != "" {
		language, _ := catalogue.ParseLanguage(st.config.Lang)
		return language
	}
	return catalogue.LanguageOf(st.getenv)
}

// sharedEndpoint is the one that was asked for, unless each profile has its own, which it then goes on to have.
func (st *settings) sharedEndpoint() string {
	for _, c := range st.configs() {
		if c.Endpoint != st.config.Endpoint {
			return ""
		}
	}
	return st.config.Endpoint
}

// runsDir is where the journals of this user's runs are.
func runsDir() (journal.Dir, error) {
	dir, err := config.StateDir(config.Options{})
	return journal.Dir{Path: filepath.Join(dir, "runs")}, err
}

// labDir is where a lab keeps its data if it is told nothing else.
func labDir() (string, error) {
	dir, err := config.StateDir(config.Options{})
	return filepath.Join(dir, "lab"), err
}

func labConnectionPath() (string, error) {
	dir, err := labDir()
	return filepath.Join(dir, "connection.json"), err
}

// labRate is the rate that a user asked for; a lab has no quota of its own to keep to.
func (st *settings) labRate() float64 {
	if st.config.Origin("rate") == config.OriginDefault {
		return 0
	}
	return st.config.RatePerSecond
}

// unknownRegions are the regions that were asked for and that are not known here. The service may have them all the same.
func (st *settings) unknownRegions() []string {
	if st.config == nil {
		return nil
	}
	var unknown []string
	for _, c := range st.configs() {
		unknown = append(unknown, c.Regions()...)
	}
	return slices.DeleteFunc(unknown, func(region string) bool { return slices.Contains(lab.Regions(), region) })
}
