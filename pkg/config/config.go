package config

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// Config is the settings that result from all sources.
type Config struct {
	// Profile is empty if none was chosen and the aliyun CLI has no current one. Credentials then come from the environment.
	Profile string
	// ProfileChosen reports whether Profile was requested by name, and is not just the aliyun CLI's current one.
	ProfileChosen bool
	// ProfileFile is the file that contains Profile. It is empty without a profile and for the lab.
	ProfileFile string
	// ProfileNotFound is the error if ALIBABA_CLOUD_PROFILE names Profile and config.json does not have it. The profile may be
	// a section of ~/.alibabacloud/credentials, which this package does not read. Otherwise it is nil.
	ProfileNotFound *Error
	// EmptyProfileFile is the displayed path of config.json if that file has no content, as the first start of the aliyun CLI
	// leaves it. Otherwise it is empty.
	EmptyProfileFile string

	Region   string // one, or several separated by commas; see Regions
	Endpoint string
	Output   string
	Lang     string // en, zh or ja; empty for that of the locale

	NoColor bool
	Quiet   bool
	Verbose bool

	RunBatch      int
	InvokeBatch   int
	PageSize      int
	Concurrency   int     // 0 is auto; see MaxCalls
	RatePerSecond float64 // 0 is no limit
	KeepDays      int     // 0 keeps them forever

	ConnectTimeout time.Duration
	ReadTimeout    time.Duration

	// Files are the displayed paths of the settings files that were read, a project's first.
	Files []string
	// Project reports whether the first of Files is a project's.
	Project bool
	// Defaults are the files' defaults for flags of commands, each flag of a command once.
	Defaults []Default
	// Groups are the named sets of instances, each name once. A project's takes precedence over the user's own.
	Groups []Group

	// Warnings are messages to the user about likely mistakes.
	Warnings []string
	// Problems are the values and files that cannot be used, in the order in which they were read.
	Problems []Problem

	origins map[string]string
}

// maxAutoCalls is the limit of the concurrency auto. The transport keeps this many connections.
const maxAutoCalls = 64

// MaxCalls returns the maximum number of concurrent calls of one API action.
func (c *Config) MaxCalls() int { return cmp.Or(c.Concurrency, maxAutoCalls) }

// Setting is one resolved value and its origin: "flag --region", "env MUSTER_REGION", "file ~/.config/muster/config.yaml",
// "profile prod (~/.aliyun/config.json)" or "default".
type Setting struct {
	Key    string
	Value  string
	Origin string
}

// OriginDefault is the origin of a value that no source sets.
const OriginDefault = "default"

// Load resolves all settings. It never fails: see Config.Problems.
func Load(opts Options) *Config {
	o := opts.withDefaults()
	c := &Config{origins: map[string]string{}}
	fields := c.fields(o.Outputs)
	l := newLayers(fields, o.Flags)

	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	files := c.readFiles(o, names)
	for _, d := range slices.Backward(files) {
		if e, ok := d.values[keyProfile]; ok {
			l.merge(map[string]entry{keyProfile: e})
		}
	}
	known := c.useProfile(l, o)
	c.warnOfProfiles(files, known)
	profile := l.entry(keyProfile).text
	for _, d := range slices.Backward(files) {
		for _, values := range []map[string]entry{d.values, d.profiles[profile]} {
			if profile == LabProfile {
				values = withoutCloud(values)
			}
			l.merge(values)
		}
	}
	for _, f := range fields {
		c.set(f, l)
	}
	return c
}

// withoutCloud returns a copy of values without the region and the endpoint. They are about the cloud, and must not send a
// lab's scripts there.
func withoutCloud(values map[string]entry) map[string]entry {
	values = maps.Clone(values)
	delete(values, keyRegion)
	delete(values, keyEndpoint)
	return values
}

// set sets a field to the value of the highest source, or to its default if that value cannot be used.
func (c *Config) set(f field, l *layers) {
	e := l.entry(f.Name)
	c.origins[f.Name] = e.origin
	err := f.value.set(e.text)
	if err == nil {
		return
	}
	kind := BadSetting
	if e.origin == flagOrigin(f.Name) {
		kind = BadFlag
	}
	c.problem(kind, &Error{Key: f.Name, Value: e.text, Origin: e.place, Reason: err.Error()}, e)
	_ = f.value.set(f.Default)
	c.origins[f.Name] = OriginDefault
}

// readFiles reads the settings files and returns them in order of precedence: a project's before the user's own.
func (c *Config) readFiles(o Options, names []string) []*settingsFile {
	files := []*settingsFile{readProjectFile(o, names), readUserFile(o, names)}
	for _, d := range files {
		if d.found {
			c.Files, c.Project = append(c.Files, d.displayPath), c.Project || d.project
		}
		c.Warnings = append(c.Warnings, d.warnings...)
		c.Problems = append(c.Problems, d.problems...)
		for _, group := range d.groups {
			if !slices.ContainsFunc(c.Groups, func(other Group) bool { return other.Name == group.Name }) {
				group.Dir = d.dir
				c.Groups = append(c.Groups, group)
			}
		}
		for _, given := range d.defaults {
			if !slices.ContainsFunc(c.Defaults, func(other Default) bool { return other.Command == given.Command && other.Flag == given.Flag }) {
				c.Defaults = append(c.Defaults, given)
			}
		}
	}
	return files
}

// warnOfProfiles warns of blocks for profiles that do not exist.
func (c *Config) warnOfProfiles(files []*settingsFile, known []string) {
	for _, d := range files {
		for _, name := range d.order {
			if !slices.Contains(known, name) {
				c.Warnings = append(c.Warnings, fmt.Sprintf("%s:%d: there is no profile %q%s", d.displayPath, d.lines[name], name, DidYouMean(name, known)))
			}
		}
	}
}

// withScheme returns an endpoint of the environment with the scheme that ALIBABA_CLOUD_ENDPOINT_URL has for it. A URL of another
// endpoint has no effect: one that was forgotten must not make muster call the service without TLS.
func withScheme(endpoint string) string {
	_, link := cloudEnv("ENDPOINT_URL")
	if scheme, rest, ok := strings.Cut(link, "://"); ok && (scheme == "http" || scheme == "https") && rest == endpoint {
		return link
	}
	return endpoint
}

// useProfile chooses the profile, and adds its values and those of the aliyun CLI's variables to l as defaults. It returns
// the names of all profiles.
func (c *Config) useProfile(l *layers, o Options) []string {
	if name, value := cloudEnv(ignoreProfile); value != "" && value != "TRUE" {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%s=%s has no effect: only TRUE has, as in the aliyun CLI", name, value))
	}
	s := readCLIConfig(o)
	if os.Getenv(cliConfigEnv) != "" && s.path == "" && s.absent != "" && !s.ignored {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%s: %s", cliConfigEnv, s.absent))
	}
	current := "current of " + s.displayPath
	if s.current != "" {
		l.setDefault(keyProfile, s.current, current)
	}
	named, value := cloudEnv("PROFILE")
	if value != "" && !s.ignored {
		l.setDefault(keyProfile, value, "env "+named)
	}
	chosen := l.entry(keyProfile)
	name := chosen.text
	c.ProfileChosen = name != "" && chosen.origin != current
	if s.empty {
		c.EmptyProfileFile = s.displayPath
	}

	if name == LabProfile {
		if _, hidden := s.find(name); hidden {
			c.Warnings = append(c.Warnings, fmt.Sprintf("profile %s is the lab on this machine, not the profile of that name in %s", name, s.displayPath))
		}
		for _, key := range []string{keyRegion, keyEndpoint} {
			l.setDefault(key, "", "profile "+name)
		}
		return s.names()
	}

	if name, value := cloudEnv("REGION_ID"); value != "" {
		l.setDefault(keyRegion, value, "env "+name)
	}
	if name, value := cloudEnv("ENDPOINT"); value != "" {
		l.setDefault(keyEndpoint, withScheme(value), "env "+name)
	}
	switch p, found := s.find(name); {
	case name == "" && chosen.origin != OriginDefault: // the user asked for no profile
	case s.broken != nil:
		c.Problems = append(c.Problems, fileProblem(BadProfile, s.broken))
	case name == "" && s.noCurrent != nil:
		c.problem(BadProfile, s.noCurrent, entry{path: s.displayPath, line: s.currentLine})
	case name == "":
	case found:
		c.ProfileFile = s.path
		origin := fmt.Sprintf("profile %s (%s)", name, s.displayPath)
		if p.RegionID != "" {
			l.setDefault(keyRegion, p.RegionID, origin)
		}
		if p.Endpoint != "" {
			l.setDefault(keyEndpoint, p.Endpoint, origin)
		}
	case chosen.origin == "env "+named:
		c.ProfileNotFound = s.unknown(name, chosen.origin)
		return append(s.names(), name)
	default:
		c.problem(BadProfile, s.unknown(name, chosen.place), chosen)
	}
	return s.names()
}

// Lab reports whether the profile is the lab on this machine.
func (c *Config) Lab() bool { return c.Profile == LabProfile }

// Regions returns the regions in Region without duplicates, or none if Region is empty.
func (c *Config) Regions() []string {
	var regions []string
	for region := range strings.SplitSeq(c.Region, ",") {
		if region != "" && !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	return regions
}

// Origin returns where the value of key came from. See [Setting].
func (c *Config) Origin(key string) string { return c.origins[key] }

// Settings returns the current values of c in the order of [Keys].
func (c *Config) Settings() []Setting {
	fields := c.fields(nil)
	settings := make([]Setting, len(fields))
	for i, f := range fields {
		settings[i] = Setting{Key: f.Name, Value: f.value.text(), Origin: c.origins[f.Name]}
	}
	return settings
}
