package signature

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"

	"muster/pkg/assist"
)

// verifyV1 checks HMAC-SHA1 over method, path and all parameters except Signature, whether in the query or in the form.
func verifyV1(r *http.Request, params url.Values, find func(id string) (Key, bool)) (string, *assist.Error) {
	for _, name := range []string{"AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp"} {
		if params.Get(name) == "" {
			return "", assist.MissingParameter(name)
		}
	}
	if params.Get("SignatureMethod") != "HMAC-SHA1" || params.Get("SignatureVersion") != "1.0" {
		return "", assist.Refusal(http.StatusBadRequest, "InvalidSignatureMethod", "Specified signature method is not supported.")
	}
	id := params.Get("AccessKeyId")
	k, known := find(id)
	if !known {
		return "", unknownKey()
	}
	signed := stringToSignV1(r.Method, r.URL, params)
	want := hmacV1(k.Secret, signed)
	for _, signature := range params["Signature"] {
		if !Equal(signature, want) {
			return "", wrongSignature(signed)
		}
	}
	return id, nil
}

func stringToSignV1(method string, u *url.URL, params url.Values) string {
	return method + "&" + percentEncode(signedPath(u)) + "&" + percentEncode(canonicalQuery(params, "Signature"))
}

// SignV1 returns the signature of a request of version 1. params holds the decoded query and form together.
func SignV1(secret, method string, u *url.URL, params url.Values) string {
	return hmacV1(secret, stringToSignV1(method, u, params))
}

func hmacV1(secret, stringToSign string) string {
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(stringToSign))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func signedPath(u *url.URL) string {
	if path := u.EscapedPath(); path != "" {
		return path
	}
	return "/"
}

// Equal reports, in constant time, whether two encoded signatures are equal. It compares the encoded text, because different
// encoded texts can decode to the same bytes.
func Equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
