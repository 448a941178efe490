package assist

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// failures are all ways in which a call can bring no answer.
func failures() map[string]struct {
	unreachable bool
	caller      func(t *testing.T) Caller
} {
	type failure = struct {
		unreachable bool
		caller      func(t *testing.T) Caller
	}
	keys := StaticCredentials("test-id", "test-secret")
	at := func(address string) func(t *testing.T) Caller {
		return func(t *testing.T) Caller { return newCore(t, keys, Timeouts{}, address) }
	}
	answering := func(handler http.HandlerFunc) func(t *testing.T) Caller {
		return func(t *testing.T) Caller { return serve(t, handler) }
	}
	return map[string]failure{
		"refused":                     {true, at(noProxy)},
		"behind a proxy that is away": {true, at("https://ecs.example.com")},
		"an address that cannot be": {false, func(t *testing.T) Caller {
			caller, err := NewCore(CoreOptions{Endpoint: Endpoint{Host: "ecs.no where.com"}, Credentials: keys, Transport: http.DefaultTransport})
			if err != nil {
				t.Fatal(err)
			}
			return caller
		}},
		"plain where TLS is spoken": {true, func(t *testing.T) Caller {
			server := httptest.NewServer(http.NotFoundHandler())
			t.Cleanup(server.Close)
			return newCore(t, keys, Timeouts{}, strings.Replace(server.URL, "http:", "https:", 1))
		}},
		"a certificate that nobody knows": {true, func(t *testing.T) Caller {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			t.Cleanup(server.Close)
			return newCore(t, keys, Timeouts{}, server.URL)
		}},
		"cut before the answer": {false, answering(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })},
		"cut in the middle of the answer": {false, answering(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"RequestId":"r-1"`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})},
		"too slow": {false, func(t *testing.T) Caller {
			return serveWith(t, keys, Timeouts{Connect: time.Minute, Read: time.Millisecond}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		}},
		"too slow in the middle": {false, func(t *testing.T) Caller {
			patience := Timeouts{Connect: 20 * time.Millisecond, Read: 20 * time.Millisecond}
			return serveWith(t, keys, patience, func(w http.ResponseWriter, r *http.Request) {
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			})
		}},
		"no JSON": {false, answering(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, "<html>", r.URL) })},
		"nothing": {false, answering(func(http.ResponseWriter, *http.Request) {})},
		"of another shape": {false, answering(func(w http.ResponseWriter, r *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"RequestId": map[string]string{r.URL.String(): ""}})
		})},
	}
}

func TestCoreWithoutAnAnswer(t *testing.T) {
	request := &RunCommandRequest{CommandContent: "do-not-show-this-script", ClientToken: "do-not-show-this-token"}
	for name, test := range failures() {
		t.Run(name, func(t *testing.T) {
			err := test.caller(t).Call(t.Context(), request, &RunCommandResponse{})
			var lost *TransportError
			if !errors.As(err, &lost) || lost.Action != "RunCommand" || lost.Endpoint == "" {
				t.Fatalf("the error is %T: %v", err, err)
			}
			if !strings.HasPrefix(err.Error(), "RunCommand: no answer from "+lost.Endpoint+": ") {
				t.Errorf("the error is %q", err)
			}
			showsNothing(t, err)
			if got := Unreachable(err); got != test.unreachable {
				t.Errorf("unreachable = %v: %v", got, err)
			}
		})
	}
}

// showsNothing checks that an error's text has nothing of the call in it that is long or secret.
func showsNothing(t *testing.T, err error) {
	t.Helper()
	for _, part := range []string{"do-not-show", "CommandContent", "ClientToken", "http://", "https://", "/?", "Signature", "test-id", "test-secret", "\n"} {
		if strings.Contains(err.Error(), part) {
			t.Errorf("the error has %q in it: %v", part, err)
		}
	}
}

// TestMain has put a proxy into the environment, at which nothing answers.
func TestNoProxyForLoopback(t *testing.T) {
	proxy := NewTransport(Timeouts{}).Proxy
	for address, want := range map[string]bool{
		"http://127.0.0.1:8089": false, "http://127.1.2.3": false, "http://[::1]:8089": false, "http://localhost": false,
		"https://lab.localhost:8089": false, "http://ecs.example.com": true, "https://ecs.example.com": true, "http://10.0.0.1": true,
	} {
		parsed, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		by, err := proxy(&http.Request{URL: parsed})
		if err != nil || (by != nil) != want {
			t.Errorf("%s: by the proxy %v, %v", address, by, err)
		}
	}
	caller := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") })
	if err := caller.Call(t.Context(), &DescribeRegionsRequest{}, &DescribeRegionsResponse{}); err != nil {
		t.Error(err)
	}
}

func TestCoreKeepsTheProxysPasswordToItself(t *testing.T) {
	caller := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if sent := r.Header.Get("Proxy-Authorization"); sent != "" {
			t.Errorf("the service is told %q", sent)
		}
		_, _ = io.WriteString(w, "{}")
	})
	for _, proxy := range []string{"http://user:password@127.0.0.1:1", "http://%zz"} {
		t.Setenv("HTTP_PROXY", proxy)
		if err := caller.Call(t.Context(), &DescribeRegionsRequest{}, &DescribeRegionsResponse{}); err != nil {
			t.Errorf("with the proxy %s: %v", proxy, err)
		}
	}
}
