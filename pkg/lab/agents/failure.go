package agents

import (
	"fmt"
	"net/http"
)

// failure is the reason for which a request is refused.
type failure struct {
	status int // of HTTP
	errMsg string
}

// Error returns the reason.
func (f *failure) Error() string { return f.errMsg }

// unproved returns the failure of a request whose identity is not proved. Its status is never 403: agents from build 1065 on may erase
// their registration then.
func unproved(format string, args ...any) *failure {
	return &failure{http.StatusUnauthorized, fmt.Sprintf(format, args...)}
}

// malformed returns the failure of a request that cannot be read. To an agent, status 400 counts as an answer, so that it does not
// send the same again.
func malformed(format string, args ...any) *failure {
	return &failure{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}
