package assist

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestAccessDeniedDetailInRefusals(t *testing.T) {
	const detail = `{"PolicyType": "AccountLevelIdentityBasedPolicy", "AuthAction": "ecs:RunCommand", "AuthPrincipalType": "SubUser",
		"AuthPrincipalDisplayName": "ops", "AuthPrincipalOwnerId": "1234", "NoPermissionType": "ImplicitDeny", "EncodedDiagnosticMessage": "AQEA"}`
	const denied = "Forbidden.RAM: ecs:RunCommand is not allowed for RAM user ops@1234 (no identity policy allows it)"
	for body, want := range map[string]string{
		`{"Code": "Forbidden.RAM", "Message": "m", "AccessDeniedDetail": ` + detail + `}`:                           denied,
		`{"Code": "Forbidden.RAM", "Message": "m", "AccessDeniedDetail": "{\"AuthAction\": \"ecs:StopInstance\"}"}`: "Forbidden.RAM: ecs:StopInstance is not allowed",
		`{"Code": "Forbidden.RAM", "Message": "m", "AccessDeniedDetail": {"EncodedDiagnosticMessage": "AQEA"}}`:     "Forbidden.RAM: m",
		`{"Code": "Forbidden.RAM", "Message": "m", "AccessDeniedDetail": {}}`:                                       "Forbidden.RAM: m",
		`{"Code": "Forbidden.RAM", "Message": "m", "AccessDeniedDetail": null}`:                                     "Forbidden.RAM: m",
		`{"Code": "Forbidden.RAM", "Message": "m", "AccessDeniedDetail": [1]}`:                                      "Forbidden.RAM: m",
		`{"Code": "Forbidden.RAM", "Message": "m", "AccessDeniedDetail": "nothing"}`:                                "Forbidden.RAM: m",
		`{"Code": "Forbidden.RAM", "Message": "m", "AccessDeniedDetail": {"AuthAction": 1}}`:                        "Forbidden.RAM: m",
		`{"Code": "Forbidden.RAM", "Message": "m"}`:                                                                 "Forbidden.RAM: m",
	} {
		if got := refusalOf(t, "", body); got.Error() != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	got := refusalOf(t, "RunCommand", `{"Code": "Forbidden.RAM", "AccessDeniedDetail": `+detail+`}`)
	if d := got.AccessDeniedDetail; d == nil || d.EncodedDiagnosticMessage != "AQEA" || d.AuthPrincipalOwnerId != "1234" {
		t.Errorf("%+v", d)
	}
}

// refusalOf decodes a refusal of an action.
func refusalOf(t *testing.T, action, body string) *Error {
	t.Helper()
	got := &answer{status: http.StatusForbidden, body: newBounded(io.NopCloser(strings.NewReader(body)), minAnswer)}
	err := (&reader{request: &RunCommandRequest{}, got: got}).read(new(RunCommandResponse))
	refused, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%s: %v", body, err)
	}
	refused.Action = action
	return refused
}

func TestAccessDeniedDetailText(t *testing.T) {
	for _, test := range []struct {
		detail AccessDeniedDetail
		want   string
	}{
		{AccessDeniedDetail{}, ""},
		{AccessDeniedDetail{AuthAction: "ecs:RunCommand"}, "ecs:RunCommand is not allowed"},
		{AccessDeniedDetail{"a:B", "AssumedRoleUser", "deploy:ci", "12", "ExplicitDeny", "AccountLevelIdentityBasedPolicy", ""}, "a:B is not allowed for RAM role deploy:ci@12 (an identity policy denies it)"},
		{AccessDeniedDetail{"a:B", "Federated", "saml-provider/Azure", "", "ExplicitDeny", "ControlPolicy", ""}, "a:B is not allowed for the SSO identity saml-provider/Azure (a control policy of the resource directory denies it)"},
		{AccessDeniedDetail{"a:B", "RootUser", "", "12", "ImplicitDeny", "SessionPolicy", ""}, "a:B is not allowed for RootUser (no session policy allows it)"},
		{AccessDeniedDetail{"a:B", "SubUser", "", "", "ImplicitDeny", "AssumeRolePolicy", ""}, "a:B is not allowed for RAM user (no trust policy of the role allows it)"},
		{AccessDeniedDetail{"a:B", "", "x", "", "ImplicitDeny", "ResourceGroupLevelIdentityBasedPolicy", ""}, "a:B is not allowed for x (no identity policy of the resource group allows it)"},
		{AccessDeniedDetail{"a:B", "", "", "", "ExplicitDeny", "OtherPolicy", ""}, "a:B is not allowed (an OtherPolicy denies it)"},
		{AccessDeniedDetail{"a:B", "", "", "", "Other", "", ""}, "a:B is not allowed (Other)"},
	} {
		if got := test.detail.String(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}
