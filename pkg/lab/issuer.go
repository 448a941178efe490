package lab

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"strings"

	"muster/pkg/lab/signature"
)

// The prefixes of issued keys and tokens, as in STS.
const (
	issuedKeyPrefix   = "STS."
	issuedTokenPrefix = "CAIS"
)

// issueRules limit the keys that the lab issues.
type issueRules struct {
	minDurationSeconds int64
	anyOIDCToken       bool
}

// issuer issues temporary keys and recognizes them. It derives the keys from the lab's own secret and puts the session into the
// token, so that nothing has to be stored.
type issuer struct{ secret string }

// issue returns the keys of a session and the token that belongs to them. It sets the session's KeyId.
func (i issuer) issue(s session) (k signature.Key, token string, err error) {
	id := rand.Text()
	k.Id = issuedKeyPrefix + id + i.checksum(id)
	k.Secret = i.secretOf(k.Id)
	s.KeyId = k.Id
	text, err := json.Marshal(s)
	if err != nil {
		return signature.Key{}, "", err
	}
	return k, issuedTokenPrefix + base64.StdEncoding.EncodeToString(append(i.mac("token", string(text)), text...)), nil
}

// find returns the key with an id, and reports whether the lab has issued it.
func (i issuer) find(id string) (signature.Key, bool) {
	rest, issued := strings.CutPrefix(id, issuedKeyPrefix)
	at := len(rest) - len(i.checksum(""))
	if !issued || at < 0 || !signature.Equal(rest[at:], i.checksum(rest[:at])) {
		return signature.Key{}, false
	}
	return signature.Key{Id: id, Secret: i.secretOf(id)}, true
}

// open returns the session that a token was issued for, even if it has expired.
func (i issuer) open(token string) (s session, ok bool) {
	text, issued := strings.CutPrefix(token, issuedTokenPrefix)
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if !issued || err != nil || len(data) < sha256.Size {
		return session{}, false
	}
	mac, data := data[:sha256.Size], data[sha256.Size:]
	if !hmac.Equal(mac, i.mac("token", string(data))) || json.Unmarshal(data, &s) != nil {
		return session{}, false
	}
	return s, true
}

// checksum returns the end of a key id, which shows that the lab has issued it.
func (i issuer) checksum(id string) string {
	return base32.StdEncoding.EncodeToString(i.mac("id", id)[:5])
}

func (i issuer) secretOf(id string) string {
	return base64.RawURLEncoding.EncodeToString(i.mac("secret", id)[:30])
}

// mac returns an HMAC that differs for each purpose. The prefix of its text makes it differ from the signatures of calls.
func (i issuer) mac(purpose, text string) []byte {
	h := hmac.New(sha256.New, []byte(i.secret))
	h.Write([]byte("muster lab sts " + purpose + "\n" + text))
	return h.Sum(nil)
}
