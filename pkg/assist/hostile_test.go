package assist

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"muster/pkg/assist/hostile"
)

// pipes is a listener for connections inside this process, which work in synctest bubbles.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once
}

func newPipes() *pipes { return &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.accepted <- server:
		return client, nil
	case <-p.closed:
		return nil, &net.OpError{Op: "dial", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hostileClient returns a client that is configured like muster's, for a server with the given handler, and the number of calls.
func hostileClient(t *testing.T, handler http.Handler) (client *Client, calls *atomic.Int64, done func()) {
	t.Helper()
	calls = new(atomic.Int64)
	listener := newPipes()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		handler.ServeHTTP(w, r)
	})}
	go func() { _ = server.Serve(listener) }()
	timeouts := Timeouts{Connect: 10 * time.Second, Read: 30 * time.Second}
	transport := NewTransport(timeouts)
	transport.DialContext = listener.dial
	core, err := NewCore(CoreOptions{
		Endpoint: Endpoint{Host: "127.0.0.1"}, Credentials: staticKeys{AccessKeyId: "test-id", AccessKeySecret: "test-secret", SecurityToken: hiddenToken},
		Transport: transport, Timeouts: timeouts, UserAgent: "muster-test",
	})
	if err != nil {
		t.Fatal(err)
	}
	caller := WithRetry(WithRateLimit(core, RateLimit{PerSecond: 100, Burst: 100}), DefaultRetryPolicy())
	return NewClient(caller), calls, func() {
		_ = server.Close()
		transport.CloseIdleConnections()
	}
}

const (
	hiddenScript = "printf 'do-not-show this script' | sort"
	hiddenToken  = "do-not-show-this-security-token"
	newForever   = "new tokens forever, with new records"
)

// callsOf returns calls of all actions as muster makes them: whole lists, with a page size. Each returns the ids of the response.
func callsOf(ctx context.Context, c *Client, size int64) map[string]func() ([]string, error) {
	return map[string]func() ([]string, error){
		"DescribeInstances": func() ([]string, error) {
			return collect(c.AllInstances(ctx, DescribeInstancesRequest{RegionId: "cn-hangzhou"}), func(i Instance) string { return i.InstanceId })
		},
		"DescribeInstances, summaries": func() ([]string, error) {
			return collect(c.AllInstanceSummaries(ctx, DescribeInstancesRequest{RegionId: "cn-hangzhou"}), func(i InstanceSummary) string { return i.InstanceId })
		},
		"DescribeCloudAssistantStatus": func() (ids []string, err error) {
			response, err := c.DescribeCloudAssistantStatus(ctx, &DescribeCloudAssistantStatusRequest{RegionId: "cn-hangzhou", InstanceId: []string{"i-1", "i-2"}})
			if err != nil {
				return nil, err
			}
			for _, agent := range response.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus {
				ids = append(ids, agent.InstanceId)
			}
			return ids, nil
		},
		"RunCommand": func() ([]string, error) {
			response, err := c.RunCommand(ctx, &RunCommandRequest{RegionId: "cn-hangzhou", CommandContent: hiddenScript, InstanceId: []string{"i-1"}, ClientToken: "token-1"})
			if err != nil {
				return nil, err
			}
			if response.InvokeId == "" {
				return nil, nil
			}
			return []string{response.InvokeId}, nil
		},
		"DescribeInvocations": func() ([]string, error) {
			return collect(c.AllInvocations(ctx, DescribeInvocationsRequest{RegionId: "cn-hangzhou", Page: Page{MaxResults: size}}), func(i Invocation) string { return i.InvokeId })
		},
		"DescribeInvocationResults": func() ([]string, error) {
			return collect(c.AllInvocationResults(ctx, DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: "t-1"}), func(r InvocationResult) string {
				return r.InstanceId
			})
		},
	}
}

func collect[T any](list iter.Seq2[T, error], id func(T) string) (ids []string, err error) {
	for item, failed := range list {
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		ids = append(ids, id(item))
	}
	return ids, err
}

// TestHostileService calls each action with each misbehaviour of the service. Each call ends in time and after a limited number of
// requests, either with valid ids or with a short error that does not include the request.
func TestHostileService(t *testing.T) {
	for _, c := range hostile.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			for name := range callsOf(t.Context(), nil, 0) {
				action, _, _ := strings.Cut(name, ",")
				if c.Name == newForever && name != "DescribeInvocations" {
					continue // one action is enough for ten thousand pages
				}
				synctest.Test(t, func(t *testing.T) {
					client, calls, done := hostileClient(t, hostile.Handler(nil, action, c))
					defer done()
					began := time.Now()
					ids, err := callsOf(t.Context(), client, 10)[name]()
					took := time.Since(began)
					if t.Logf("%s: %d ids, %d calls in %v: %.300v", name, len(ids), calls.Load(), took, err); err == nil {
						for _, id := range ids {
							if !plausibleID(id) {
								t.Errorf("%s: invalid id %q", name, id)
							}
						}
					}
					maxCalls, maxTime := int64(200), 5*time.Minute
					if c.Name == newForever {
						maxCalls, maxTime = maxPages+1, time.Hour
					}
					if calls.Load() > maxCalls || took > maxTime {
						t.Errorf("%s: %d calls in %v", name, calls.Load(), took)
					}
					if long := took > 10*time.Second; long != c.Retried && c.Name != newForever {
						t.Errorf("%s: took %v", name, took)
					}
					checkHostileError(t, name, err)
				})
			}
		})
	}
}

func checkHostileError(t *testing.T, name string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if !isA[*Error](err) && !isA[*TransportError](err) && !isA[*AnswerError](err) && !isA[*ListError](err) {
		t.Errorf("%s: the error is %T: %v", name, err, err)
	}
	text := err.Error()
	if len(text) > 3*maxMessage {
		t.Errorf("%s: the error has %d bytes: %.200s", name, len(text), text)
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		t.Errorf("%s: the error has control characters: %q", name, text)
	}
	for _, part := range []string{"do-not-show", "Signature=", "CommandContent=", "ClientToken=", "test-secret", "test-id", "x-acs-signature"} {
		if strings.Contains(text, part) {
			t.Errorf("%s: the error contains %q: %s", name, part, text)
		}
	}
}

// TestWellBehavedService tests the handler that the hostile cases modify.
func TestWellBehavedService(t *testing.T) {
	for name := range callsOf(t.Context(), nil, 0) {
		synctest.Test(t, func(t *testing.T) {
			client, calls, done := hostileClient(t, hostile.Good())
			defer done()
			ids, err := callsOf(t.Context(), client, 10)[name]()
			if want := map[bool]string{true: "[t-1]", false: "[i-1 i-2]"}[name == "RunCommand"]; err != nil || calls.Load() != 1 ||
				fmt.Sprint(ids) != want && name != "DescribeInvocations" {
				t.Errorf("%s: %v, %v after %d calls", name, ids, err, calls.Load())
			}
		})
	}
}
