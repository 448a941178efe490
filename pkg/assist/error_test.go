package assist

import (
	"errors"
	"io"
	"testing"
)

func TestErrorKinds(t *testing.T) {
	tests := []struct {
		code                         string
		status                       int
		throttled, temporary, denied bool
	}{
		{"Throttling", 400, true, false, false},
		{"Throttling.User", 400, true, false, false},
		{"Throttling.Api", 400, true, false, false},
		{"HTTP429", 429, true, false, false},
		{"ThrottlingNot", 400, false, false, false},
		{"Invocation.ExceedQuota", 403, false, false, false},
		{"InternalError", 500, false, true, false},
		{"InternalError.Dispatch", 500, false, true, false},
		{"ServiceUnavailable", 503, false, true, false},
		{"IdempotentProcessing", 403, false, true, false},
		{"IdempotentParameterMismatch", 403, false, false, false},
		{"InvalidInstance.NotFound", 404, false, false, false},
		{"SignatureDoesNotMatch", 400, false, false, true},
		{"IncompleteSignature", 400, false, false, true},
		{"InvalidAccessKeyId.NotFound", 404, false, false, true},
		{"InvalidSecurityToken.Expired", 400, false, false, true},
		{"Forbidden.RAM", 403, false, false, true},
		{"Operation.Forbidden", 403, false, false, true},
		{"NoPermission", 403, false, false, true},
		{"AuthenticationFail.NoPermission", 403, false, false, true},
		{"EntityNotExist.Role", 404, false, false, true},
	}
	for _, test := range tests {
		e := &Error{Code: test.code, HTTPStatus: test.status}
		if e.Throttled() != test.throttled || e.Temporary() != test.temporary || e.Denied() != test.denied {
			t.Errorf("%s: throttled %v, temporary %v, denied %v", test.code, e.Throttled(), e.Temporary(), e.Denied())
		}
	}
}

func TestErrorTexts(t *testing.T) {
	for want, err := range map[string]error{
		"MissingParam.InstanceId": &Error{Code: "MissingParam.InstanceId"},
		"RunCommand: Throttling: Slow down. (request 1-2)": &Error{
			Action: "RunCommand", Code: "Throttling", Message: "Slow down.", RequestId: "1-2", HTTPStatus: 400,
		},
		"RunCommand: no response from localhost:1: unexpected EOF": &TransportError{
			Action: "RunCommand", Endpoint: "localhost:1", Err: io.ErrUnexpectedEOF,
		},
		"no credentials: environment: not set; profile: none": &CredentialsError{Tried: []string{"environment: not set", "profile: none"}},
	} {
		if got := err.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if err := error(&TransportError{Err: io.ErrUnexpectedEOF}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("a TransportError does not wrap its cause")
	}
}
