package lab

import (
	"strings"

	"muster/pkg/assist"
)

// deniedBy returns what RAM says with the codes that are its own: Forbidden.RAM is of a user whom nothing allows the action,
// and NoPermission of a role that a control policy denies it. It is nil for all other codes.
func deniedBy(code, action string) *assist.AccessDeniedDetail {
	detail := &assist.AccessDeniedDetail{
		AuthAction: "ecs:" + action, AuthPrincipalOwnerId: "1000000000000001",
		// What the service encodes there is only for itself.
		EncodedDiagnosticMessage: "AQEAAAAAaKPfwjY0MzMyODRGLUZCQkQtNTA1RS04MUUxLTc5NTkzODk2MUIzMg==",
	}
	switch family, _, _ := strings.Cut(code, "."); {
	case code == "Forbidden.RAM":
		detail.AuthPrincipalType, detail.AuthPrincipalDisplayName = "SubUser", "ops"
		detail.NoPermissionType, detail.PolicyType = "ImplicitDeny", "AccountLevelIdentityBasedPolicy"
	case family == "NoPermission":
		detail.AuthPrincipalType, detail.AuthPrincipalDisplayName = "AssumedRoleUser", "deploy:ci"
		detail.NoPermissionType, detail.PolicyType = "ExplicitDeny", "ControlPolicy"
	default:
		return nil
	}
	return detail
}
