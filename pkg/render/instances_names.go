package render

import "muster/pkg/fleet"

// InstanceNames returns what each instance of the list is shown as.
func (d *Instances) InstanceNames() []string {
	all := fleet.NewNames(len(d.Instances), func(i int) fleet.Named {
		n := d.Instances[i]
		return fleet.Named{Site: fleet.Site{Profile: n.Profile, RegionId: n.RegionId}, InstanceId: n.InstanceId, InstanceName: n.InstanceName}
	})
	names := make([]string, len(d.Instances))
	for i := range d.Instances {
		names[i] = all.Of(d.Instances[i].InstanceName, d.Instances[i].InstanceId)
	}
	return names
}
