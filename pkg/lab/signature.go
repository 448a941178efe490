package lab

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
)

// key is an access key that may call the lab.
type key struct {
	Id, Secret string
}

// verifySignature tells whose request r is, or why it is refused. params holds the decoded query and form together, body
// what was read from r.Body. It does not judge age and reuse of the request, which is nonces' part, nor a SecurityToken, which
// is sessionOf's.
func verifySignature(r *http.Request, params url.Values, body []byte, find func(id string) (key, bool)) (string, *assist.Error) {
	if signedV3(r) {
		return verifyV3(r, body, find)
	}
	return verifyV1(r, params, find)
}

// nonceOf reads what makes a request unique from the place that its signature covers.
func nonceOf(r *http.Request, params url.Values) (nonce string, stamp time.Time, err *assist.Error) {
	get, nonceName, stampName := params.Get, "SignatureNonce", "Timestamp"
	if signedV3(r) {
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
	stamp, bad := time.Parse("2006-01-02T15:04:05Z", text)
	if bad != nil {
		return "", time.Time{}, assist.Refusal(http.StatusBadRequest, "InvalidTimeStamp.Format",
			"Specified time stamp or date value is not well formatted.")
	}
	return nonce, stamp, nil
}

// canonicalQuery writes parameters the way that both signature versions sign them. A pair that stands both in the query
// and in the form is signed once.
func canonicalQuery(params url.Values, leaveOut string) string {
	var b strings.Builder
	names := make([]string, 0, len(params))
	for name := range params {
		if name != leaveOut {
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

// percentEncode is RFC 3986's encoding, which differs from a form's in the space alone.
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

func incompleteSignature(why string) *assist.Error {
	return assist.Refusal(http.StatusBadRequest, "IncompleteSignature",
		"The request signature does not conform to Aliyun standards. "+why)
}

// wrongSignature's message begins and ends as official clients expect: they compare what follows the colon with their own
// string to sign, and say "wrong secret" when the two are the same.
func wrongSignature(stringToSign string) *assist.Error {
	return assist.Refusal(http.StatusBadRequest, "SignatureDoesNotMatch",
		"Specified signature is not matched with our calculation. server string to sign is:"+stringToSign)
}
