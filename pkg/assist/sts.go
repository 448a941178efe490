package assist

import "context"

// STSVersion is the version of the API of STS, which tells who calls, and hands out the keys of roles.
const STSVersion = "2015-04-01"

// versioned is a request of another API than ECS.
type versioned interface{ Version() string }

// anonymous is a request that is sent without a signature.
type anonymous interface{ Anonymous() bool }

// GetCallerIdentityRequest asks as whom the call is signed.
type GetCallerIdentityRequest struct{}

// GetCallerIdentityResponse is an account, and the user or role in it.
type GetCallerIdentityResponse struct {
	RequestId    string
	AccountId    string
	Arn          string // such as acs:ram::1234567890123456:user/ops
	UserId       string
	PrincipalId  string
	IdentityType string // Account, RAMUser or AssumedRoleUser
	RoleId       string
}

// Action is the API's name for the call.
func (*GetCallerIdentityRequest) Action() string { return "GetCallerIdentity" }

// Version is that of STS.
func (*GetCallerIdentityRequest) Version() string { return STSVersion }

// Repeatable reports true: the call only reads.
func (*GetCallerIdentityRequest) Repeatable() bool { return true }

// STSCredentials are the keys of a role, in an answer.
type STSCredentials struct {
	AccessKeyId     string
	AccessKeySecret string
	SecurityToken   string
	Expiration      string // yyyy-MM-ddTHH:mm:ssZ
}

// AssumedRoleUser is a role that is assumed, with the name of the session.
type AssumedRoleUser struct {
	Arn           string
	AssumedRoleId string
}

// AssumeRoleRequest asks for the keys of a role.
type AssumeRoleRequest struct {
	RoleArn         string // acs:ram::ACCOUNT:role/NAME
	RoleSessionName string // 2 to 64 letters, digits and .@-_
	DurationSeconds int64  // 900 to what the role allows; 3600 when left out
	Policy          string // narrows what the role may do
	ExternalId      string
}

// AssumeRoleResponse is the keys of a role.
type AssumeRoleResponse struct {
	RequestId       string
	Credentials     STSCredentials
	AssumedRoleUser AssumedRoleUser
}

// Action is the API's name for the call.
func (*AssumeRoleRequest) Action() string { return "AssumeRole" }

// Version is that of STS.
func (*AssumeRoleRequest) Version() string { return STSVersion }

// Repeatable reports true: a second call hands out other keys, and changes nothing.
func (*AssumeRoleRequest) Repeatable() bool { return true }

// AssumeRoleWithOIDCRequest asks for the keys of a role with a token of an OIDC provider in place of a signature.
type AssumeRoleWithOIDCRequest struct {
	OIDCProviderArn string // acs:ram::ACCOUNT:oidc-provider/NAME
	RoleArn         string
	OIDCToken       string // a JWT
	RoleSessionName string
	DurationSeconds int64
	Policy          string
}

// AssumeRoleWithOIDCResponse is the keys of a role.
type AssumeRoleWithOIDCResponse struct {
	RequestId       string
	Credentials     STSCredentials
	AssumedRoleUser AssumedRoleUser
}

// Action is the API's name for the call.
func (*AssumeRoleWithOIDCRequest) Action() string { return "AssumeRoleWithOIDC" }

// Version is that of STS.
func (*AssumeRoleWithOIDCRequest) Version() string { return STSVersion }

// Anonymous reports true: the token stands for a signature.
func (*AssumeRoleWithOIDCRequest) Anonymous() bool { return true }

// Repeatable reports true: a second call hands out other keys, and changes nothing.
func (*AssumeRoleWithOIDCRequest) Repeatable() bool { return true }

// GetCallerIdentity tells as whom the call is signed.
func (c *Client) GetCallerIdentity(ctx context.Context, r *GetCallerIdentityRequest) (*GetCallerIdentityResponse, error) {
	return call[GetCallerIdentityResponse](ctx, c, r)
}

// AssumeRole hands out the keys of a role.
func (c *Client) AssumeRole(ctx context.Context, r *AssumeRoleRequest) (*AssumeRoleResponse, error) {
	return call[AssumeRoleResponse](ctx, c, r)
}

// AssumeRoleWithOIDC hands out the keys of a role to who has a token for it.
func (c *Client) AssumeRoleWithOIDC(ctx context.Context, r *AssumeRoleWithOIDCRequest) (*AssumeRoleWithOIDCResponse, error) {
	return call[AssumeRoleWithOIDCResponse](ctx, c, r)
}

// STSEndpoint returns the address of STS in a region, or in its private network; the central one without a region.
func STSEndpoint(region string, vpc bool) Endpoint {
	switch {
	case region == "":
		return Endpoint{Host: "sts.aliyuncs.com", TLS: true}
	case vpc:
		return Endpoint{Host: "sts-vpc." + region + ".aliyuncs.com", TLS: true}
	}
	return Endpoint{Host: "sts." + region + ".aliyuncs.com", TLS: true}
}
