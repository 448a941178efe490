package assist

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is what the service, or its stand-in, says when it refuses a call. It is an answer: transport faults, where no
// answer came, are a TransportError.
type Error struct {
	Action     string // the API action that was called
	Code       string // the API's own code, such as "InvalidInstance.NotFound"
	Message    string // the API's own sentence
	RequestId  string
	HostId     string // the host that refused, as it knows itself
	Recommend  string // a link, mostly empty
	HTTPStatus int
	RetryAfter time.Duration // the service's own hint; zero when it gave none

	AccessDeniedDetail *AccessDeniedDetail // what RAM says of a refusal of its own; nil when it says nothing
	Foreign            *AnswerError        // the answer, where it was not the API's; the code is HTTP and its status then
}

// Refusal returns the error that a service refuses a call with.
func Refusal(httpStatus int, code, message string) *Error {
	return &Error{Code: code, Message: message, HTTPStatus: httpStatus}
}

// MissingParameter returns the refusal of a call that lacks a mandatory parameter.
func MissingParameter(name string) *Error {
	return Refusal(http.StatusBadRequest, "MissingParameter."+name,
		fmt.Sprintf("The input parameter %q that is mandatory for processing this request is not supplied.", name))
}

// InvalidParameter returns the refusal of a parameter's value. The reason is a clause without a full stop.
func InvalidParameter(code, name, reason string) *Error {
	return Refusal(http.StatusBadRequest, code, "The specified parameter "+name+" is not valid: "+reason+".")
}

// Unwrap returns the answer that was not the API's.
func (e *Error) Unwrap() error {
	if e.Foreign == nil {
		return nil
	}
	return e.Foreign
}

// Error is a line without control characters.
func (e *Error) Error() string {
	s := e.Code
	if e.Action != "" {
		s = e.Action + ": " + s
	}
	if message := cmp.Or(e.AccessDeniedDetail.String(), e.Message); message != "" { // RAM's message is the same for all
		s += ": " + message
	}
	if e.RequestId != "" {
		s += " (request " + e.RequestId + ")"
	}
	return printable(s)
}

// Throttled tells a refusal for pace: the call was not carried out and may be sent again, later. Invocation.ExceedQuota
// is a daily quota and not meant here.
func (e *Error) Throttled() bool {
	return e.Code == "Throttling" || strings.HasPrefix(e.Code, "Throttling.") || e.HTTPStatus == http.StatusTooManyRequests
}

// Temporary tells a failure inside the service, after which the state of the call is not known.
func (e *Error) Temporary() bool {
	return e.HTTPStatus >= 500 || e.Code == "IdempotentProcessing"
}

// Denied tells that who asked is not known, or may not.
func (e *Error) Denied() bool {
	switch {
	case strings.HasPrefix(e.Code, "InvalidAccessKeyId"), strings.HasPrefix(e.Code, "Forbidden"),
		strings.HasPrefix(e.Code, "InvalidSecurityToken"), strings.HasPrefix(e.Code, "NoPermission"),
		strings.HasPrefix(e.Code, "AuthenticationFail"), e.Code == "EntityNotExist.Role":
		return true
	}
	switch e.Code {
	case "SignatureDoesNotMatch", "IncompleteSignature", "MissingSecurityToken", "Operation.Forbidden",
		"TemporaryAccessKey.Error", "CreateServiceLinkedRole.NoPermission", "ParameterStore.NoPermission":
		return true
	}
	return false
}

// TransportError is a call that brought no answer: a refused connection, a name that does not resolve, a cut line. What
// the service did with the call is not known.
type TransportError struct {
	Action   string
	Endpoint string // host[:port]; never the URL, which holds the script and the signature
	Err      error
}

func (e *TransportError) Error() string {
	return fmt.Sprintf("%s: no answer from %s: %s", e.Action, e.Endpoint, clip(printable(fmt.Sprint(e.Err)), maxSaid))
}

func (e *TransportError) Unwrap() error { return e.Err }
