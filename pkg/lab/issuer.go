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

// What issued keys and tokens begin with, as those of STS do.
const (
	issuedKeyPrefix   = "STS."
	issuedTokenPrefix = "CAIS"
)

// issueRules say which keys the lab issues.
type issueRules struct {
	minDurationSeconds int64
	anyOIDCToken       bool
}

// issuer issues temporary keys and recognizes them. It derives them from the lab's own secret and puts what they stand for
// into the token, so nothing about them has to be kept.
type issuer struct{ secret string }

// issue returns the keys of a session and the token that belongs to them. It sets the session's KeyId.
func (i issuer) issue(s session) (k signature.Key, token string, err error) {
	number := rand.Text()
	k.Id = issuedKeyPrefix + number + i.checksum(number)
	k.Secret = i.secretOf(k.Id)
	s.KeyId = k.Id
	text, err := json.Marshal(s)
	if err != nil {
		return signature.Key{}, "", err
	}
	return k, issuedTokenPrefix + base64.StdEncoding.EncodeToString(append(i.mac("token", string(text)), text...)), nil
}

// find returns the key of an id that the lab has issued.
func (i issuer) find(id string) (signature.Key, bool) {
	number, issued := strings.CutPrefix(id, issuedKeyPrefix)
	at := len(number) - len(i.checksum(""))
	if !issued || at < 0 || !signature.Equal(number[at:], i.checksum(number[:at])) {
		return signature.Key{}, false
	}
	return signature.Key{Id: id, Secret: i.secretOf(id)}, true
}

// open returns the session that a token was issued for, expired or not.
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

// mark is what tells an id that the lab has issued from any other.
func (i issuer) checksum(number string) string {
	return base32.StdEncoding.EncodeToString(i.mac("id", number)[:5])
}

func (i issuer) secretOf(id string) string {
	return base64.RawURLEncoding.EncodeToString(i.mac("secret", id)[:30])
}

// mac differs for each purpose, and from every signature of a call, whose text begins otherwise.
func (i issuer) mac(purpose, text string) []byte {
	h := hmac.New(sha256.New, []byte(i.secret))
	h.Write([]byte("muster lab sts " + purpose + "\n" + text))
	return h.Sum(nil)
}
