package lab

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/signature"
)

// noRole is the name of the role that does not exist in any account.
const noRole = "missing"

// assumeRole issues keys for any role except noRole. The lab has no permissions, so these keys allow the same as its own key.
func assumeRole(c call, r *assist.AssumeRoleRequest) (*assist.AssumeRoleResponse, error) {
	response := new(assist.AssumeRoleResponse)
	err := c.assume(session{RoleArn: r.RoleArn, Name: r.RoleSessionName}, r.DurationSeconds, &response.Credentials, &response.AssumedRoleUser)
	return response, err
}

// assume issues the keys of a session with a duration in seconds, where 0 means the default.
func (c call) assume(s session, seconds int64, keys *assist.STSCredentials, user *assist.AssumedRoleUser) error {
	if minimum := c.issues.minDurationSeconds; seconds != 0 && seconds < minimum {
		return assist.InvalidParameter("InvalidParameter.DurationSeconds", "DurationSeconds",
			fmt.Sprintf("%d, want %d to %d", seconds, minimum, assist.MaxDurationSeconds))
	}
	if s.role() == noRole {
		return assist.Refusal(http.StatusNotFound, "EntityNotExist.Role", "The specified Role not exists .")
	}
	duration := time.Duration(cmp.Or(seconds, assist.DefaultDurationSeconds)) * time.Second
	s.Expiration = c.clock.Now().Add(duration).UTC().Truncate(time.Second)
	k, token, err := c.authenticator.issuer().issue(s)
	if err != nil {
		return err
	}
	*keys = assist.STSCredentials{
		AccessKeyId: k.Id, AccessKeySecret: k.Secret, SecurityToken: token, Expiration: assist.FormatTime(s.Expiration),
	}
	*user = assist.AssumedRoleUser{Arn: s.RoleArn + "/" + s.Name, AssumedRoleId: s.roleID() + ":" + s.Name}
	return nil
}

// OpenID Connect tokens that the lab always refuses.
const (
	expiredToken = "expired"
	invalidToken = "invalid"
)

// assumeRoleWithOIDC issues keys for an OpenID Connect token. The call is not signed, and the keys allow running scripts. So the
// token must be the lab's own secret, unless the lab's options allow any token.
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
