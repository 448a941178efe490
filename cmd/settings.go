package cmd

import (
	"errors"
	"fmt"
	"slices"

	"muster/pkg/config"
	"muster/pkg/lab"
)

// examinesSettings marks a command that finds out what is wrong with the settings, or repairs them, as an annotation: its
// calls go out although settings are broken. The value says where it reports what is broken.
const (
	examinesSettings = "examines settings"
	inDocument       = "in its document"
	onStderr         = "on stderr"
)

// problems are those of the settings of all profiles, each once.
func (a *app) problems() []config.Problem {
	var all []config.Problem
	for _, c := range a.configs() {
		for _, p := range c.Problems {
			if !slices.ContainsFunc(all, func(other config.Problem) bool { return other.Err.Error() == p.Err.Error() }) {
				all = append(all, p)
			}
		}
	}
	return all
}

// refuseFlags returns the error of a flag whose value cannot be used. No command ignores one.
func (a *app) refuseFlags() error {
	for _, p := range a.problems() {
		if p.Kind == config.BadFlag {
			return p.Err
		}
	}
	return nil
}

// mayCall returns the first problem that keeps a command from calling a region. Nothing keeps it from calling a lab.
func (a *app) mayCall(c *config.Config, region string) error {
	if a.labSize > 0 || c.Lab() {
		return nil
	}
	for _, p := range c.Problems {
		if a.matters(c, region, p) && (p.Kind == config.BadProfile || a.examines == "") {
			return p.Err
		}
	}
	return nil
}

// matters reports whether calls need what a problem affects. Calls to the cloud need no profile that nobody asked for where the
// environment has the keys and the region is known, and calls to a lab need no profile at all.
func (a *app) matters(c *config.Config, region string, p config.Problem) bool {
	switch {
	case p.Kind != config.BadProfile:
		return true
	case a.labSize > 0 || c.Lab():
		return false
	}
	return c.ProfileChosen && !fromCloudVariable(c) || region == "" || !a.keysInEnvironment()
}

// keysInEnvironment reports whether the environment has keys, which rank above the profiles.
func (a *app) keysInEnvironment() bool {
	set := func(suffix string) bool {
		return slices.ContainsFunc([]string{"ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"}, func(prefix string) bool { return a.getenv(prefix+suffix) != "" })
	}
	return set("ACCESS_KEY_ID") && set("ACCESS_KEY_SECRET")
}

// warnOfProblems warns once of the problems that a command goes on despite, or that it did not fail for. It is called as soon
// as that is known: before the first call, before the first document, and at the end.
func (a *app) warnOfProblems(failed error) {
	if a.config == nil || a.warned || a.config.Quiet || a.examines == inDocument {
		return
	}
	a.warned = true
	for _, p := range a.problems() {
		if !errors.Is(failed, p.Err) {
			a.note("warning: %s", a.explain(p.Err))
		}
	}
}

// warnOfEmptyProfiles warns of a config.json without anything in it, where a profile would have had what is missing.
func (a *app) warnOfEmptyProfiles(c *config.Config) {
	if c.EmptyProfileFile != "" && !a.config.Quiet {
		a.note("warning: %s is empty: it has no profiles", c.EmptyProfileFile)
	}
}

// problemRemedy says what to do about a problem.
func (a *app) problemRemedy(p config.Problem) string {
	var setting *config.Error
	switch {
	case p.Kind == config.BadProfile && p.Key != "":
		advice := "choose a profile by --profile, or add it by aliyun configure"
		if p.Line > 0 {
			advice = fmt.Sprintf("choose a profile by --profile, or correct %s:%d", p.Path, p.Line)
		}
		if known := a.remedy(p.Err); known != "" {
			advice += "; " + known
		}
		return advice
	case p.Line > 0:
		return fmt.Sprintf("correct %s:%d", p.Path, p.Line)
	case p.Path != "":
		return "make " + p.Path + " a file that you can read, or remove it"
	case errors.As(p.Err, &setting):
		return "correct or unset what " + setting.Origin + " says"
	}
	return ""
}

// regions are all those that were asked for.
func (a *app) regions() []string {
	var all []string
	for _, c := range a.configs() {
		for _, region := range c.Regions() {
			if !slices.Contains(all, region) {
				all = append(all, region)
			}
		}
	}
	if every := a.flags.Lookup("all-regions"); every != nil && every.Value.String() == "true" {
		return lab.Regions()
	}
	return all
}
