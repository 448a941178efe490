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

// NewInstances makes the document of instances and of the agents that are known, by instance id.
func NewInstances(list []assist.Instance, agents map[string]assist.InstanceCloudAssistantStatus) *Instances {
	document := &Instances{Instances: []Instance{}}
	for i := range list {
		n := &list[i]
		agent := agents[n.InstanceId]
		private := notNil(n.VpcAttributes.PrivateIpAddress.IpAddress)
		if len(private) == 0 {
			private = notNil(n.InnerIpAddress.IpAddress)
		}
		public := notNil(n.PublicIpAddress.IpAddress)
		if n.EipAddress.IpAddress != "" {
			public = append(public, n.EipAddress.IpAddress)
		}
		document.Instances = append(document.Instances, Instance{
			InstanceId: n.InstanceId, InstanceName: n.InstanceName, HostName: n.HostName, Status: n.Status, OSType: n.OSType,
			OSName: n.OSName, RegionId: n.RegionId, ZoneId: n.ZoneId, InstanceType: n.InstanceType,
			PrivateIpAddress: private, PublicIpAddress: public, CreationTime: n.CreationTime, Tags: notNil(n.Tags.Tag),
			CloudAssistantStatus: agent.CloudAssistantStatus, CloudAssistantVersion: agent.CloudAssistantVersion,
			LastHeartbeatTime: agent.LastHeartbeatTime,
		})
	}
	return document
}

// Records are the instances.
func (d *Instances) Records() iter.Seq2[any, error] { return Records(d.Instances) }

// WriteTable writes a row an instance.
func (d *Instances) WriteTable(w io.Writer, style Style) error {
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
		rows = append(rows, []string{
			i.InstanceId, cell(i.InstanceName), status, agentCell(style, i), cell(i.OSType), cell(i.ZoneId),
			cell(strings.Join(i.PrivateIpAddress, ",")), cell(strings.Join(tags, ",")),
		})
	}
	return writeTable(w, style, []string{"INSTANCE", "NAME", "STATUS", "AGENT", "OS", "ZONE", "ADDRESS", "TAGS"}, slices.Values(rows))
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
