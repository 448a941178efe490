package cmd

import (
	"context"
	"fmt"
	"strings"

	"muster/pkg/config"
	"muster/pkg/lab"
)

// throwawayFleet is the fleet of a region of a throwaway lab. Ids are unique across regions, as the service's are: those of a
// further region have its name in them.
func (a *app) throwawayFleet(region string) []lab.Instance {
	instances := a.labFleet(a.labSize)
	if first := append(a.config.Regions(), labRegion)[0]; region != first {
		for i := range instances {
			instances[i].InstanceId = strings.Replace(instances[i].InstanceId, "i-lab", "i-"+region+"-", 1)
		}
	}
	return instances
}

// labFleet makes instances that are alike.
func (a *app) labFleet(n int) []lab.Instance {
	instances := lab.Fleet(n)
	if a.simulation != nil {
		lab.Simulate(instances, a.simulation)
	}
	return instances
}

// fleet gives what a lab is to be made of: so many instances, or what a file says.
func (o *labOptions) fleet(ctx context.Context, a *app) (lab.Options, error) {
	region, told := a.config.Region, strings.HasPrefix(a.config.Origin("region"), "flag ")
	if region != "" && !lab.KnownRegion(region) {
		return lab.Options{}, usagef("region %q: the service has no such region%s", region, config.DidYouMean(region, lab.Regions()))
	}
	if o.fleetFile == "" {
		kept := lab.LeaveKept
		if a.flags.Changed("instances") {
			kept = lab.AddToKept
		}
		options := lab.Options{RegionIfNew: region, Instances: a.labFleet(int(o.instances)), Kept: kept, Faults: a.faults}
		if told {
			options.Region = region
		}
		return options, nil
	}
	if a.simulation != nil {
		return lab.Options{}, usagef("--simulate and --fleet exclude each other: in the file, a group says simulate: %s", a.simulationText)
	}
	if a.flags.Changed("instances") {
		return lab.Options{}, usagef("--instances and --fleet exclude each other: the file says how many instances there are")
	}
	file, err := a.input(ctx, o.fleetFile)
	if err != nil {
		return lab.Options{}, fmt.Errorf("--fleet: %w", err)
	}
	defer func() { _ = file.Close() }()
	read, err := lab.ReadFleet(file, o.fleetFile, region)
	if err != nil {
		return lab.Options{}, usagef("--fleet: %w", err)
	}
	if region != read.Region && told {
		return lab.Options{}, usagef("--region is %s, and %s is for %s", region, o.fleetFile, read.Region)
	}
	return lab.Options{Region: read.Region, Instances: read.Instances, Kept: lab.RefuseKept, Faults: append(read.Faults, a.faults...)}, nil
}
