package lab

import (
	"net/http"

	"muster/pkg/assist"
	"muster/pkg/lab/signature"
)

// Tokens of OpenID Connect that the lab always refuses.
const (
	expiredToken = "expired"
	invalidToken = "invalid"
)

// assumeRoleWithOIDC issues keys for a token. Nobody signs this call and the keys let their holder run scripts, so the token
// must be the lab's own secret unless the lab was made to take any.
func assumeRoleWithOIDC(c call, r *assist.AssumeRoleWithOIDCRequest) (*assist.AssumeRoleWithOIDCResponse, error) {
	switch {
	case r.OIDCToken == expiredToken:
		return nil, assist.Refusal(http.StatusUnauthorized, "AuthenticationFail.OIDCToken.Expired", "This JsonWebToken is expired.")
	case r.OIDCToken == invalidToken:
		return nil, assist.Refusal(http.StatusUnauthorized, "AuthenticationFail.OIDCToken.Invalid", "The Jwt content is invalid that cannot be recognized.")
	case !c.issues.anyOIDCToken && !signature.Equal(r.OIDCToken, c.identity.Key.Secret):
		return nil, assist.Refusal(http.StatusUnauthorized, "AuthenticationFail.OIDCToken.InvalidSignature", "OIDC token validate failed: invalid signature.")
	}
	response := new(assist.AssumeRoleWithOIDCResponse)
	err := c.assume(session{RoleArn: r.RoleArn, Name: r.RoleSessionName}, r.DurationSeconds, &response.Credentials, &response.AssumedRoleUser)
	return response, err
}
