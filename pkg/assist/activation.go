package assist

import (
	"net/http"
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CreateActivationRequest makes an activation code, with which hosts outside ECS can be registered as managed instances.
type CreateActivationRequest struct {
	RegionId          string
	InstanceName      string // prefix of the names of the instances, such as web for web-001
	Description       string // at most MaxActivationDescription characters
	InstanceCount     int64  // how often it can be used: 1 to MaxActivationInstances; DefaultActivationInstances if zero
	TimeToLiveInHours int64  // DefaultActivationHours if zero
	IpAddressRange    string // an IPv4 or IPv6 address, or a CIDR block, that hosts must have; any if empty
	ResourceGroupId   string
	Tag               []Tag
	ClientToken       string
}

// CreateActivationResponse contains the activation code, which is a secret and cannot be queried later.
type CreateActivationResponse struct {
	RequestId      string
	ActivationId   string
	ActivationCode string
}

// DescribeActivationsRequest lists activation codes.
type DescribeActivationsRequest struct {
	RegionId        string
	ResourceGroupId string
	ActivationId    string
	InstanceName    string      // prefix of the names of its instances
	Tag             []TagFilter // all of them must match
	Page
}

// DescribeActivationsResponse is one page of activation codes. Its lists are not wrapped in objects.
type DescribeActivationsResponse struct {
	RequestId string
	Paged
	ActivationList List[Activation]
}

// Activation is an activation code, without the code.
type Activation struct {
	ActivationUsage
	Disabled        bool
	ResourceGroupId string
	Tags            List[TagPair]
}

// ActivationUsage is the purpose of an activation code, and how often it was used.
type ActivationUsage struct {
	ActivationId      string
	InstanceName      string
	Description       string
	InstanceCount     int64 // how often it can be used
	RegisteredCount   int64 // instances that are registered with it
	DeregisteredCount int64 // instances that were registered with it and no longer are
	TimeToLiveInHours int64
	IpAddressRange    string
	CreationTime      string
}

// DisableActivationRequest makes an activation code unusable. Instances that are registered with it are not affected. It cannot be enabled
// again.
type DisableActivationRequest struct {
	RegionId     string
	ActivationId string
}

// DisableActivationResponse contains the disabled activation.
type DisableActivationResponse struct {
	RequestId  string
	Activation struct {
		ActivationUsage
		Disabled bool
	}
}

// DeleteActivationRequest deletes an activation code with which no instance is registered.
type DeleteActivationRequest struct {
	RegionId     string
	ActivationId string
}

// DeleteActivationResponse contains the deleted activation.
type DeleteActivationResponse struct {
	RequestId  string
	Activation ActivationUsage
}

// Action returns the API's name of the action.
func (*CreateActivationRequest) Action() string { return "CreateActivation" }

// Repeatable reports whether there is a ClientToken, with which the service returns the first response again.
func (r *CreateActivationRequest) Repeatable() bool { return r.ClientToken != "" }

// Action returns the API's name of the action.
func (*DescribeActivationsRequest) Action() string { return "DescribeActivations" }

// Repeatable reports true. The call only reads.
func (*DescribeActivationsRequest) Repeatable() bool { return true }

// Action returns the API's name of the action.
func (*DisableActivationRequest) Action() string { return "DisableActivation" }

// Repeatable reports true. The second call has no further effect.
func (*DisableActivationRequest) Repeatable() bool { return true }

// Action returns the API's name of the action.
func (*DeleteActivationRequest) Action() string { return "DeleteActivation" }

// Repeatable reports false. The second call would fail, because the activation no longer exists.
func (*DeleteActivationRequest) Repeatable() bool { return false }

// Validate checks everything that can be checked without the service. An error is a [ValidationErrors].
func (r *CreateActivationRequest) Validate() error {
	var f ValidationErrors
	f.missing("RegionId", r.RegionId)
	checkNamePrefix(&f, r.InstanceName)
	if n := utf8.RuneCountInString(r.Description); n > MaxActivationDescription {
		f.add(http.StatusBadRequest, "ActivationDesc.ExceedLimit", "Activation description length exceeds: %d characters, at most %d.", n, MaxActivationDescription)
	}
	if n := r.InstanceCount; n < 0 || n > MaxActivationInstances {
		f.add(http.StatusBadRequest, "ActivationLimitation.Invalid", "The specified parameter InstanceCount exceeds the limit of %d: %d.", MaxActivationInstances, n)
	}
	if n := r.TimeToLiveInHours; n < 0 || n > MaxActivationHours {
		f.add(http.StatusBadRequest, "ActivationTTL.ExceedLimit", "The specified parameter TimeToLiveInHours exceeds the limit of %d: %d.", MaxActivationHours, n)
	}
	if _, err := ParseAddressRange(r.IpAddressRange); err != nil && r.IpAddressRange != "" {
		f.add(http.StatusBadRequest, "AddressRange.InvalidPattern", "Address range should be ipv4 address or cidr: %s.", r.IpAddressRange)
	}
	f.managedTags(r.Tag)
	f.clientToken(r.ClientToken)
	return f.orNil()
}

// Validate checks the tags of the filter. An error is a [ValidationErrors].
func (r *DescribeActivationsRequest) Validate() error {
	var f ValidationErrors
	f.missing("RegionId", r.RegionId)
	f.managedTags(filterTags(r.Tag))
	return f.orNil()
}

// Validate checks that nothing is missing. An error is a [ValidationErrors].
func (r *DisableActivationRequest) Validate() error {
	return validateActivationID(r.RegionId, r.ActivationId)
}

// Validate checks that nothing is missing. An error is a [ValidationErrors].
func (r *DeleteActivationRequest) Validate() error {
	return validateActivationID(r.RegionId, r.ActivationId)
}

func validateActivationID(region, id string) error {
	var f ValidationErrors
	f.missing("RegionId", region)
	f.missing("ActivationId", id)
	return f.orNil()
}

// ParseAddressRange parses the IpAddressRange of an activation.
func ParseAddressRange(text string) (netip.Prefix, error) {
	if strings.Contains(text, "/") {
		prefix, err := netip.ParsePrefix(text)
		return prefix.Masked(), err
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, err
	}
	return address.WithZone("").Prefix(address.BitLen())
}

// checkNamePrefix checks the InstanceName of an activation.
func checkNamePrefix(f *ValidationErrors, name string) {
	n := utf8.RuneCountInString(name)
	switch {
	case name == "":
	case n > MaxActivationName:
		f.add(http.StatusBadRequest, "InstanceName.ExceedLimit", "Default instance name prefix length exceeds: %d characters, at most %d.", n, MaxActivationName)
	case n < minManagedName || !managedName(name):
		f.add(http.StatusBadRequest, "InstanceName.InvalidPattern", "Default instance name prefix pattern invalid: %s.", name)
	}
}

// managedName reports whether a text has the form of the name of a managed instance.
func managedName(name string) bool {
	if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		return false
	}
	for i, c := range name {
		if !unicode.IsLetter(c) && (i == 0 || !unicode.IsDigit(c) && !strings.ContainsRune("._-:", c)) {
			return false
		}
	}
	return name != ""
}
