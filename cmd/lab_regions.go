package cmd

import (
	"slices"

	"github.com/spf13/pflag"

	"muster/pkg/config"
	"muster/pkg/lab"
)

// labRegions are the regions that a lab serves; empty for those that it has served before, or only one.
type labRegions []string

func (r *labRegions) add(flags *pflag.FlagSet) {
	flags.Var((*listFlag)(r), "regions", "`REGION`: serve these regions, separated by commas, with --instances in each of them; the first one is the default (default: those of the data directory, or only --region)")
}

// checkRegions returns an error if the lab cannot serve the regions of --regions. region is the one of the settings, which must be the
// first of them if it was typed.
func (o *labOptions) checkRegions(region string, typed bool) error {
	for i, one := range o.regions {
		switch {
		case !lab.KnownRegion(one):
			return usagef("--regions %s: the service has no such region%s", one, config.DidYouMean(one, lab.Regions()))
		case slices.Contains(o.regions[:i], one):
			return usagef("--regions: %s is given twice", one)
		}
	}
	switch n := len(o.regions) * int(o.instances); {
	case n > maxLabSize:
		return usagef("--regions and --instances: %d instances in each of %d regions: at most %d in all", int(o.instances), len(o.regions), maxLabSize)
	case n > 0 && typed && region != o.regions[0]:
		return usagef("--regions begins with %s, and --region is %s: leave out --region", o.regions[0], region)
	}
	return nil
}
