package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/lab"
)

// refuseConflicts refuses flags that were typed and would have no effect beside one another. A flag wins over the
// environment and the settings, so those contradict nothing.
func refuseConflicts(st *settings, cmd *cobra.Command) error {
	typed := func(name string) bool {
		f := st.flags.Lookup(name)
		return f != nil && f.Changed && !st.fromSettings[name]
	}
	value := func(name string) string { return st.flags.Lookup(name).Value.String() }
	labProfile := slices.ContainsFunc(st.configs(), (*config.Config).Lab)
	switch {
	case typed("lab") && typed("profile") && labProfile:
		return usagef("--lab and --profile %s are two labs: leave out --lab for the one that muster lab serves, or --profile for one that ends with the command", value("profile"))
	case typed("lab") && typed("profile") && value("profile") != "":
		return usagef("--lab is a lab on this machine, and --profile %s is not: leave one of them out", value("profile"))
	case typed("lab") && typed("endpoint"):
		return usagef("--lab makes a lab with an endpoint of its own: leave out --lab or --endpoint")
	case typed("endpoint") && strings.HasPrefix(pathOf(cmd)+" ", "lab "):
		return usagef("%s is about the lab on this machine, whose endpoint is its own: leave --endpoint out", cmd.CommandPath())
	case typed("endpoint") && labProfile:
		return usagef("the lab has an endpoint of its own: leave out --endpoint, or the profile lab (%s)", st.config.Origin("profile"))
	case typed("cached") && value("cached") == "true" && typed("no-check") && value("no-check") == "true":
		return usagef("--no-check looks up no instances, and --cached is about how: leave one of them out")
	case typed("cached") && value("cached") == "true" && typed("lab"):
		return usagef("--lab makes a lab that ends with the command, and nobody needs the list of its instances again: leave --cached out")
	case typed("region") && typed("all-regions") && value("all-regions") == "true":
		return usagef("--region and --all-regions exclude each other: leave one of them out")
	case typed("no-output") && value("no-output") == "true":
		for _, name := range []string{"follow", "output-dir", "diff", "diff-run"} {
			if typed(name) {
				return usagef("--no-output asks for no outputs, and --%s is about them: leave one of them out", name)
			}
		}
	case typed("endpoint"):
		return refuseEndpointOfOneRegion(st, value("endpoint"))
	}
	return nil
}

// refuseEndpointOfOneRegion refuses a region's own endpoint where several regions were asked for.
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
	return usagef("--endpoint %s is that of %s alone, and not of %s: leave it out, and each region has its own, or ask for one region", text, lab.Regions()[owner], asked[other])
}
