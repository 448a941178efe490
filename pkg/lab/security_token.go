package lab

import (
	"net/http"
	"net/url"

	"muster/pkg/assist"
	"muster/pkg/lab/signature"
)

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
func (l *Lab) sessionOf(keyID, token string) (*session, *assist.Error) {
	if keyID == l.identity.Key.Id {
		return nil, nil
	}
	if token == "" {
		return nil, assist.Refusal(http.StatusBadRequest, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
	}
	s, ok := l.issuer().open(token)
	switch {
	case !ok:
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
	case s.KeyId != keyID:
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidSecurityToken.MismatchWithAccessKey",
			"Specified SecurityToken mismatches with the AccessKey.")
	case !l.clock.Now().Before(s.Expiration):
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
	}
	return &s, nil
}

// keyOf returns the key with an id, which is the lab's own key or one that it has issued, and reports whether it exists.
func (l *Lab) keyOf(id string) (signature.Key, bool) {
	if id == l.identity.Key.Id {
		return l.identity.Key, true
	}
	return l.issuer().find(id)
}

func (l *Lab) issuer() issuer { return issuer{l.identity.Key.Secret} }
