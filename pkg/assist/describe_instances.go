package assist

import "encoding/json"

// DescribeInstancesRequest lists instances. A page has at most 100 instances. A user without the permission gets an empty list, not an
// error.
type DescribeInstancesRequest struct {
	RegionId             string
	ResourceGroupId      string
	InstanceIds          JSONList    // at most 100; an empty list matches nothing
	InstanceName         string      // may contain *
	Status               string      // Pending, Running, Starting, Stopping, Stopped
	Tag                  []TagFilter // all of them must match
	VpcId                string
	VSwitchId            string
	ZoneId               string
	ImageId              string
	InstanceType         string
	InstanceTypeFamily   string
	SecurityGroupId      string
	KeyPairName          string
	InstanceNetworkType  string
	InstanceChargeType   string
	InternetChargeType   string
	IoOptimized          *bool
	PrivateIpAddresses   JSONList
	PublicIpAddresses    JSONList
	EipAddresses         JSONList
	InnerIpAddresses     JSONList
	Ipv6Address          []string
	RdmaIpAddresses      string
	HpcClusterId         string
	LockReason           string
	Filter               []Tag // Key=CreationStartTime, Value=yyyy-MM-ddTHH:mmZ
	AdditionalAttributes []string
	HttpEndpoint         string
	HttpTokens           string
	DeviceAvailable      *bool
	DryRun               bool
	Page
}

// DescribeInstancesResponse is one page of instances.
type DescribeInstancesResponse struct {
	RequestId string
	Paged
	Instances struct{ Instance List[Instance] }
}

// Instance is an ECS instance. Fields that muster does not use are kept as raw JSON.
type Instance struct {
	InstanceId          string
	InstanceName        string
	HostName            string
	Description         string
	Status              string
	OSType              string // lower case: linux, windows
	OSName              string
	OSNameEn            string
	RegionId            string
	ZoneId              string
	InstanceType        string
	InstanceTypeFamily  string
	Cpu                 int64
	Memory              int64 // MiB
	ImageId             string
	CreationTime        string // to the minute
	StartTime           string
	ExpiredTime         string
	AutoReleaseTime     string
	InstanceNetworkType string
	InstanceChargeType  string
	StoppedMode         string
	ResourceGroupId     string
	VpcAttributes       VpcAttributes
	PublicIpAddress     struct{ IpAddress List[string] }
	InnerIpAddress      struct{ IpAddress List[string] }
	EipAddress          EipAddress
	SecurityGroupIds    struct{ SecurityGroupId List[string] }
	Tags                struct{ Tag List[TagPair] }
	NetworkInterfaces   struct{ NetworkInterface List[NetworkInterface] }
	OperationLocks      struct{ LockReason List[LockReason] }

	ClusterId                  string
	CreditSpecification        string
	DeletionProtection         bool
	DeploymentSetId            string
	DeploymentSetGroupNo       int64
	DeviceAvailable            bool
	EnableNVS                  bool
	GPUAmount                  int64
	GPUSpec                    string
	HpcClusterId               string
	ISP                        string
	InternetChargeType         string
	InternetMaxBandwidthIn     int64
	InternetMaxBandwidthOut    int64
	IoOptimized                bool
	KeyPairName                string
	LocalStorageAmount         int64
	LocalStorageCapacity       int64
	Recyclable                 bool
	SaleCycle                  string
	SerialNumber               string
	SpotDuration               int64
	SpotInterruptionBehavior   string
	SpotPriceLimit             float64
	SpotStrategy               string
	VlanId                     string
	CpuOptions                 json.RawMessage `json:",omitempty"`
	DedicatedHostAttribute     json.RawMessage `json:",omitempty"`
	DedicatedInstanceAttribute json.RawMessage `json:",omitempty"`
	EcsCapacityReservationAttr json.RawMessage `json:",omitempty"`
	HibernationOptions         json.RawMessage `json:",omitempty"`
	ImageOptions               json.RawMessage `json:",omitempty"`
	MetadataOptions            json.RawMessage `json:",omitempty"`
	PrivateDnsNameOptions      json.RawMessage `json:",omitempty"`
	RdmaIpAddress              json.RawMessage `json:",omitempty"`
	SecurityOptions            json.RawMessage `json:",omitempty"`
	AdditionalInfo             json.RawMessage `json:",omitempty"`
	ClockOptions               json.RawMessage `json:",omitempty"`
}

// VpcAttributes is the place of an instance in its private network.
type VpcAttributes struct {
	VpcId            string
	VSwitchId        string
	NatIpAddress     string
	PrivateIpAddress struct{ IpAddress List[string] }
}

// EipAddress is an elastic address of an instance.
type EipAddress struct {
	IpAddress            string
	AllocationId         string
	InternetChargeType   string
	Bandwidth            int64
	IsSupportUnassociate bool
}

// NetworkInterface is one interface of an instance.
type NetworkInterface struct {
	NetworkInterfaceId string
	MacAddress         string
	PrimaryIpAddress   string
	Type               string
	PrivateIpSets      struct{ PrivateIpSet List[PrivateIpSet] }
	Ipv6Sets           struct{ Ipv6Set List[Ipv6Set] }
	Ipv4PrefixSets     struct{ Ipv4PrefixSet List[Ipv4PrefixSet] }
	Ipv6PrefixSets     struct{ Ipv6PrefixSet List[Ipv6PrefixSet] }
}

// PrivateIpSet is one address of an interface.
type PrivateIpSet struct {
	PrivateIpAddress string
	PrivateDnsName   string
	Primary          bool
}

// Ipv6Set is one IPv6 address of an interface.
type Ipv6Set struct {
	Ipv6Address string
	Primary     bool
}

// Ipv4PrefixSet is one block of IPv4 addresses of an interface.
type Ipv4PrefixSet struct{ Ipv4Prefix string }

// Ipv6PrefixSet is one block of IPv6 addresses of an interface.
type Ipv6PrefixSet struct{ Ipv6Prefix string }

// LockReason is the reason of a lock on an instance.
type LockReason struct {
	LockReason string
	LockMsg    string
}

// Action returns the API's name of the action.
func (*DescribeInstancesRequest) Action() string { return "DescribeInstances" }

// Repeatable reports true. The call only reads.
func (*DescribeInstancesRequest) Repeatable() bool { return true }
