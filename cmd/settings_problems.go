package cmd

import (
	"slices"

	"muster/pkg/config"
)

// problems returns the problems in the settings of all profiles, each once.
func (st *settings) problems() []config.Problem {
	var all []config.Problem
	for _, c := range st.configs() {
		for _, p := range c.Problems {
			if !slices.ContainsFunc(all, func(other config.Problem) bool { return other.Err.Error() == p.Err.Error() }) {
				all = append(all, p)
			}
		}
	}
	return all
}

// refuseBadFlags returns the error of an invalid flag value. Every command fails for those.
func (st *settings) refuseBadFlags() error {
	for _, p := range st.problems() {
		if p.Kind == config.BadFlag {
			return p.Err
		}
	}
	return nil
}

// checkCallable returns the first problem that prevents calls to a region. Nothing prevents calls to a lab.
func (st *settings) checkCallable(c *config.Config, region string) error {
	if st.lab.size > 0 || c.Lab() {
		return nil
	}
	for _, p := range c.Problems {
		if st.affectsCalls(c, region, p) && (p.Kind == config.BadProfile || st.examines == "") {
			return p.Err
		}
	}
	return nil
}

// affectsCalls reports whether calls need what a problem affects. A broken profile that was not chosen does not matter if the
// environment has the keys and the region is known. Calls to a lab need no profile.
func (st *settings) affectsCalls(c *config.Config, region string, p config.Problem) bool {
	switch {
	case p.Kind != config.BadProfile:
		return true
	case st.lab.size > 0 || c.Lab():
		return false
	}
	return c.ProfileChosen && !fromCloudVariable(c) || region == "" || !st.keysInEnvironment()
}

// keysInEnvironment reports whether the environment has keys, which rank above profiles.
func (st *settings) keysInEnvironment() bool {
	set := func(suffix string) bool {
		return slices.ContainsFunc([]string{"ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"}, func(prefix string) bool { return st.getenv(prefix+suffix) != "" })
	}
	return set("ACCESS_KEY_ID") && set("ACCESS_KEY_SECRET")
}
