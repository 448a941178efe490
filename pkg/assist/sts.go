package assist

// STSVersion is the version of the STS API.
const STSVersion = "2015-04-01"

// GetCallerIdentityRequest requests the identity of the credentials that sign the call. It requires no permission and has no
// parameters.
type GetCallerIdentityRequest struct{}

// GetCallerIdentityResponse is the identity of the caller.
type GetCallerIdentityResponse struct {
	RequestId    string
	IdentityType string // Account, RAMUser or AssumedRoleUser
	AccountId    string
	PrincipalId  string
	UserId       string `json:",omitempty"` // only of an Account or a RAMUser
	Arn          string
	RoleId       string `json:",omitempty"` // only of an AssumedRoleUser
}

// Action returns the API's name of the action.
func (*GetCallerIdentityRequest) Action() string { return "GetCallerIdentity" }

// Repeatable reports true. The call only reads.
func (*GetCallerIdentityRequest) Repeatable() bool { return true }

// Version returns the version of the STS API.
func (*GetCallerIdentityRequest) Version() string { return STSVersion }

// AssumeRoleRequest obtains temporary keys of a RAM role. It must be signed with the keys of a RAM user or of another role. The
// service refuses the keys of an account.
type AssumeRoleRequest struct {
	RoleArn         string // acs:ram::ACCOUNT:role/NAME
	RoleSessionName string // 2 to 64 of [A-Za-z0-9.@_-]; it appears in audit logs
	DurationSeconds int64  // 3600 if zero; from 900 up to the role's limit, at most 43200
	Policy          string // a JSON document that reduces the permissions of the keys
	ExternalId      string // the role's trust policy may require it
}

// AssumeRoleResponse contains the temporary keys.
type AssumeRoleResponse struct {
	RequestId       string
	Credentials     STSCredentials
	AssumedRoleUser AssumedRoleUser
}

// STSCredentials are temporary keys. All three are needed to sign a call. They are valid until Expiration.
type STSCredentials struct {
	AccessKeyId     string // STS.…
	AccessKeySecret string
	SecurityToken   string
	Expiration      string // see ParseTime
}

// AssumedRoleUser is the identity of a caller with the temporary keys.
type AssumedRoleUser struct {
	Arn           string
	AssumedRoleId string // the role's id, a colon, and the session name
}

// Action returns the API's name of the action.
func (*AssumeRoleRequest) Action() string { return "AssumeRole" }

// Repeatable reports true. Keys whose response was lost expire unused.
func (*AssumeRoleRequest) Repeatable() bool { return true }

// Version returns the version of the STS API.
func (*AssumeRoleRequest) Version() string { return STSVersion }

// AssumeRoleWithOIDCRequest obtains temporary keys of a RAM role for a token of an OpenID Connect provider, such as the token that a
// Kubernetes cluster mounts into a pod. It is not signed.
type AssumeRoleWithOIDCRequest struct {
	OIDCProviderArn string // acs:ram::ACCOUNT:oidc-provider/NAME
	RoleArn         string // acs:ram::ACCOUNT:role/NAME
	OIDCToken       string // the token as the provider issued it
	RoleSessionName string // 2 to 64 of [A-Za-z0-9.@_-]; it appears in audit logs
	DurationSeconds int64  // 3600 if zero; from 900 up to the role's limit, at most 43200
	Policy          string // a JSON document that reduces the permissions of the keys
}

// AssumeRoleWithOIDCResponse contains the temporary keys.
type AssumeRoleWithOIDCResponse struct {
	RequestId       string
	Credentials     STSCredentials
	AssumedRoleUser AssumedRoleUser
}

// Action returns the API's name of the action.
func (*AssumeRoleWithOIDCRequest) Action() string { return "AssumeRoleWithOIDC" }

// Repeatable reports true. Keys whose response was lost expire unused.
func (*AssumeRoleWithOIDCRequest) Repeatable() bool { return true }

// Version returns the version of the STS API.
func (*AssumeRoleWithOIDCRequest) Version() string { return STSVersion }

// Anonymous reports true. The token replaces the signature.
func (*AssumeRoleWithOIDCRequest) Anonymous() bool { return true }
