package render

import (
	"cmp"
	"io"
	"iter"
	"slices"
	"strings"

	"muster/pkg/fleet"
	"muster/pkg/target"
)

// Instances is a list of instances, with the state of their agents.
type Instances struct {
	Instances []*target.Record

	regions, profiles int
}

// NewInstances returns the document of a list.
func NewInstances(list []*target.Record) *Instances {
	var regions, profiles []string
	for _, instance := range list {
		regions, profiles = appendNew(regions, instance.RegionId), appendNew(profiles, instance.Profile)
	}
	return &Instances{Instances: notNil(list), regions: len(regions), profiles: len(profiles)}
}

// Records returns the instances.
func (d *Instances) Records() iter.Seq2[any, error] { return Records(d.Instances) }

// Record returns an instance without values.
func (d *Instances) Record() any { return target.Record{} }

// WriteTable writes a row for each instance in a wide table and if they fit on the screen, and otherwise a row for all that are
// alike.
func (d *Instances) WriteTable(w io.Writer, style Style) error {
	if groups, titles, folded := d.fold(style); folded {
		return d.writeFolded(w, style, groups, titles)
	}
	header := []string{"INSTANCE", "NAME", "STATUS", "AGENT", "OS", "ZONE", "ADDRESS", "TAGS"}
	if style.wide {
		header = append(header, "PUBLIC ADDRESS", "HOST", "TYPE", "OS NAME", "AGENT VERSION", "LAST SEEN", "CREATED")
	}
	const after = 2 // the id and the name
	regions, profiles := d.regions > 1, d.profiles > 1
	header = slices.Insert(header, after, placeTitles(regions, profiles)...)
	rows := make([][]string, 0, len(d.Instances))
	for _, i := range d.Instances {
		cells := []string{
			i.InstanceId, cell(i.InstanceName), instanceStatus(style, i), agentCell(style, i), cell(i.OSType), cell(i.ZoneId),
			cell(strings.Join(i.PrivateIpAddress, ",")), cell(tagsCell(i)),
		}
		if style.wide {
			cells = append(cells, cell(strings.Join(i.PublicIpAddress, ",")), cell(i.HostName), cell(i.InstanceType), cell(i.OSName),
				cell(i.CloudAssistantVersion), cell(i.LastHeartbeatTime), cell(cmp.Or(i.CreationTime, i.RegistrationTime)))
		}
		rows = append(rows, slices.Insert(cells, after, placeCells(fleet.Site{RegionId: i.RegionId, Profile: i.Profile}, regions, profiles)...))
	}
	fit := narrowing{drop: []string{"TAGS", "ADDRESS", "ZONE", "PROFILE", "OS"}, cut: []string{"TAGS", "ADDRESS", "PROFILE", "NAME"}}
	return writeTable(w, style, fit, header, slices.Values(rows))
}

func agentCell(style Style, i *target.Record) string {
	switch {
	case i.CloudAssistantVersion == "":
		return style.Paint.Bad("none")
	case i.CloudAssistantStatus == "true":
		return cell(i.CloudAssistantVersion)
	}
	return style.Paint.Bad("offline")
}

// InstanceNames returns the shown name of each instance of the list.
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
