package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Config is what all sources together say.
type Config struct {
	// Profile is empty if none was chosen and the aliyun CLI has no current one: credentials then come from the
	// environment.
	Profile string
	// ProfileChosen tells that somebody asked for Profile by name, and that it is not just the aliyun CLI's current one.
	ProfileChosen bool
	// ProfileFile is the file that has Profile; empty for no profile and for the lab.
	ProfileFile string
	// ProfileNotFound is why config.json does not have Profile, where ALIBABA_CLOUD_PROFILE names it: it may be a section of
	// ~/.alibabacloud/credentials, which this package does not read. It is nil for any other profile.
	ProfileNotFound *Error
	// EmptyProfileFile is config.json as people see it, where it has nothing in it; empty otherwise. The first start of the
	// aliyun CLI leaves such a file.
	EmptyProfileFile string

	Region   string // one, or several with commas between them: see Regions
	Endpoint string
	Output   string
	Lang     string // en, zh or ja; empty for the locale's

	NoColor bool
	Quiet   bool
	Verbose bool

	RunBatch      int
	InvokeBatch   int
	PageSize      int
	Concurrency   int     // 0 is auto: see MostCalls
	RatePerSecond float64 // 0 is no limit
	KeepDays      int     // 0 is for ever

	ConnectTimeout time.Duration
	ReadTimeout    time.Duration

	// Files are the settings files that were read, as people see them: a project's first.
	Files []string
	// Project tells that the first of Files is a project's.
	Project bool
	// Defaults are what the files say of commands' flags, each flag of a command once.
	Defaults []Default
	// Groups are the named sets of instances, each name once: a project's outranks the user's own.
	Groups []Group

	// Warnings are for the user's eyes: what was found and cannot be meant.
	Warnings []string
	// Problems are what was found and cannot be used, in the order in which it was read.
	Problems []Problem

	origins map[string]string
}

// mostCalls is as many as auto goes up to. All of them together are what the transport keeps connections for.
const mostCalls = 64

// MostCalls returns how many calls of one API action may be made at the same time.
func (c *Config) MostCalls() int { return cmp.Or(c.Concurrency, mostCalls) }

// Setting is one resolved value and its source, such as "flag --region", "env MUSTER_REGION",
// "file ~/.config/muster/config.yaml", "profile prod (~/.aliyun/config.json)" or "default".
type Setting struct {
	Key    string
	Value  string
	Origin string
}

// OriginDefault is the origin of a value that nobody set.
const OriginDefault = "default"

// Load resolves all settings. What cannot be used is among the Problems.
func Load(opts Options) *Config {
	o := opts.withDefaults()
	c := &Config{origins: map[string]string{}}
	fields := c.fields(o.Outputs)
	l := newLayers()

	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	files := c.readFiles(o, names)
	for _, d := range files {
		if e, ok := d.values[keyProfile]; ok {
			l.file(keyProfile, e)
		}
	}
	for _, f := range fields {
		l.fallback(f.Name, f.Default, OriginDefault)
		if text := o.Getenv(f.Env()); text != "" {
			l.override(f.Name, text, "env "+f.Env())
		}
		if text, ok := o.Flags[f.Name]; ok {
			l.override(f.Name, text, flagOrigin(f.Name))
		}
	}
	known := c.useProfile(l, o)
	c.warnOfProfiles(files, known)
	for _, d := range files {
		for _, values := range []map[string]entry{d.profiles[l.text(keyProfile)], d.values} {
			for name, e := range values {
				l.file(name, e)
			}
		}
	}
	for _, f := range fields {
		c.set(f, l)
	}
	return c
}

func flagOrigin(name string) string { return "flag --" + name }

// set sets a field to what the highest layer has, or to its default where that cannot be used.
func (c *Config) set(f field, l *layers) {
	text := l.text(f.Name)
	c.origins[f.Name] = l.origin(f.Name)
	err := f.value.set(text)
	if err == nil {
		return
	}
	e := l.place(f.Name)
	kind := BadSetting
	if e.origin == flagOrigin(f.Name) {
		kind = BadFlag
	}
	c.problem(kind, &Error{Key: f.Name, Value: text, Origin: e.place, Reason: err.Error()}, e)
	_ = f.value.set(f.Default)
	c.origins[f.Name] = OriginDefault
}

// readFiles reads the settings files, a project's first, for it outranks the user's own.
func (c *Config) readFiles(o Options, names []string) []*document {
	files := []*document{readProject(o, names), readFile(o, names)}
	for _, d := range files {
		if d.found {
			c.Files, c.Project = append(c.Files, d.shown), c.Project || d.project
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

// warnOfProfiles warns of what the files have for profiles that are not there.
func (c *Config) warnOfProfiles(files []*document, known []string) {
	for _, d := range files {
		for _, name := range d.order {
			if !slices.Contains(known, name) {
				c.Warnings = append(c.Warnings, fmt.Sprintf("%s:%d: there is no profile %q%s", d.shown, d.lines[name], name, DidYouMean(name, known)))
			}
		}
	}
}

// useProfile settles which profile is meant and adds to l what it and the aliyun CLI's variables say. It returns the
// names of all profiles.
func (c *Config) useProfile(l *layers, o Options) []string {
	if name, value := o.cloudEnv(ignoreProfile); value != "" && value != "TRUE" {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%s=%s has no effect: only TRUE has, as in the aliyun CLI", name, value))
	}
	s := readStore(o)
	if o.Getenv(storeEnv) != "" && s.path == "" && s.absent != "" && !s.ignored {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%s: %s", storeEnv, s.absent))
	}
	current := "current of " + s.shown
	if s.current != "" {
		l.fallback(keyProfile, s.current, current)
	}
	named, value := o.cloudEnv("PROFILE")
	if value != "" && !s.ignored {
		l.fallback(keyProfile, value, "env "+named)
	}
	name := l.text(keyProfile)
	c.ProfileChosen = name != "" && l.origin(keyProfile) != current
	if s.empty {
		c.EmptyProfileFile = s.shown
	}

	if name == LabProfile {
		if _, hidden := s.find(name); hidden {
			c.Warnings = append(c.Warnings, fmt.Sprintf("profile %s is the lab on this machine, not the profile of that name in %s", name, s.shown))
		}
		for _, key := range []string{keyRegion, keyEndpoint} {
			if !l.overridden(key) {
				l.override(key, "", "profile "+name)
			}
		}
		return s.names()
	}

	if name, value := o.cloudEnv("REGION_ID"); value != "" {
		l.fallback(keyRegion, value, "env "+name)
	}
	if name, value := o.cloudEnv("ENDPOINT"); value != "" {
		l.fallback(keyEndpoint, value, "env "+name)
	}
	switch p, found := s.find(name); {
	case name == "" && l.origin(keyProfile) != OriginDefault: // on request
	case s.broken != nil:
		c.Problems = append(c.Problems, fileProblem(BadProfile, s.broken))
	case name == "" && s.gone != nil:
		c.problem(BadProfile, s.gone, entry{path: s.shown, line: s.currentLine})
	case name == "":
	case found:
		c.ProfileFile = s.path
		origin := fmt.Sprintf("profile %s (%s)", name, s.shown)
		if p.RegionID != "" {
			l.fallback(keyRegion, p.RegionID, origin)
		}
		if p.Endpoint != "" {
			l.fallback(keyEndpoint, p.Endpoint, origin)
		}
	case l.origin(keyProfile) == "env "+named:
		c.ProfileNotFound = s.unknown(name, l.origin(keyProfile))
		return append(s.names(), name)
	default:
		e := l.place(keyProfile)
		c.problem(BadProfile, s.unknown(name, e.place), e)
	}
	return s.names()
}

// Lab tells whether the lab on this machine is meant.
func (c *Config) Lab() bool { return c.Profile == LabProfile }

// Regions are those of Region, each once; none where none is chosen.
func (c *Config) Regions() []string {
	var regions []string
	for region := range strings.SplitSeq(c.Region, ",") {
		if region != "" && !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}
	return regions
}

// Origin tells where the value of key came from.
func (c *Config) Origin(key string) string { return c.origins[key] }

// Settings lists the values as they are in c now, in the order of Keys.
func (c *Config) Settings() []Setting {
	fields := c.fields(nil)
	settings := make([]Setting, len(fields))
	for i, f := range fields {
		settings[i] = Setting{Key: f.Name, Value: f.value.text(), Origin: c.origins[f.Name]}
	}
	return settings
}
