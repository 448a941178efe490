package lab

import (
	"net/http"
	"net/url"

	"muster/pkg/assist"
	"muster/pkg/lab/signature"
)

// authenticator decides who has sent a call: the holder of the lab's own key, or of keys that the lab has issued for a role.
type authenticator struct {
	key    signature.Key // the lab's own
	clock  Clock
	nonces *signature.Nonces
}

// authenticate returns the session that the caller's keys belong to, or nil for the lab's own key.
func (a *authenticator) authenticate(in *incoming) (*session, *assist.Error) {
	id, refused := signature.Verify(in.Request, in.params, in.body, a.keyOf)
	if refused != nil {
		return nil, refused
	}
	s, refused := a.sessionOf(id, securityTokenOf(in.Request, in.params))
	if refused != nil {
		return nil, refused
	}
	nonce, stamp, refused := signature.Nonce(in.Request, in.params)
	if refused != nil {
		return nil, refused
	}
	return s, a.nonces.Check(id, nonce, stamp)
}

// securityTokenOf returns the SecurityToken of a request from the header or parameter that the signature covers.
func securityTokenOf(r *http.Request, params url.Values) string {
	if signature.IsV3(r) {
		return r.Header.Get("x-acs-security-token")
	}
	return params.Get("SecurityToken")
}

// sessionOf returns the session whose keys signed a call, or nil for the lab's own key. Call it after the signature has been
// verified, so that only the owner of a key can learn whether a token is valid. With the lab's own key, the token is ignored: it
// is often left over in a client's environment.
func (a *authenticator) sessionOf(keyID, token string) (*session, *assist.Error) {
	if keyID == a.key.Id {
		return nil, nil
	}
	if token == "" {
		return nil, assist.Refusal(http.StatusBadRequest, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
	}
	s, ok := a.issuer().open(token)
	switch {
	case !ok:
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
	case s.KeyId != keyID:
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidSecurityToken.MismatchWithAccessKey",
			"Specified SecurityToken mismatches with the AccessKey.")
	case !a.clock.Now().Before(s.Expiration):
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
	}
	return &s, nil
}

// keyOf returns the key with an id, which is the lab's own key or one that it has issued, and reports whether it exists.
func (a *authenticator) keyOf(id string) (signature.Key, bool) {
	if id == a.key.Id {
		return a.key, true
	}
	return a.issuer().find(id)
}

func (a *authenticator) issuer() issuer { return issuer{a.key.Secret} }
