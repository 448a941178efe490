package lab

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"muster/pkg/assist"
)

// firstAge is how long before the lab the newest instance was created.
const firstAge = 24 * time.Hour

// NumberedInstances returns n Linux instances that are Running and online: i-lab00001 and so on, with the tags env=lab,
// index=1 to n, and alternately role=web, db and job.
func NumberedInstances(n int) []Instance {
	g := newInstanceGenerator()
	instances := make([]Instance, n)
	for i := range instances {
		it := g.next(numbered("lab", i+1, n))
		it.Tags.Tag = []assist.TagPair{
			{TagKey: "env", TagValue: "lab"},
			{TagKey: "role", TagValue: []string{"web", "db", "job"}[i%3]},
			{TagKey: "index", TagValue: strconv.Itoa(i + 1)},
		}
		instances[i] = it
	}
	return instances
}

// NumberedInstancesIn is like [NumberedInstances], for a further region of a lab: i-cn-beijing-00001 and so on.
func NumberedInstancesIn(region string, n int) []Instance {
	instances := NumberedInstances(n)
	mark := slices.Index(Regions(), region) + 1
	for i := range instances {
		it := &instances[i]
		it.RegionId = region
		it.InstanceId = fmt.Sprintf("i-%s-%05d", region, i+1)
		it.SerialNumber = fmt.Sprintf("6c6162%02x-0000-4000-8000-%012x", mark, i+1)
		it.NetworkInterfaces.NetworkInterface[0].NetworkInterfaceId = fmt.Sprintf("eni-%s-%05d", region, i+1)
	}
	return instances
}

// countOn returns the id whose number is n above that at the end of id, with as many digits. It is empty if id is, or if there is no
// number to count on from.
func countOn(id string, n int) string {
	base := strings.TrimRight(id, "0123456789")
	digits := id[len(base):]
	number, err := strconv.Atoi(digits)
	switch {
	case n == 0:
		return id
	case err != nil:
		return ""
	}
	return fmt.Sprintf("%s%0*d", base, len(digits), number+n)
}

// numbered returns NAME-007, with as many digits as the largest of the numbers has, but at least three.
func numbered(name string, number, largest int) string {
	return fmt.Sprintf("%s-%0*d", name, max(3, len(strconv.Itoa(largest))), number)
}

// instanceGenerator makes instances, each with its own id and address.
type instanceGenerator struct {
	ecs, managed int // how many it has made
	template     assist.Instance
	now          time.Time
}

func newInstanceGenerator() *instanceGenerator {
	return &instanceGenerator{template: instanceTemplate(), now: time.Now()}
}

func (g *instanceGenerator) next(name string) Instance {
	g.ecs++
	it := Instance{Instance: g.template, Online: true, AgentVersion: agentVersion}
	it.InstanceId = fmt.Sprintf("i-lab%05d", g.ecs)
	it.InstanceName, it.HostName = name, name
	it.VpcAttributes = assist.VpcAttributes{VpcId: "vpc-lab", VSwitchId: "vsw-lab"}
	it.VpcAttributes.PrivateIpAddress.IpAddress = []string{fmt.Sprintf("10.%d.%d.%d", g.ecs>>16&255, g.ecs>>8&255, g.ecs&255)}
	setHardware(&it, g.ecs)
	setCreationTime(&it, g.ecs, g.now)
	return it
}

// setHardware sets the serial number and the network interface, whose address is the private one of the instance.
func setHardware(it *Instance, number int) {
	it.SerialNumber = fmt.Sprintf("6c616200-0000-4000-8000-%012x", number)

	address := it.VpcAttributes.PrivateIpAddress.IpAddress[0]
	card := assist.NetworkInterface{
		NetworkInterfaceId: fmt.Sprintf("eni-lab%05d", number), Type: "Primary", PrimaryIpAddress: address,
		MacAddress: fmt.Sprintf("00:16:3e:%02x:%02x:%02x", number>>16&255, number>>8&255, number&255),
	}
	card.PrivateIpSets.PrivateIpSet = []assist.PrivateIpSet{{PrivateIpAddress: address, Primary: true}}
	it.NetworkInterfaces.NetworkInterface = []assist.NetworkInterface{card}
}

// setCreationTime sets when the instance was created. Each instance is a minute older than the one before it, so that lists are
// newest first, like those of the service.
func setCreationTime(it *Instance, number int, now time.Time) {
	it.CreationTime = assist.FormatMinute(now.Add(-firstAge - time.Duration(number)*time.Minute))
	it.StartTime = it.CreationTime
}

// instanceTemplate returns what all instances have in common. It includes all objects that the service always returns,
// because official clients read their fields without checking that the objects exist.
func instanceTemplate() assist.Instance {
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

// systemName returns the name of this machine's operating system, because scripts on the instances see this machine.
func systemName() string {
	const unknown = "Muster Lab 1.0 64 bit"
	f, err := os.Open("/etc/os-release")
	if err != nil {
		return unknown
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "PRETTY_NAME="); ok {
			return cmp.Or(strings.Trim(name, `"'`), unknown)
		}
	}
	return unknown
}
