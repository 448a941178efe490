package assist

// DescribeManagedInstancesRequest lists managed instances: hosts outside ECS, with ids such as mi-hz018jrc1o0, on which
// the agent is registered. DescribeInstances does not list them.
type DescribeManagedInstancesRequest struct {
	RegionId        string
	ResourceGroupId string
	InstanceId      []string // at most MaxDescribedManaged
	InstanceName    string
	InstanceIp      string // matches IntranetIp or InternetIp
	OsType          string // windows, linux, FreeBSD
	ActivationId    string // the activation that the instances were registered with
	Connected       *bool
	MachineId       string
	Tag             []TagFilter // all of them must match
	Page
}

// DescribeManagedInstancesResponse is one page of managed instances. Unlike in DescribeInstances, its lists are not wrapped in objects.
type DescribeManagedInstancesResponse struct {
	RequestId string
	Paged
	Instances List[ManagedInstance]
}

// ManagedInstance is a host outside ECS. It has no status, zone or instance type; it can run commands while it is connected.
type ManagedInstance struct {
	InstanceId       string
	InstanceName     string
	Hostname         string
	OsType           string
	OsVersion        string
	AgentVersion     string
	Connected        bool
	InternetIp       string
	IntranetIp       string
	MachineId        string
	ActivationId     string
	RegistrationTime string
	LastInvokedTime  string
	InvocationCount  int64
	ResourceGroupId  string
	Tags             List[TagPair]
}

// Action returns the API's name of the action.
func (*DescribeManagedInstancesRequest) Action() string { return "DescribeManagedInstances" }

// Repeatable reports true. The call only reads.
func (*DescribeManagedInstancesRequest) Repeatable() bool { return true }

// Validate checks the tags of the filter. An error is a [ValidationErrors].
func (r *DescribeManagedInstancesRequest) Validate() error {
	var f ValidationErrors
	f.managedTags(filterTags(r.Tag))
	return f.orNil()
}
