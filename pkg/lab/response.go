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

// answer is what goes back for one call.
type apiResponse struct {
	requestID string
	host      string
	xml       bool
	action    string
	response  any // points to an action's response
}

// refused is the body of an answer that refuses a call.
type errorResponse struct {
	RequestId string
	HostId    string
	Code      string
	Message   string
	Recommend string

	AccessDeniedDetail *assist.AccessDeniedDetail `json:",omitempty"`
}

// write sends the response, or what err says against it. Of several faults the first is told, for there is place for one.
func (a apiResponse) write(w http.ResponseWriter, err error) {
	status, root, body := http.StatusOK, a.action+"Response", a.response
	if err != nil {
		fault, ok := errors.AsType[*assist.Error](err)
		if !ok {
			fault = assist.Refusal(http.StatusInternalServerError, "InternalError", err.Error())
		}
		status, root = fault.HTTPStatus, "Error"
		if fault.RetryAfter > 0 {
			w.Header().Set("x-acs-retry-after", strconv.FormatInt(fault.RetryAfter.Milliseconds(), 10))
		}
		if over, ok := errors.AsType[*quotaError](err); ok {
			w.Header().Set("x-ratelimit-user-api", over.limits)
		}
		body = &errorResponse{a.requestID, a.host, fault.Code, fault.Message, fault.Recommend, fault.AccessDeniedDetail}
	} else {
		reflect.ValueOf(body).Elem().FieldByName("RequestId").SetString(a.requestID) // every response has it
		assist.FillLists(body)
	}
	kind, encode := "application/json;charset=utf-8", encodeJSON
	if a.xml {
		kind, encode = "text/xml;charset=utf-8", func(w io.Writer, v any) error {
			text, err := encodeXML(root, v)
			if err != nil {
				return err
			}
			_, err = w.Write(text)
			return err
		}
	}
	header := w.Header()
	header.Set("Content-Type", kind)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("x-acs-request-id", a.requestID)
	w.WriteHeader(status)
	_ = encode(w, body) // the types are our own, and who does not read the answer needs none
}

// encodeJSON writes what an Encoder of the standard library gives, in less than half of its time: an answer can have a
// megabyte. What HTML would need to be written otherwise stays as it is.
func encodeJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetAppendNewline(false)
	return encoder.Encode(v)
}

// deniedBy returns what RAM says with the codes that are its own: Forbidden.RAM is of a user whom nothing allows the action,
// and NoPermission of a role that a control policy denies it. It is nil for all other codes.
func accessDeniedDetail(code, action string) *assist.AccessDeniedDetail {
	detail := &assist.AccessDeniedDetail{
		AuthAction: "ecs:" + action, AuthPrincipalOwnerId: "1000000000000001",
		// What the service encodes there is only for itself.
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
