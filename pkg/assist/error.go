package assist

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is the service's refusal of a call. A call without a response is a [TransportError].
type Error struct {
	Action     string // the API action that was called
	Code       string // the API's own code, such as "InvalidInstance.NotFound"
	Message    string // the API's own message
	RequestId  string
	HostId     string // the host that refused the call
	Recommend  string // a link, usually empty
	HTTPStatus int
	RetryAfter time.Duration // the wait that the service requests, or 0

	AccessDeniedDetail *AccessDeniedDetail // RAM's reason for the refusal, or nil
	Foreign            *AnswerError        // the response if it is not the API's; Code is then HTTP and the status
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

// Unwrap returns Foreign, or nil.
func (e *Error) Unwrap() error {
	if e.Foreign == nil {
		return nil
	}
	return e.Foreign
}

// Error returns a single line without control characters.
func (e *Error) Error() string {
	s := e.Code
	if e.Action != "" {
		s = e.Action + ": " + s
	}
	if message := cmp.Or(e.AccessDeniedDetail.String(), e.Message); message != "" { // the message is the same for all refusals of RAM
		s += ": " + message
	}
	if e.RequestId != "" {
		s += " (request " + e.RequestId + ")"
	}
	return printable(s)
}

// Throttled reports whether the call exceeded a rate limit. It was not carried out and can be sent again later.
// Invocation.ExceedQuota is a daily quota and does not count.
func (e *Error) Throttled() bool {
	return e.Code == "Throttling" || strings.HasPrefix(e.Code, "Throttling.") || e.HTTPStatus == http.StatusTooManyRequests
}

// Temporary reports whether the service failed. It is then unknown whether the call was carried out.
func (e *Error) Temporary() bool {
	return e.HTTPStatus >= 500 || e.Code == "IdempotentProcessing"
}

// Denied reports whether the credentials are invalid or lack a permission.
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

// TransportError reports a call without a response: the connection was refused or interrupted, or a name does not resolve. It is
// unknown whether the service carried out the call; see [InDoubt].
type TransportError struct {
	Action   string
	Endpoint string // host[:port], never the URL, which contains the script and the signature
	Err      error
}

func (e *TransportError) Error() string {
	return fmt.Sprintf("%s: no response from %s: %s", e.Action, e.Endpoint, clip(printable(TransportReason(e.Err)), maxMessage))
}

func (e *TransportError) Unwrap() error { return e.Err }

// TransportReason returns the text of a transport's error, in other words than Go's for those of TLS.
func TransportReason(err error) string {
	if untrusted, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificateReason(untrusted)
	}
	if errors.Is(err, http.ErrSchemeMismatch) {
		return "it speaks plain HTTP instead of TLS"
	}
	if isA[tls.RecordHeaderError](err) {
		return "it does not speak TLS"
	}
	return fmt.Sprint(err)
}

// certificateReason returns why a server's certificate was not accepted.
func certificateReason(err *tls.CertificateVerificationError) string {
	invalid, isInvalid := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case isA[x509.UnknownAuthorityError](err):
		return "its certificate is signed by an authority that this machine does not trust"
	case isA[x509.HostnameError](err):
		return "its certificate is for other names"
	case isInvalid && invalid.Reason == x509.Expired:
		return "its certificate has expired, or is not valid yet"
	}
	return "its certificate is not valid"
}
