// Package signature checks the signatures of the API's two signing protocols, V1 (HMAC-SHA1 over the parameters) and V3
// (ACS3-HMAC-SHA256 over the request), and rejects replayed requests.
//
// Its errors have the service's own codes.
package signature

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
)

// Key is an access key.
type Key struct {
	Id, Secret string
}

// Verify returns the access key id that r is signed with, or the refusal of r. params holds the decoded query and form
// together, body the bytes that were read from r.Body. find returns the key of an id and reports whether it is known.
//
// Verify does not check the age of the request or whether it is a replay, as [Nonces.Check] does, and it does not check a
// SecurityToken.
func Verify(r *http.Request, params url.Values, body []byte, find func(id string) (Key, bool)) (string, *assist.Error) {
	if IsV3(r) {
		return verifyV3(r, body, find)
	}
	return verifyV1(r, params, find)
}

// Nonce returns the nonce and the time stamp of r, from the header or the parameter that its signature covers.
func Nonce(r *http.Request, params url.Values) (nonce string, stamp time.Time, err *assist.Error) {
	get, nonceName, stampName := params.Get, "SignatureNonce", "Timestamp"
	if IsV3(r) {
		get, nonceName, stampName = r.Header.Get, "x-acs-signature-nonce", "x-acs-date"
	}
	nonce = get(nonceName)
	if nonce == "" {
		return "", time.Time{}, assist.MissingParameter(nonceName)
	}
	text := get(stampName)
	if text == "" {
		return "", time.Time{}, assist.MissingParameter(stampName)
	}
	stamp, parseErr := time.Parse("2006-01-02T15:04:05Z", text)
	if parseErr != nil {
		return "", time.Time{}, assist.Refusal(http.StatusBadRequest, "InvalidTimeStamp.Format",
			"Specified time stamp or date value is not well formatted.")
	}
	return nonce, stamp, nil
}

// canonicalQuery returns the parameters, except the one named omit, in the form that both versions sign. A pair that is in both
// the query and the form is signed once.
func canonicalQuery(params url.Values, omit string) string {
	var b strings.Builder
	names := make([]string, 0, len(params))
	for name := range params {
		if name != omit {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		values := params[name]
		if len(values) > 1 {
			values = slices.Compact(slices.Sorted(slices.Values(values)))
		}
		for _, value := range values {
			if b.Len() > 0 {
				b.WriteByte('&')
			}
			b.WriteString(percentEncode(name))
			b.WriteByte('=')
			b.WriteString(percentEncode(value))
		}
	}
	return b.String()
}

// percentEncode encodes s as RFC 3986 says. Only the encoding of the space differs from that of forms.
func percentEncode(s string) string {
	if strings.IndexFunc(s, reserved) < 0 {
		return s
	}
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}

func reserved(c rune) bool {
	return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("-_.~", c)
}

func unknownKey() *assist.Error {
	return assist.Refusal(http.StatusNotFound, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
}

func incompleteSignature(reason string) *assist.Error {
	return assist.Refusal(http.StatusBadRequest, "IncompleteSignature",
		"The request signature does not conform to Aliyun standards. "+reason)
}

// wrongSignature returns the refusal of a signature. Official clients compare the text after the colon with their own string
// to sign, and report a wrong secret when the two are equal.
func wrongSignature(stringToSign string) *assist.Error {
	return assist.Refusal(http.StatusBadRequest, "SignatureDoesNotMatch",
		"Specified signature is not matched with our calculation. server string to sign is:"+stringToSign)
}

// ParseParams parses a query or a form. A semicolon is an ordinary character here. Package net/url rejects it, because it was
// once a separator like &.
func ParseParams(text string) (url.Values, error) {
	return url.ParseQuery(strings.ReplaceAll(text, ";", "%3B"))
}
