package config

import (
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
	Concurrency   int
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

	origins map[string]string
}

// Setting is one resolved value and its source, such as "flag --region", "env MUSTER_REGION",
// "file ~/.config/muster/config.yaml", "profile prod (~/.aliyun/config.json)" or "default".
type Setting struct {
	Key    string
	Value  string
	Origin string
}

// OriginDefault is the origin of a value that nobody set.
const OriginDefault = "default"

// Load resolves all settings. A value that cannot be used is an *Error, a file that cannot be read a *FileError.
func Load(opts Options) (*Config, error) {
	o := opts.withDefaults()
	c := &Config{origins: map[string]string{}}
	fields := c.fields(o.Outputs)
	l := newLayers()

	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	files, err := c.readFiles(o, names)
	if err != nil {
		return nil, err
	}
	for _, d := range files {
		if e, ok := d.values[keyProfile]; ok {
			if err := l.file(keyProfile, e); err != nil {
				return nil, err
			}
		}
	}
	for _, f := range fields {
		l.fallback(f.Name, f.Default, OriginDefault)
		if text := o.Getenv(f.Env()); text != "" {
			l.override(f.Name, text, "env "+f.Env())
		}
		if text, ok := o.Flags[f.Name]; ok {
			l.override(f.Name, text, "flag --"+f.Name)
		}
	}
	known, err := c.useProfile(l, o)
	if err != nil {
		return nil, err
	}
	c.warnOfProfiles(files, known)
	for _, d := range files {
		for _, values := range []map[string]entry{d.profiles[l.text(keyProfile)], d.values} {
			for name, e := range values {
				if err := l.file(name, e); err != nil {
					return nil, err
				}
			}
		}
	}

	for _, f := range fields {
		text, origin := l.text(f.Name), l.origin(f.Name)
		if err := f.value.set(text); err != nil {
			return nil, &Error{Key: f.Name, Value: text, Origin: l.place(f.Name), Reason: err.Error()}
		}
		c.origins[f.Name] = origin
	}
	return c, nil
}

// readFiles reads the settings files, a project's first, for it outranks the user's own.
func (c *Config) readFiles(o Options, names []string) ([]*document, error) {
	project, err := readProject(o, names)
	if err != nil {
		return nil, err
	}
	own, err := readFile(o, names)
	if err != nil {
		return nil, err
	}
	files := []*document{project, own}
	for _, d := range files {
		if d.found {
			c.Files, c.Project = append(c.Files, d.shown), c.Project || d.project
		}
		c.Warnings = append(c.Warnings, d.warnings...)
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
	return files, nil
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

// useProfile settles which profile is meant and adds to l what it and the aliyun CLI's variables say. It gives the
// names of all profiles.
func (c *Config) useProfile(l *layers, o Options) ([]string, error) {
	if name, value := o.cloudEnv(ignoreProfile); value != "" && value != "TRUE" {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%s=%s has no effect: only TRUE has, as in the aliyun CLI", name, value))
	}
	s, err := readStore(o)
	if err != nil {
		if l.text(keyProfile) != LabProfile {
			return nil, err
		}
		s = &store{ignored: true}
	}
	if o.Getenv(storeEnv) != "" && s.path == "" && !s.ignored {
		c.Warnings = append(c.Warnings, fmt.Sprintf("%s: %s", storeEnv, s.absent))
	}
	current := "current of " + s.shown
	if s.current != "" {
		l.fallback(keyProfile, s.current, current)
	}
	if name, value := o.cloudEnv("PROFILE"); value != "" && !s.ignored {
		l.fallback(keyProfile, value, "env "+name)
	}
	name := l.text(keyProfile)
	c.ProfileChosen = name != "" && l.origin(keyProfile) != current

	if name == LabProfile {
		if _, hidden := s.find(name); hidden {
			c.Warnings = append(c.Warnings, fmt.Sprintf("profile %s is the lab on this machine, not the profile of that name in %s", name, s.shown))
		}
		for _, key := range []string{keyRegion, keyEndpoint} {
			if !l.overridden(key) {
				l.override(key, "", "profile "+name)
			}
		}
		return s.names(), nil
	}

	if name, value := o.cloudEnv("REGION_ID"); value != "" {
		l.fallback(keyRegion, value, "env "+name)
	}
	if name, value := o.cloudEnv("ENDPOINT"); value != "" {
		l.fallback(keyEndpoint, value, "env "+name)
	}
	if name == "" {
		return s.names(), nil
	}
	p, ok := s.find(name)
	if !ok {
		return nil, s.unknown(name, l.place(keyProfile))
	}
	c.ProfileFile = s.path
	origin := fmt.Sprintf("profile %s (%s)", name, s.shown)
	if p.RegionID != "" {
		l.fallback(keyRegion, p.RegionID, origin)
	}
	if p.Endpoint != "" {
		l.fallback(keyEndpoint, p.Endpoint, origin)
	}
	return s.names(), nil
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
