package assist

import (
	"errors"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// noProxy is an address on this machine where nothing answers.
const noProxy = "http://127.0.0.1:1"

// TestMain keeps the tests on this machine and away from its user's keys: whatever is not a loopback address, the
// metadata service too, is behind a proxy that is not there.
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

// codes are those of all refusals in an error, in their order.
func codes(err error) []string {
	var found []string
	if faults, ok := errors.AsType[Faults](err); ok {
		for _, fault := range faults {
			found = append(found, fault.Code)
		}
	} else if one, ok := errors.AsType[*Error](err); ok {
		found = []string{one.Code}
	}
	return found
}
