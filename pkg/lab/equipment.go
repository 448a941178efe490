package lab

import (
	"encoding/json"
	"fmt"
	"time"

	"muster/pkg/assist"
)

// equip gives an instance, which has an address already, what the service tells of each besides.
func equip(it *Instance, number int) {
	it.SerialNumber = fmt.Sprintf("6c616200-0000-4000-8000-%012x", number)

	address := it.VpcAttributes.PrivateIpAddress.IpAddress[0]
	card := assist.NetworkInterface{
		NetworkInterfaceId: fmt.Sprintf("eni-lab%05d", number), Type: "Primary", PrimaryIpAddress: address,
		MacAddress: fmt.Sprintf("00:16:3e:%02x:%02x:%02x", number>>16&255, number>>8&255, number&255),
	}
	card.PrivateIpSets.PrivateIpSet = []assist.PrivateIpSet{{PrivateIpAddress: address, Primary: true}}
	it.NetworkInterfaces.NetworkInterface = []assist.NetworkInterface{card}
}

// age sets when an instance was created: the first a day ago, and each a minute before the one before it, so that a list has the
// newest first, as the service's has.
func age(it *Instance, number int, now time.Time) {
	it.CreationTime = assist.FormatMinute(now.Add(-firstAge - time.Duration(number)*time.Minute))
	it.StartTime = it.CreationTime
}

const firstAge = 24 * time.Hour

// model is what all instances have alike, and share. It has what the service tells of every instance, too: official clients
// read into it without a look whether it is there.
func model() assist.Instance {
	var it assist.Instance
	it.Status, it.StoppedMode = "Running", "Not-applicable"
	it.InstanceType, it.InstanceTypeFamily, it.Cpu, it.Memory = "ecs.e-c1m2.large", "ecs.e", 2, 4096
	it.ImageId = "muster_lab_1_0_x64"
	it.InstanceNetworkType, it.InstanceChargeType = "vpc", "PostPaid"
	it.SecurityGroupIds.SecurityGroupId = []string{"sg-lab"}
	it.DeviceAvailable, it.IoOptimized = true, true
	it.InternetChargeType, it.SpotStrategy = "PayByTraffic", "NoSpot"
	it.OSType, it.OSName = "linux", systemName()
	it.OSNameEn = it.OSName
	it.AdditionalInfo = json.RawMessage(`{"EnableHighDensityMode":false,"ManagedHostId":"","NodeSerialNumber":""}`)
	it.ClockOptions = json.RawMessage(`{"PtpStatus":""}`)
	it.CpuOptions = json.RawMessage(`{"CoreCount":1,"EnableVISST":false,"EnableVRDT":false,"NestedVirtualization":"",` +
		`"Numa":"","ThreadsPerCore":2,"TopologyType":"","TurboMode":""}`)
	it.DedicatedHostAttribute = json.RawMessage(`{"DedicatedHostClusterId":"","DedicatedHostId":"","DedicatedHostName":""}`)
	it.DedicatedInstanceAttribute = json.RawMessage(`{"Affinity":"","Tenancy":""}`)
	it.EcsCapacityReservationAttr = json.RawMessage(`{"CapacityReservationId":"","CapacityReservationPreference":""}`)
	it.HibernationOptions = json.RawMessage(`{"Configured":false}`)
	it.ImageOptions = json.RawMessage(`{"CurrentOSNVMeSupported":false,"LoginAsNonRoot":false}`)
	it.MetadataOptions = json.RawMessage(`{"HttpEndpoint":"enabled","HttpPutResponseHopLimit":0,"HttpTokens":"optional","InstanceMetadataTags":""}`)
	it.PrivateDnsNameOptions = json.RawMessage(`{"EnableInstanceIdDnsAAAARecord":false,"EnableInstanceIdDnsARecord":false,` +
		`"EnableIpDnsARecord":false,"EnableIpDnsPtrRecord":false,"HostnameType":""}`)
	it.RdmaIpAddress = json.RawMessage(`{"IpAddress":[]}`)
	it.SecurityOptions = json.RawMessage(`{"EnableSecureBoot":false}`)
	return it
}
