package assist

// STSVersion is the version of the STS API.
const STSVersion = "2015-04-01"

// GetCallerIdentityRequest asks whose credentials sign the call. It needs no permission and has no parameters.
type GetCallerIdentityRequest struct{}

// GetCallerIdentityResponse is the identity of the caller.
type GetCallerIdentityResponse struct {
	RequestId    string
	IdentityType string // Account, RAMUser or AssumedRoleUser
	AccountId    string
	PrincipalId  string
	UserId       string `json:",omitempty"` // of an Account or a RAMUser
	Arn          string
	RoleId       string `json:",omitempty"` // of an AssumedRoleUser
}

// Action returns the API's name for the call.
func (*GetCallerIdentityRequest) Action() string { return "GetCallerIdentity" }

// Repeatable reports true, as for every request that only reads.
func (*GetCallerIdentityRequest) Repeatable() bool { return true }

// Version returns the version of the STS API.
func (*GetCallerIdentityRequest) Version() string { return STSVersion }
