package assist

import (
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// AccessDeniedDetail is RAM's reason for refusing a call, with the API's values.
type AccessDeniedDetail struct {
	AuthAction               string `json:",omitempty"` // the denied action, such as "ecs:RunCommand"
	AuthPrincipalType        string `json:",omitempty"` // SubUser, AssumedRoleUser, Federated
	AuthPrincipalDisplayName string `json:",omitempty"` // a user's name or id, a role's name and session, or an identity provider
	AuthPrincipalOwnerId     string `json:",omitempty"` // the account of the principal
	NoPermissionType         string `json:",omitempty"` // ImplicitDeny or ExplicitDeny
	PolicyType               string `json:",omitempty"` // the kind of policy that decided
	EncodedDiagnosticMessage string `json:",omitempty"` // for ram:DecodeDiagnosticMessage
}

// readAccessDenied reads a detail. Some responses have it as an object, some as a string that contains one, and most do not
// have it.
func readAccessDenied(value jsontext.Value) *AccessDeniedDetail {
	var text string
	if value.Kind() == '"' && json.Unmarshal(value, &text, lenient) == nil {
		value = jsontext.Value(text)
	}
	d := new(AccessDeniedDetail)
	if json.Unmarshal(value, d, lenient) != nil || *d == (AccessDeniedDetail{}) {
		return nil
	}
	for _, text := range []*string{
		&d.AuthAction, &d.AuthPrincipalType, &d.AuthPrincipalDisplayName, &d.AuthPrincipalOwnerId, &d.NoPermissionType, &d.PolicyType,
	} {
		*text = clip(*text, maxName)
	}
	if len(d.EncodedDiagnosticMessage) > maxToken {
		d.EncodedDiagnosticMessage = "" // part of it cannot be decoded
	}
	return d
}

// String returns which action is denied to whom, and by which kind of policy. It returns "" if the detail does not include the
// action.
func (d *AccessDeniedDetail) String() string {
	if d == nil || d.AuthAction == "" {
		return ""
	}
	s := d.AuthAction + " is not allowed"
	if principal := d.principal(); principal != "" {
		s += " for " + principal
	}
	if why := d.why(); why != "" {
		s += " (" + why + ")"
	}
	return s
}

func (d *AccessDeniedDetail) principal() string {
	name := d.AuthPrincipalDisplayName
	if name != "" && d.AuthPrincipalOwnerId != "" {
		name += "@" + d.AuthPrincipalOwnerId
	}
	switch d.AuthPrincipalType {
	case "SubUser":
		return strings.TrimSpace("RAM user " + name)
	case "AssumedRoleUser":
		return strings.TrimSpace("RAM role " + name)
	case "Federated":
		return strings.TrimSpace("the SSO identity " + name)
	}
	return strings.TrimSpace(d.AuthPrincipalType + " " + name)
}

func (d *AccessDeniedDetail) why() string {
	policy := d.policy()
	switch d.NoPermissionType {
	case "ImplicitDeny":
		return "no " + policy + " allows it"
	case "ExplicitDeny":
		if strings.ContainsRune("aeiouAEIOU", rune(policy[0])) {
			return "an " + policy + " denies it"
		}
		return "a " + policy + " denies it"
	}
	return d.NoPermissionType
}

func (d *AccessDeniedDetail) policy() string {
	switch d.PolicyType {
	case "":
		return "policy"
	case "AccountLevelIdentityBasedPolicy":
		return "identity policy"
	case "ResourceGroupLevelIdentityBasedPolicy":
		return "identity policy of the resource group"
	case "AssumeRolePolicy":
		return "trust policy of the role"
	case "SessionPolicy":
		return "session policy"
	case "ControlPolicy":
		return "control policy of the resource directory"
	}
	return d.PolicyType
}
