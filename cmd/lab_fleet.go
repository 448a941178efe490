package cmd

import (
	"context"
	"fmt"
	"strings"

	"muster/pkg/config"
	"muster/pkg/lab"
)

// throwawayFleet returns the instances of a throwaway lab in a region. Ids are unique across regions, like the service's: in all
// regions but the first they include the region.
func (st *settings) throwawayFleet(region string) []lab.Instance {
	first := append(st.config.Regions(), labRegion)[0]
	instances := st.lab.instances(st.lab.size, region, region == first)
	for i := range instances {
		instances[i].RegionId = "" // the one of the lab, which may be another than was asked for
	}
	return instances
}

// instances returns n uniform instances of a region.
func (f *labFlags) instances(n int, region string, first bool) []lab.Instance {
	instances := lab.NumberedInstances(n)
	if !first {
		instances = lab.NumberedInstancesIn(region, n)
	}
	if f.simulation != nil {
		lab.Simulate(instances, f.simulation)
	}
	return instances
}

// fleet returns the options of a lab: a number of instances, or a fleet file.
func (o *labOptions) fleet(ctx context.Context, rd *reader) (lab.Options, error) {
	region, typed := rd.config.Region, strings.HasPrefix(rd.config.Origin("region"), "flag ")
	if region != "" && !lab.KnownRegion(region) {
		return lab.Options{}, usagef("region %q: the service has no such region%s", region, config.DidYouMean(region, lab.Regions()))
	}
	if err := o.checkRegions(region, typed); err != nil {
		return lab.Options{}, err
	}
	if o.fleetFile == "" {
		kept := lab.LeaveKept
		if rd.flags.Changed("instances") {
			kept = lab.AddToKept
		}
		options := lab.Options{RegionIfNew: region, Regions: o.regions, Kept: kept, Faults: rd.lab.faults}
		options.InstancesOf = func(region string, first bool) []lab.Instance {
			return rd.lab.instances(int(o.instances), region, first)
		}
		if typed {
			options.Region = region
		}
		return options, nil
	}
	if rd.lab.simulation != nil {
		return lab.Options{}, usagef("--simulate and --fleet exclude each other: in the file, a group says simulate: %s", rd.lab.simulationText)
	}
	if rd.flags.Changed("instances") {
		return lab.Options{}, usagef("--instances and --fleet exclude each other: the file says how many instances there are")
	}
	if len(o.regions) > 0 {
		return lab.Options{}, usagef("--regions and --fleet exclude each other: in the file, a group says region: %s", o.regions[0])
	}
	file, err := rd.openInput(ctx, o.fleetFile)
	if err != nil {
		return lab.Options{}, fmt.Errorf("--fleet: %w", err)
	}
	defer func() { _ = file.Close() }()
	read, err := lab.ReadFleet(file, o.fleetFile, region)
	if err != nil {
		return lab.Options{}, usagef("--fleet: %w", err)
	}
	if region != read.Region && typed {
		return lab.Options{}, usagef("--region is %s, and %s is for %s", region, o.fleetFile, read.Region)
	}
	return lab.Options{Region: read.Region, Regions: read.Regions, Instances: read.Instances, Kept: lab.RefuseKept, Faults: append(read.Faults, rd.lab.faults...), Preset: read.Preset}, nil
}
