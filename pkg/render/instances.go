package render

import (
	"io"
	"iter"
	"slices"
	"strings"

	"muster/pkg/assist"
)

// Instances is a list of machines, with what is known of their agents.
type Instances struct {
	Instances []Instance

	regions, profiles int
}

// InstanceList is what one region has, as the account of a profile sees it.
type InstanceList struct {
	Profile   string // empty where it does not matter
	Instances []assist.Instance
	Agents    map[string]assist.InstanceCloudAssistantStatus // by instance id
}

// Instance is one of them, with the service's own fields.
type Instance struct {
	InstanceId            string
	InstanceName          string
	HostName              string
	Status                string
	OSType                string
	OSName                string
	RegionId              string
	Profile               string `json:",omitempty"`
	ZoneId                string
	InstanceType          string
	PrivateIpAddress      []string
	PublicIpAddress       []string
	CreationTime          string
	Tags                  []assist.TagPair
	CloudAssistantStatus  string
	CloudAssistantVersion string
	LastHeartbeatTime     string
}

// NewInstances makes the document of instances, list after list.
func NewInstances(lists ...InstanceList) *Instances {
	document := &Instances{Instances: []Instance{}}
	var regions, profiles []string
	for _, list := range lists {
		profiles = appendNew(profiles, list.Profile)
		for i := range list.Instances {
			instance := newInstance(&list.Instances[i], list.Agents[list.Instances[i].InstanceId])
			instance.Profile = list.Profile
			regions = appendNew(regions, instance.RegionId)
			document.Instances = append(document.Instances, instance)
		}
	}
	document.regions, document.profiles = len(regions), len(profiles)
	return document
}

func newInstance(n *assist.Instance, agent assist.InstanceCloudAssistantStatus) Instance {
	private := notNil(n.VpcAttributes.PrivateIpAddress.IpAddress)
	if len(private) == 0 {
		private = notNil(n.InnerIpAddress.IpAddress)
	}
	public := notNil(n.PublicIpAddress.IpAddress)
	if n.EipAddress.IpAddress != "" {
		public = append(public, n.EipAddress.IpAddress)
	}
	return Instance{
		InstanceId: n.InstanceId, InstanceName: n.InstanceName, HostName: n.HostName, Status: n.Status, OSType: n.OSType,
		OSName: n.OSName, RegionId: n.RegionId, ZoneId: n.ZoneId, InstanceType: n.InstanceType,
		PrivateIpAddress: private, PublicIpAddress: public, CreationTime: n.CreationTime, Tags: notNil(n.Tags.Tag),
		CloudAssistantStatus: agent.CloudAssistantStatus, CloudAssistantVersion: agent.CloudAssistantVersion,
		LastHeartbeatTime: agent.LastHeartbeatTime,
	}
}

// Records are the instances.
func (d *Instances) Records() iter.Seq2[any, error] { return Records(d.Instances) }

// WriteTable writes a row an instance.
func (d *Instances) WriteTable(w io.Writer, style Style) error {
	const behind = 2 // the name
	header := []string{"INSTANCE", "NAME", "STATUS", "AGENT", "OS", "ZONE", "ADDRESS", "TAGS"}
	if style.wide {
		header = append(header, "PUBLIC ADDRESS", "HOST", "TYPE", "OS NAME", "AGENT VERSION", "LAST SEEN", "CREATED")
	}
	if d.profiles > 1 {
		header = slices.Insert(header, behind, "PROFILE")
	}
	if d.regions > 1 {
		header = slices.Insert(header, behind, "REGION")
	}
	rows := make([][]string, 0, len(d.Instances))
	for _, i := range d.Instances {
		status := style.Paint.Warn(cell(i.Status))
		if i.Status == "Running" {
			status = style.Paint.Good(i.Status)
		}
		var tags []string
		for _, tag := range i.Tags {
			tags = append(tags, tag.TagKey+"="+tag.TagValue)
		}
		cells := []string{
			i.InstanceId, cell(i.InstanceName), status, agentCell(style, i), cell(i.OSType), cell(i.ZoneId),
			cell(strings.Join(i.PrivateIpAddress, ",")), cell(strings.Join(tags, ",")),
		}
		if style.wide {
			cells = append(cells, cell(strings.Join(i.PublicIpAddress, ",")), cell(i.HostName), cell(i.InstanceType), cell(i.OSName),
				cell(i.CloudAssistantVersion), cell(i.LastHeartbeatTime), cell(i.CreationTime))
		}
		if d.profiles > 1 {
			cells = slices.Insert(cells, behind, cell(i.Profile))
		}
		if d.regions > 1 {
			cells = slices.Insert(cells, behind, cell(i.RegionId))
		}
		rows = append(rows, cells)
	}
	return writeTable(w, style, header, slices.Values(rows))
}

func agentCell(style Style, i Instance) string {
	switch {
	case i.CloudAssistantVersion == "":
		return style.Paint.Bad("none")
	case i.CloudAssistantStatus == "true":
		return cell(i.CloudAssistantVersion)
	}
	return style.Paint.Bad("offline")
}
