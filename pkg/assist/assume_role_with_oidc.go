package assist

// AssumeRoleWithOIDCRequest obtains temporary keys of a RAM role for a token of an OpenID Connect provider, such as the one
// that a Kubernetes cluster mounts into a pod. It is sent without a signature.
type AssumeRoleWithOIDCRequest struct {
	OIDCProviderArn string // acs:ram::ACCOUNT:oidc-provider/NAME
	RoleArn         string // acs:ram::ACCOUNT:role/NAME
	OIDCToken       string // the token as the provider issued it
	RoleSessionName string // 2 to 64 of [A-Za-z0-9.@_-]; it appears in audit logs
	DurationSeconds int64  // 3600 when zero; from 900 up to the role's own limit, at most 43200
	Policy          string // a JSON document that takes permissions away from the keys
}

// AssumeRoleWithOIDCResponse is the temporary keys.
type AssumeRoleWithOIDCResponse struct {
	RequestId       string
	Credentials     STSCredentials
	AssumedRoleUser AssumedRoleUser
}

// Action returns the API's name for the call.
func (*AssumeRoleWithOIDCRequest) Action() string { return "AssumeRoleWithOIDC" }

// Repeatable reports true: keys whose answer was lost expire unused.
func (*AssumeRoleWithOIDCRequest) Repeatable() bool { return true }

// Version returns the version of the STS API.
func (*AssumeRoleWithOIDCRequest) Version() string { return STSVersion }

// Anonymous reports true: the token stands in for a signature.
func (*AssumeRoleWithOIDCRequest) Anonymous() bool { return true }
