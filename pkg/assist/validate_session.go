package assist

import (
	"encoding/json"
	"net/http"
	"regexp"
	"sync"
)

var (
	roleArn         = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^acs:ram::[0-9]+:role/[A-Za-z0-9._-]{1,64}$`) })
	roleSessionName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9.@_-]{2,64}$`) })
)

// Validate checks the request, except for the minimum of DurationSeconds. An error is a [ValidationErrors].
func (r *AssumeRoleRequest) Validate() error {
	var f ValidationErrors
	f.session(r.RoleArn, r.RoleSessionName, r.DurationSeconds, r.Policy)
	return f.orNil()
}

// Validate checks the request, except for the minimum of DurationSeconds. An error is a [ValidationErrors].
func (r *AssumeRoleWithOIDCRequest) Validate() error {
	var f ValidationErrors
	f.missing("OIDCProviderArn", r.OIDCProviderArn)
	f.missing("OIDCToken", r.OIDCToken)
	f.session(r.RoleArn, r.RoleSessionName, r.DurationSeconds, r.Policy)
	return f.orNil()
}

func (f *ValidationErrors) session(arn, name string, seconds int64, policy string) {
	f.missing("RoleArn", arn)
	f.missing("RoleSessionName", name)
	if arn != "" && !roleArn().MatchString(arn) {
		f.add(http.StatusBadRequest, "InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed: want acs:ram::ACCOUNT:role/NAME.")
	}
	if name != "" && !roleSessionName().MatchString(name) {
		f.add(http.StatusBadRequest, "InvalidParameter.RoleSessionName",
			"The parameter RoleSessionName is wrongly formed: want 2 to 64 letters, digits and any of .@_-.")
	}
	if seconds < 0 || seconds > MaxDurationSeconds {
		f.add(http.StatusBadRequest, "InvalidParameter.DurationSeconds",
			"The specified parameter DurationSeconds is not valid: %d, want %d to %d.", seconds, MinDurationSeconds, MaxDurationSeconds)
	}
	var object map[string]json.RawMessage
	if policy != "" && json.Unmarshal([]byte(policy), &object) != nil {
		f.add(http.StatusBadRequest, "InvalidParameter.PolicyGrammar", "The parameter Policy has not passed grammar check.")
	}
}
