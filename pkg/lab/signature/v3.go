package signature

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"muster/pkg/assist"
)

// algorithmV3 is the only algorithm supported. The service has others of the same form, for other kinds of keys.
const algorithmV3 = "ACS3-HMAC-SHA256"

// IsV3 reports whether r claims a signature of version 3.
func IsV3(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), "ACS3-")
}

// verifyV3 checks HMAC-SHA256 over method, path, query, the signed headers and the body's hash.
func verifyV3(r *http.Request, body []byte, find func(id string) (Key, bool)) (string, *assist.Error) {
	auth, err := parseAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		return "", err
	}
	for _, name := range []string{"x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"} {
		if r.Header.Get(name) == "" {
			return "", assist.MissingParameter(name)
		}
	}
	if name := unsignedHeader(r, body, auth.signedHeaders); name != "" {
		return "", incompleteSignature("The header " + name + " is not signed.")
	}
	query, parseErr := ParseParams(r.URL.RawQuery)
	if parseErr != nil {
		return "", incompleteSignature("The query string cannot be decoded.")
	}
	k, known := find(auth.credential)
	if !known {
		return "", unknownKey()
	}
	bodyHash := HashBody(body)
	signed := stringToSignV3(r, query, auth.signedHeaders, bodyHash)
	if !Equal(auth.signature, hmacV3(k.Secret, signed)) || !Equal(r.Header.Get("x-acs-content-sha256"), bodyHash) {
		return "", wrongSignature(signed)
	}
	return auth.credential, nil
}

type authorization struct {
	credential    string
	signedHeaders []string
	signature     string
}

func parseAuthorization(header string) (authorization, *assist.Error) {
	algorithm, rest, _ := strings.Cut(header, " ")
	if algorithm != algorithmV3 {
		return authorization{}, assist.Refusal(http.StatusBadRequest, "InvalidSignatureMethod", "Specified signature method is not supported.")
	}
	var a authorization
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			a.credential = value
		case "SignedHeaders":
			a.signedHeaders = strings.Split(value, ";")
		case "Signature":
			a.signature = value
		}
	}
	switch {
	case a.credential == "":
		return authorization{}, incompleteSignature("Authorization has no Credential.")
	case a.signedHeaders == nil:
		return authorization{}, incompleteSignature("Authorization has no SignedHeaders.")
	case a.signature == "":
		return authorization{}, incompleteSignature("Authorization has no Signature.")
	}
	return a, nil
}

// unsignedHeader returns the name of a header that must be signed but is not, or "".
func unsignedHeader(r *http.Request, body []byte, signed []string) string {
	required := []string{"host"}
	if len(body) > 0 {
		required = append(required, "content-type")
	}
	for name := range r.Header {
		if name := strings.ToLower(name); strings.HasPrefix(name, "x-acs-") {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	for _, name := range required {
		if !slices.Contains(signed, name) {
			return name
		}
	}
	return ""
}

func stringToSignV3(r *http.Request, query url.Values, headers []string, bodyHash string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + signedPath(r.URL) + "\n" + canonicalQuery(query, "") + "\n")
	for _, name := range headers {
		b.WriteString(name + ":" + signedHeader(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(headers, ";") + "\n" + bodyHash)
	return algorithmV3 + "\n" + HashBody([]byte(b.String()))
}

func signedHeader(r *http.Request, name string) string {
	if name == "host" {
		return r.Host
	}
	values := slices.Clone(r.Header.Values(name))
	for i, value := range values {
		values[i] = strings.TrimSpace(value)
	}
	return strings.Join(values, ",")
}

// SignV3 returns the Authorization header of a request of version 3. signedHeaders are sorted names in lower case, bodyHash is
// the value of x-acs-content-sha256, which [HashBody] returns.
func SignV3(k Key, r *http.Request, query url.Values, signedHeaders []string, bodyHash string) string {
	return fmt.Sprintf("%s Credential=%s,SignedHeaders=%s,Signature=%s",
		algorithmV3, k.Id, strings.Join(signedHeaders, ";"), hmacV3(k.Secret, stringToSignV3(r, query, signedHeaders, bodyHash)))
}

func hmacV3(secret, stringToSign string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stringToSign))
	return hex.EncodeToString(mac.Sum(nil))
}

// HashBody returns the value of x-acs-content-sha256 for a body.
func HashBody(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
