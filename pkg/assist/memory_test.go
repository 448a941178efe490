//go:build linux && !race

package assist

import (
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"muster/pkg/assist/hostile"
)

const (
	// atOnce is how many calls have hostile answers at the same time.
	atOnce = 8
	// memoryAtMost is what a process may take while it reads them, in KiB.
	memoryAtMost = 256 << 10
	// hostileAddress is where a process of TestMemoryOfHostileAnswers finds the service.
	hostileAddress = "TEST_HOSTILE_ADDRESS"
)

// TestMemoryOfHostileAnswers has a process of its own make calls that are answered in each way that does not take long, and
// looks at the most memory that the process ever had.
func TestMemoryOfHostileAnswers(t *testing.T) {
	if address := os.Getenv(hostileAddress); address != "" {
		callAtOnce(t, address)
		return
	}
	if testing.Short() {
		t.Skip("it starts a process for each way")
	}
	worst, worstWay := 0, ""
	for _, way := range hostile.Ways() {
		if way.Slow || way.Endless {
			continue
		}
		for _, action := range hostile.Actions() {
			server := httptest.NewServer(hostile.Handler(nil, action, way))
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemoryOfHostileAnswers$", "-test.v") //nolint:gosec // itself
			child.Env = append(os.Environ(), hostileAddress+"="+server.URL+" "+action)
			out, err := child.CombinedOutput()
			server.CloseClientConnections()
			server.Close()
			found := regexp.MustCompile(`VmHWM (\d+)`).FindSubmatch(out)
			if err != nil || found == nil {
				t.Fatalf("%s, %s: %v\n%s", way.Name, action, err, out)
			}
			took, _ := strconv.Atoi(string(found[1]))
			if took > memoryAtMost {
				t.Errorf("%s, %s: %d MiB", way.Name, action, took>>10)
			}
			if took > worst {
				worst, worstWay = took, way.Name+", "+action
			}
		}
	}
	t.Logf("%d calls at once took %d MiB at most: %s", atOnce, worst>>10, worstWay)
}

// callAtOnce calls an action, and prints the most memory that the process had.
func callAtOnce(t *testing.T, where string) {
	address, action, _ := strings.Cut(where, " ")
	timeouts := Timeouts{Connect: 10 * time.Second, Read: 30 * time.Second}
	caller := newCore(t, StaticCredentials("test-id", "test-secret"), timeouts, address)
	client := NewClient(WithRetry(caller, RetryPolicy{Initial: time.Millisecond, Max: time.Millisecond, Elapsed: 20 * time.Millisecond}))
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for name, ask := range asking(t.Context(), client, 50) {
				if strings.HasPrefix(name, action) {
					_, _ = ask()
				}
			}
		})
	}
	all.Wait()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintln(t.Output(), "VmHWM", regexp.MustCompile(`VmHWM:\s*(\d+)`).FindStringSubmatch(string(status))[1])
}
