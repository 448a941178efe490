package target

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

func TestRecordOf(t *testing.T) {
	i := assist.Instance{InstanceId: "i-1", Memory: 4096}
	i.VpcAttributes.PrivateIpAddress.IpAddress = []string{"10.0.0.1"}
	i.VpcAttributes.VpcId = "vpc-1"
	i.PublicIpAddress.IpAddress = []string{"192.0.2.1"}
	i.EipAddress.IpAddress = "192.0.2.2"
	want := &Record{
		InstanceId: "i-1", Memory: 4096, PrivateIpAddress: []string{"10.0.0.1"}, PublicIpAddress: []string{"192.0.2.1", "192.0.2.2"},
		VpcId: "vpc-1", Tags: []assist.TagPair{}, SecurityGroupIds: []string{},
	}
	if diff := cmp.Diff(want, recordOf(&i)); diff != "" {
		t.Error(diff)
	}
	i.VpcAttributes.PrivateIpAddress.IpAddress, i.InnerIpAddress.IpAddress = nil, []string{"10.1.0.1"} // in a classic network
	if got := recordOf(&i).PrivateIpAddress; got[0] != "10.1.0.1" {
		t.Errorf("got %v", got)
	}
}

func TestRecordOfManaged(t *testing.T) {
	i := assist.ManagedInstance{
		InstanceId: "mi-1", InstanceName: "shop", Hostname: "till", OsType: "FreeBSD", OsVersion: "14.1", AgentVersion: "2.2", Connected: true,
		IntranetIp: "10.0.0.1", ActivationId: "a", MachineId: "m", RegistrationTime: "2026-01-02T03:04:05Z",
	}
	want := &Record{
		InstanceId: "mi-1", InstanceName: "shop", HostName: "till", OSType: "freebsd", OSName: "14.1", RegionId: "cn-x",
		PrivateIpAddress: []string{"10.0.0.1"}, PublicIpAddress: []string{}, Tags: []assist.TagPair{}, SecurityGroupIds: []string{},
		CloudAssistantStatus: "true", CloudAssistantVersion: "2.2", Managed: true, ActivationId: "a", MachineId: "m", RegistrationTime: "2026-01-02T03:04:05Z",
	}
	if diff := cmp.Diff(want, recordOfManaged("cn-x", &i)); diff != "" {
		t.Error(diff)
	}
}
