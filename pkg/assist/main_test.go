package assist

import (
	"errors"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// noProxy is a local address without a server.
const noProxy = "http://127.0.0.1:1"

// TestMain prevents the tests from using the network and the user's keys: for all addresses except loopback addresses, including the
// metadata service, it sets a proxy that does not exist.
func TestMain(m *testing.M) {
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasSuffix(strings.ToLower(name), "_proxy") || strings.HasPrefix(name, "ALI") {
			_ = os.Unsetenv(name)
		}
	}
	_ = os.Setenv("HTTP_PROXY", noProxy)
	_ = os.Setenv("HTTPS_PROXY", noProxy)
	goleak.VerifyTestMain(m)
}

// codes returns the codes of all refusals in an error, in order.
func codes(err error) []string {
	var found []string
	if faults, ok := errors.AsType[ValidationErrors](err); ok {
		for _, fault := range faults {
			found = append(found, fault.Code)
		}
	} else if one, ok := errors.AsType[*Error](err); ok {
		found = []string{one.Code}
	}
	return found
}
