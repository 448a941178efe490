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

// settings are the settings of a command: its flags, and the configuration of each profile that was asked for.
type settings struct {
	getenv       func(string) string
	environ      func() []string  // like os.Environ; nil means without variables of muster
	flags        *pflag.FlagSet   // of the command
	fromSettings map[string]bool  // flags set by the environment or a settings file
	config       *config.Config   // of the first profile; set before a command runs
	others       []*config.Config // of the further profiles
	profiles     []string         // of --profile
	lab          labFlags
	reportsRuns  bool   // the command reports runs, so that values of a project's file are reported
	examines     string // see examinesSettings; empty for other commands
}

// examinesSettings is an annotation of commands that find or repair problems in the settings: they make calls even if settings are
// broken. Its value is where they report problems.
const (
	examinesSettings = "examines settings"
	inDocument       = "in its document"
	onStderr         = "on stderr"
)

// regions returns all regions that were asked for.
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

// load resolves the settings from the flags and from everything that ranks below them. instead has values for flags that are not
// given. Only an invalid flag is an error here; see checkCallable for other problems.
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
	workDir, _ := os.Getwd() // without a working directory there is no project
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

// loadAs resolves the settings with the regions, profiles and endpoint of a run. Flags may repeat those but not change them.
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
			return usagef("run %s has the %s %s, and cannot continue with %s", h.RunId, name, value, flag.Value)
		}
	}
	if st.lab.size > 0 {
		return usagef("run %s was not sent to this lab: leave out --lab", h.RunId)
	}
	return st.load(instead)
}

// configs returns the configuration of each profile that was asked for.
func (st *settings) configs() []*config.Config {
	return append([]*config.Config{st.config}, st.others...)
}

// limits returns the API's limits, with those that the user has raised.
func (st *settings) limits() assist.Limits {
	return assist.Limits{RunInstances: st.config.RunBatch, InvokeInstances: st.config.InvokeBatch, PageSize: st.config.PageSize}
}

func (st *settings) timeouts() assist.Timeouts {
	return assist.Timeouts{Connect: st.config.ConnectTimeout, Read: st.config.ReadTimeout}
}

// typedQuiet reports whether -q was typed. Nothing else hides what a project's file contributes to a run.
func (st *settings) typedQuiet() bool {
	return st.config.Quiet && strings.HasPrefix(st.config.Origin("quiet"), "flag ")
}

// language returns the language of explanations.
func (st *settings) language() catalogue.Language {
	if st.config != nil && st.config.Lang != "" {
		language, _ := catalogue.ParseLanguage(st.config.Lang)
		return language
	}
	return catalogue.LanguageOf(st.getenv)
}

// sharedEndpoint returns the endpoint of all profiles, or "" if they differ.
func (st *settings) sharedEndpoint() string {
	for _, c := range st.configs() {
		if c.Endpoint != st.config.Endpoint {
			return ""
		}
	}
	return st.config.Endpoint
}

// runsDir returns the directory of this user's journals.
func runsDir() (journal.Dir, error) {
	dir, err := config.StateDir(config.Options{})
	return journal.Dir{Path: filepath.Join(dir, "runs")}, err
}

// labDir returns the default data directory of a lab.
func labDir() (string, error) {
	dir, err := config.StateDir(config.Options{})
	return filepath.Join(dir, "lab"), err
}

func labConnectionPath() (string, error) {
	dir, err := labDir()
	return filepath.Join(dir, "connection.json"), err
}

// labRate returns the rate that the user set; a lab has no quota to respect.
func (st *settings) labRate() float64 {
	if st.config.Origin("rate") == config.OriginDefault {
		return 0
	}
	return st.config.RatePerSecond
}

// unknownRegions returns the selected regions that this version does not know. The service may have them.
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
