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
	// concurrentCalls is the number of concurrent calls with hostile responses.
	concurrentCalls = 8
	// maxMemory is the maximum memory of the process, in KiB.
	maxMemory = 256 << 10
	// hostileAddress is the variable with the address of the service for the child process.
	hostileAddress = "TEST_HOSTILE_ADDRESS"
)

// TestMemoryOfHostileResponses starts a process for each case that does not take long, which makes calls, and checks the peak memory of the
// process.
func TestMemoryOfHostileResponses(t *testing.T) {
	if address := os.Getenv(hostileAddress); address != "" {
		callConcurrentlyAt(t, address)
		return
	}
	if testing.Short() {
		t.Skip("it starts a process for each case")
	}
	peak, peakCase := 0, ""
	for _, c := range hostile.Cases() {
		if c.Slow || c.Endless {
			continue
		}
		for _, action := range hostile.Actions() {
			server := httptest.NewServer(hostile.Handler(nil, action, c))
			child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemoryOfHostileResponses$", "-test.v") //nolint:gosec // itself
			child.Env = append(os.Environ(), hostileAddress+"="+server.URL+" "+action)
			out, err := child.CombinedOutput()
			server.CloseClientConnections()
			server.Close()
			found := regexp.MustCompile(`VmHWM (\d+)`).FindSubmatch(out)
			if err != nil || found == nil {
				t.Fatalf("%s, %s: %v\n%s", c.Name, action, err, out)
			}
			memory, _ := strconv.Atoi(string(found[1]))
			if memory > maxMemory {
				t.Errorf("%s, %s: %d MiB", c.Name, action, memory>>10)
			}
			if memory > peak {
				peak, peakCase = memory, c.Name+", "+action
			}
		}
	}
	t.Logf("%d concurrent calls take at most %d MiB: %s", concurrentCalls, peak>>10, peakCase)
}

// callConcurrentlyAt makes concurrent calls of an action, and prints the peak memory of the process.
func callConcurrentlyAt(t *testing.T, where string) {
	address, action, _ := strings.Cut(where, " ")
	timeouts := Timeouts{Connect: 10 * time.Second, Read: 30 * time.Second}
	caller := newCore(t, StaticCredentials("test-id", "test-secret"), timeouts, address)
	client := NewClient(WithRetry(caller, RetryPolicy{Initial: time.Millisecond, Max: time.Millisecond, Elapsed: 20 * time.Millisecond}))
	var all sync.WaitGroup
	for range concurrentCalls {
		all.Go(func() {
			for name, ask := range callsOf(t.Context(), client, 50) {
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
