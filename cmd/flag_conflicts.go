package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/lab"
)

// refuseConflicts refuses typed flags that have no effect together. Values from the environment and the settings never conflict:
// typed flags override them.
func refuseConflicts(st *settings, cmd *cobra.Command) error {
	typed := func(name string) bool {
		f := st.flags.Lookup(name)
		return f != nil && f.Changed && !st.fromSettings[name]
	}
	value := func(name string) string { return st.flags.Lookup(name).Value.String() }
	labProfile := slices.ContainsFunc(st.configs(), (*config.Config).Lab)
	switch {
	case typed("lab") && typed("profile") && labProfile:
		return usagef("--lab and --profile %s are two labs: leave out --lab for the one that muster lab runs, or --profile for one that ends with the command", value("profile"))
	case typed("lab") && typed("profile") && value("profile") != "":
		return usagef("--lab is a lab on this machine, and --profile %s is not: leave one of them out", value("profile"))
	case typed("lab") && typed("endpoint"):
		return usagef("--lab starts a lab with its own endpoint: leave out --lab or --endpoint")
	case typed("endpoint") && strings.HasPrefix(pathOf(cmd)+" ", "lab "):
		return usagef("%s uses the lab on this machine, which has its own endpoint: leave out --endpoint; --data chooses one of several labs", cmd.CommandPath())
	case typed("endpoint") && labProfile && len(st.profiles) > 1:
		return usagef("--endpoint is for one of the profiles only: choose one profile, or leave it out")
	case typed("cached") && value("cached") == "true" && typed("no-check") && value("no-check") == "true":
		return usagef("--no-check looks up no instances, so that --cached has no effect: leave one of them out")
	case typed("cached") && value("cached") == "true" && typed("lab"):
		return usagef("--lab starts a lab that ends with the command, so that --cached has no effect: leave out --cached")
	case typed("region") && typed("all-regions") && value("all-regions") == "true":
		return usagef("--region and --all-regions exclude each other: leave one of them out")
	case typed("no-output") && value("no-output") == "true":
		for _, name := range []string{"follow", "output-dir", "diff", "diff-run"} {
			if typed(name) {
				return usagef("--no-output fetches no outputs, so that --%s has no effect: leave one of them out", name)
			}
		}
	case typed("endpoint"):
		return refuseEndpointOfOneRegion(st, value("endpoint"))
	}
	return nil
}

// refuseEndpointOfOneRegion refuses a region's own endpoint if several regions are selected.
func refuseEndpointOfOneRegion(st *settings, text string) error {
	endpoint, err := assist.ParseEndpoint(text)
	if err != nil {
		return &usageError{err}
	}
	isOwn := func(region string) bool {
		host, _, _ := strings.Cut(endpoint.Host, ":")
		return strings.Contains(host, region) && slices.Contains([]string{assist.RegionEndpoint(region).Host, "ecs." + region + ".aliyuncs.com", "ecs-vpc." + region + ".aliyuncs.com"}, host)
	}
	asked := st.regions()
	owner := slices.IndexFunc(lab.Regions(), isOwn)
	other := slices.IndexFunc(asked, func(region string) bool { return !isOwn(region) })
	if len(asked) < 2 || owner < 0 || other < 0 {
		return nil
	}
	return usagef("--endpoint %s is for %s only, not for %s: leave it out to use each region's own, or choose one region", text, lab.Regions()[owner], asked[other])
}
