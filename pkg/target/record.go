package target

import (
	"strconv"
	"strings"

	"muster/pkg/assist"
)

// Record is all that is known of an instance: what `muster instances -o json` prints, and what --where reads. The keys are the
// API's. A managed instance has no status, zone, type or network.
type Record struct {
	InstanceId            string
	InstanceName          string
	HostName              string
	Status                string
	OSType                string // lower case: linux, windows, freebsd
	OSName                string
	RegionId              string
	Profile               string `json:",omitempty"`
	ZoneId                string
	InstanceType          string
	PrivateIpAddress      []string
	PublicIpAddress       []string
	CreationTime          string
	Tags                  []assist.TagPair
	CloudAssistantStatus  string // "true" if the agent is online
	CloudAssistantVersion string // empty if there is no agent
	LastHeartbeatTime     string

	Managed            bool  // a host outside ECS, registered as a managed instance
	Cpu                int64 // virtual processors
	Memory             int64 // MiB
	ImageId            string
	VpcId              string
	VSwitchId          string
	SecurityGroupIds   []string
	ResourceGroupId    string
	InstanceChargeType string
	Description        string
	ActivationId       string `json:",omitempty"` // this and the next four only for managed instances
	MachineId          string `json:",omitempty"`
	RegistrationTime   string `json:",omitempty"`
	LastInvokedTime    string `json:",omitempty"`
	InvocationCount    int64  `json:",omitempty"`
}

func recordOf(i *assist.Instance) *Record {
	private := i.VpcAttributes.PrivateIpAddress.IpAddress
	if len(private) == 0 {
		private = i.InnerIpAddress.IpAddress
	}
	public := i.PublicIpAddress.IpAddress
	if i.EipAddress.IpAddress != "" {
		public = append(public[:len(public):len(public)], i.EipAddress.IpAddress)
	}
	return &Record{
		InstanceId: i.InstanceId, InstanceName: i.InstanceName, HostName: i.HostName, Status: i.Status, OSType: i.OSType,
		OSName: i.OSName, RegionId: i.RegionId, ZoneId: i.ZoneId, InstanceType: i.InstanceType,
		PrivateIpAddress: list(private), PublicIpAddress: list(public), CreationTime: i.CreationTime, Tags: list(i.Tags.Tag),
		Cpu: i.Cpu, Memory: i.Memory, ImageId: i.ImageId, VpcId: i.VpcAttributes.VpcId, VSwitchId: i.VpcAttributes.VSwitchId,
		SecurityGroupIds: list(i.SecurityGroupIds.SecurityGroupId), ResourceGroupId: i.ResourceGroupId,
		InstanceChargeType: i.InstanceChargeType, Description: i.Description,
	}
}

// recordOfManaged returns the record of a managed instance. Properties that the API names differently for managed instances
// have the names of ECS instances.
func recordOfManaged(region string, i *assist.ManagedInstance) *Record {
	var private, public []string
	if i.IntranetIp != "" {
		private = []string{i.IntranetIp}
	}
	if i.InternetIp != "" {
		public = []string{i.InternetIp}
	}
	return &Record{
		InstanceId: i.InstanceId, InstanceName: i.InstanceName, HostName: i.Hostname, OSType: strings.ToLower(i.OsType),
		OSName: i.OsVersion, RegionId: region, PrivateIpAddress: list(private), PublicIpAddress: list(public),
		Tags: list(i.Tags), CloudAssistantStatus: strconv.FormatBool(i.Connected), CloudAssistantVersion: i.AgentVersion,
		Managed: true, SecurityGroupIds: []string{}, ResourceGroupId: i.ResourceGroupId,
		ActivationId: i.ActivationId, MachineId: i.MachineId, RegistrationTime: i.RegistrationTime,
		LastInvokedTime: i.LastInvokedTime, InvocationCount: i.InvocationCount,
	}
}

// list returns the items, or an empty list for nil, so that JSON has [].
func list[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// tag returns the value of a tag, and reports whether the instance has the tag.
func (r *Record) tag(key string) (string, bool) {
	for _, tag := range r.Tags {
		if tag.TagKey == key {
			return tag.TagValue, true
		}
	}
	return "", false
}
