package assist

// AssumeRoleRequest obtains temporary keys of a RAM role. The keys that sign it must be those of a RAM user or of another
// role: the service refuses the keys of an account.
type AssumeRoleRequest struct {
	RoleArn         string // acs:ram::ACCOUNT:role/NAME
	RoleSessionName string // 2 to 64 of [A-Za-z0-9.@_-]; it appears in audit logs
	DurationSeconds int64  // 3600 when zero; from 900 up to the role's own limit, at most 43200
	Policy          string // a JSON document that takes permissions away from the keys
	ExternalId      string // what the role's trust policy may ask for
}

// AssumeRoleResponse is the temporary keys.
type AssumeRoleResponse struct {
	RequestId       string
	Credentials     STSCredentials
	AssumedRoleUser AssumedRoleUser
}

// STSCredentials are temporary keys. All three of them sign a call, until Expiration.
type STSCredentials struct {
	AccessKeyId     string // STS.…
	AccessKeySecret string
	SecurityToken   string
	Expiration      string // as ParseTime reads it
}

// AssumedRoleUser is who the caller is while it uses the temporary keys.
type AssumedRoleUser struct {
	Arn           string
	AssumedRoleId string // the role's id, a colon and the session name
}

// Action returns the API's name for the call.
func (*AssumeRoleRequest) Action() string { return "AssumeRole" }

// Repeatable reports true: keys whose answer was lost expire unused.
func (*AssumeRoleRequest) Repeatable() bool { return true }

// Version returns the version of the STS API.
func (*AssumeRoleRequest) Version() string { return STSVersion }
