package assist

import (
	"net/http"
	"unicode/utf8"
)

// ModifyManagedInstanceRequest renames a managed instance.
type ModifyManagedInstanceRequest struct {
	RegionId     string
	InstanceId   string
	InstanceName string // 2 to MaxManagedName characters, the first of them a letter
}

// ModifyManagedInstanceResponse contains the id and the new name.
type ModifyManagedInstanceResponse struct {
	RequestId string
	Instance  struct {
		InstanceId   string
		InstanceName string
	}
}

// DeregisterManagedInstanceRequest removes a managed instance. Its agent has to be registered again before it can be used again, and gets
// another id then.
type DeregisterManagedInstanceRequest struct {
	RegionId    string
	InstanceId  string
	ClientToken string
}

// DeregisterManagedInstanceResponse contains the removed instance.
type DeregisterManagedInstanceResponse struct {
	RequestId string
	Instance  DeregisteredInstance
}

// DeregisteredInstance is a managed instance that has been removed.
type DeregisteredInstance struct {
	InstanceId       string
	InstanceName     string
	Hostname         string
	OsType           string
	OsVersion        string
	AgentVersion     string
	InternetIp       string
	IntranetIp       string
	MachineId        string
	ActivationId     string
	RegistrationTime string
	LastInvokedTime  string
	InvocationCount  int64
	ResourceGroupId  string
}

// Action returns the API's name of the action.
func (*ModifyManagedInstanceRequest) Action() string { return "ModifyManagedInstance" }

// Repeatable reports true. The second call has no further effect.
func (*ModifyManagedInstanceRequest) Repeatable() bool { return true }

// Action returns the API's name of the action.
func (*DeregisterManagedInstanceRequest) Action() string { return "DeregisterManagedInstance" }

// Repeatable reports whether there is a ClientToken, with which the service returns the first response again.
func (r *DeregisterManagedInstanceRequest) Repeatable() bool { return r.ClientToken != "" }

// Validate checks everything that can be checked without the service. An error is a [ValidationErrors].
func (r *ModifyManagedInstanceRequest) Validate() error {
	var f ValidationErrors
	f.missing("RegionId", r.RegionId)
	f.missing("InstanceId", r.InstanceId)
	f.missing("InstanceName", r.InstanceName)
	n := utf8.RuneCountInString(r.InstanceName)
	switch {
	case n == 0:
	case n > MaxManagedName:
		f.add(http.StatusBadRequest, "InstanceName.ExceedLimit", "The specified instance name exceed limit: %d characters, at most %d.", n, MaxManagedName)
	case n < minManagedName || !managedName(r.InstanceName):
		f.add(http.StatusBadRequest, "InstanceName.InvalidPattern", "The specified instance name pattern invalid: %s.", r.InstanceName)
	}
	return f.orNil()
}

// Validate checks everything that can be checked without the service. An error is a [ValidationErrors].
func (r *DeregisterManagedInstanceRequest) Validate() error {
	var f ValidationErrors
	f.missing("RegionId", r.RegionId)
	f.missing("InstanceId", r.InstanceId)
	f.clientToken(r.ClientToken)
	return f.orNil()
}
