package lab

import (
	"errors"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/segmentio/encoding/json"

	"muster/pkg/assist"
)

// apiResponse is the response to one call.
type apiResponse struct {
	requestID string
	host      string
	xml       bool
	action    string
	body      any // a pointer to the action's response type; nil after an error
}

// errorResponse is the body of the response to a refused call.
type errorResponse struct {
	RequestId string
	HostId    string
	Code      string
	Message   string
	Recommend string

	AccessDeniedDetail *assist.AccessDeniedDetail `json:",omitempty"`
}

// write writes the response, or err if it is not nil. If err contains several errors, only the first is written: the format has
// room for one.
func (a apiResponse) write(w http.ResponseWriter, err error) {
	status, root, body := http.StatusOK, a.action+"Response", a.body
	if err != nil {
		refusal := refusalOf(err)
		status, root = refusal.HTTPStatus, "Error"
		if refusal.RetryAfter > 0 {
			w.Header().Set("x-acs-retry-after", strconv.FormatInt(refusal.RetryAfter.Milliseconds(), 10))
		}
		if over, ok := errors.AsType[*quotaError](err); ok {
			w.Header().Set("x-ratelimit-user-api", over.header)
		}
		body = &errorResponse{a.requestID, a.host, refusal.Code, refusal.Message, refusal.Recommend, refusal.AccessDeniedDetail}
	} else {
		reflect.ValueOf(body).Elem().FieldByName("RequestId").SetString(a.requestID) // every response type has it
		assist.FillLists(body)
	}
	contentType, encode := "application/json;charset=utf-8", encodeJSON
	if a.xml {
		contentType, encode = "text/xml;charset=utf-8", func(w io.Writer, v any) error {
			text, err := encodeXML(root, v)
			if err != nil {
				return err
			}
			_, err = w.Write(text)
			return err
		}
	}
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("x-acs-request-id", a.requestID)
	w.WriteHeader(status)
	_ = encode(w, body) // our own types can be encoded; the only other error is that the client is gone
}

// encodeJSON writes the same bytes as an Encoder of the standard library, without HTML escapes and in less than half of the
// time. A response can have a megabyte.
func encodeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetAppendNewline(false)
	return encoder.Encode(v)
}

// accessDeniedDetail returns the detail that RAM adds to its own error codes. With Forbidden.RAM, no policy allows the action
// to a user; with NoPermission, a control policy denies it to a role. It returns nil for all other codes.
func accessDeniedDetail(code, action string) *assist.AccessDeniedDetail {
	detail := &assist.AccessDeniedDetail{
		AuthAction: "ecs:" + action, AuthPrincipalOwnerId: "1000000000000001",
		// Only the service can decode the message.
		EncodedDiagnosticMessage: "AQEAAAAAaKPfwjY0MzMyODRGLUZCQkQtNTA1RS04MUUxLTc5NTkzODk2MUIzMg==",
	}
	switch family, _, _ := strings.Cut(code, "."); {
	case code == "Forbidden.RAM":
		detail.AuthPrincipalType, detail.AuthPrincipalDisplayName = "SubUser", "ops"
		detail.NoPermissionType, detail.PolicyType = "ImplicitDeny", "AccountLevelIdentityBasedPolicy"
	case family == "NoPermission":
		detail.AuthPrincipalType, detail.AuthPrincipalDisplayName = "AssumedRoleUser", "deploy:ci"
		detail.NoPermissionType, detail.PolicyType = "ExplicitDeny", "ControlPolicy"
	default:
		return nil
	}
	return detail
}
