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

// failures returns all ways in which a call can fail without a response.
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
		"refused":                            {true, at(noProxy)},
		"behind a proxy that does not exist": {true, at("https://ecs.example.com")},
		"an invalid address": {false, func(t *testing.T) Caller {
			caller, err := NewCore(CoreOptions{Endpoint: Endpoint{Host: "ecs.no where.com"}, Credentials: keys, Transport: http.DefaultTransport})
			if err != nil {
				t.Fatal(err)
			}
			return caller
		}},
		"a server without TLS": {true, func(t *testing.T) Caller {
			server := httptest.NewServer(http.NotFoundHandler())
			t.Cleanup(server.Close)
			return newCore(t, keys, Timeouts{}, strings.Replace(server.URL, "http:", "https:", 1))
		}},
		"an unknown certificate": {true, func(t *testing.T) Caller {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.StartTLS()
			t.Cleanup(server.Close)
			return newCore(t, keys, Timeouts{}, server.URL)
		}},
		"interrupted before the response": {false, answering(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })},
		"interrupted in the response": {false, answering(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"RequestId":"r-1"`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})},
		"too slow": {false, func(t *testing.T) Caller {
			return serveWith(t, keys, Timeouts{Connect: time.Minute, Read: time.Millisecond}, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		}},
		"too slow in the response": {false, func(t *testing.T) Caller {
			timeouts := Timeouts{Connect: 20 * time.Millisecond, Read: 20 * time.Millisecond}
			return serveWith(t, keys, timeouts, func(w http.ResponseWriter, r *http.Request) {
				_ = http.NewResponseController(w).Flush()
				<-r.Context().Done()
			})
		}},
	}
}

// TestCoreForeignResponses tests responses with a status of success that are not the API's. Some contain the request.
func TestCoreForeignResponses(t *testing.T) {
	repeat := func(r *http.Request) string { return r.URL.String() + " " + fmt.Sprint(r.Header, r.URL.Query()) }
	for want, handler := range map[string]http.HandlerFunc{
		`200 OK, text/html`: func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, "<html>", r.URL) },
		`200 OK, text/html, "Sign in to Wi-Fi"`: func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprint(w, "<html><head>\n<title>Sign in\nto Wi-Fi</title>", repeat(r))
		},
		`200 OK, text/plain, "Not here."`:              func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, "Not here. ", r.URL) },
		`200 OK, it is empty`:                          func(http.ResponseWriter, *http.Request) {},
		`204 No Content, it is empty`:                  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		`200 OK, a list where an object is expected`:   func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `[{"InvokeId":"t-1"}]`) },
		`200 OK, it has none of the response's fields`: func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"status":"UP"}`) },
		`200 OK, RequestId: an object where string is expected`: func(w http.ResponseWriter, r *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"RequestId": map[string]string{r.URL.String(): ""}})
		},
		`200 OK, InvokeId: a number where string is expected`: func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"InvokeId":1}`) },
		`200 OK, the InvokeId "../../etc" is not valid`:       func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"InvokeId":"../../etc"}`) },
	} {
		t.Run(want, func(t *testing.T) {
			request := &RunCommandRequest{CommandContent: "do-not-show-this-script", ClientToken: "do-not-show-this-token"}
			response := RunCommandResponse{}
			err := serve(t, handler).Call(t.Context(), request, &response)
			foreign, ok := errors.AsType[*AnswerError](err)
			if !ok || foreign.Endpoint == "" || response != (RunCommandResponse{}) {
				t.Fatalf("%T: %v, and %+v", err, err, response)
			}
			if got := err.Error(); got != "RunCommand: the response of "+foreign.Endpoint+" is not the API's: "+want {
				t.Errorf("the error is %q", got)
			}
			checkNoRequest(t, err)
		})
	}
}

// TestCoreRefusalsWithSuccess tests refusals with the status 200.
func TestCoreRefusalsWithSuccess(t *testing.T) {
	for body, want := range map[string]string{
		`{"RequestId":"r-1","Code":"Forbidden.RAM","Message":"No."}`:                                         "RunCommand: Forbidden.RAM: No. (request r-1)",
		`{"RequestId":"r-1","Code":"Throttling.User","Message":"Slow down."}`:                                "RunCommand: Throttling.User: Slow down. (request r-1)",
		`{"RequestId":"r-1","Code":"X","InvokeId":"t-1"}`:                                                    "",
		`{"Code":"SignatureDoesNotMatch","Message":"Not it. server string to sign is:POST&%2F&AccessKeyId"}`: "RunCommand: SignatureDoesNotMatch: Not it.",
		`{"Code":"X","Message":"You sent do-not-show-this-script-of-some-length-at-all"}`:                    "RunCommand: X: the message contains the request and is left out",
		`{"Code":"X","Message":"a\u001b[31m\nb\u202e"}`:                                                      `RunCommand: X: a\u001b[31m b\u202e`,
		`{"Code":"X","Message":"` + strings.Repeat("é", 11<<20/2) + `"}`:                                     "RunCommand: X: the response is left out: it is larger than 1024 KiB",
	} {
		caller := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		err := caller.Call(t.Context(), &RunCommandRequest{CommandContent: "do-not-show-this-script-of-some-length-at-all"}, new(RunCommandResponse))
		if want == "" && err == nil {
			continue
		}
		refused, ok := errors.AsType[*Error](err)
		if !ok || refused.HTTPStatus != http.StatusOK || refused.Temporary() || err.Error() != want {
			t.Errorf("%.100s: %T: %.3000v, want %q", body, err, err, want)
		}
	}
}

func TestLongMessages(t *testing.T) {
	caller := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"Code":"X","Message":"%s","RequestId":%q}`, strings.Repeat("é", 200_000), strings.Repeat("r", 5000))
	})
	err := caller.Call(t.Context(), without, new(RunCommandResponse))
	if len(codes(err)) != 1 || len(err.Error()) > 3000 || !strings.Contains(err.Error(), "é… (398000 bytes more)") {
		t.Errorf("%d bytes: %.3000v", len(err.Error()), err)
	}
}

func TestCoreWithoutResponse(t *testing.T) {
	request := &RunCommandRequest{CommandContent: "do-not-show-this-script", ClientToken: "do-not-show-this-token"}
	for name, test := range failures() {
		t.Run(name, func(t *testing.T) {
			err := test.caller(t).Call(t.Context(), request, &RunCommandResponse{})
			lost, ok := errors.AsType[*TransportError](err)
			if !ok || lost.Action != "RunCommand" || lost.Endpoint == "" {
				t.Fatalf("the error is %T: %v", err, err)
			}
			if !strings.HasPrefix(err.Error(), "RunCommand: no response from "+lost.Endpoint+": ") {
				t.Errorf("the error is %q", err)
			}
			checkNoRequest(t, err)
			if got := Unreachable(err); got != test.unreachable {
				t.Errorf("unreachable = %v: %v", got, err)
			}
		})
	}
}

// checkNoRequest checks that an error's text contains no long or secret part of the request.
func checkNoRequest(t *testing.T, err error) {
	t.Helper()
	for _, part := range []string{"do-not-show", "CommandContent", "ClientToken", "http://", "https://", "/?", "Signature", "test-id", "test-secret", "\n"} {
		if strings.Contains(err.Error(), part) {
			t.Errorf("the error contains %q: %v", part, err)
		}
	}
}

// TestNoProxyForLoopback relies on the proxy that TestMain sets, which does not exist.
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
	caller := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"RequestId":"r-1"}`) })
	if err := caller.Call(t.Context(), &DescribeRegionsRequest{}, &DescribeRegionsResponse{}); err != nil {
		t.Error(err)
	}
}

func TestCoreDoesNotSendProxyPassword(t *testing.T) {
	caller := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if sent := r.Header.Get("Proxy-Authorization"); sent != "" {
			t.Errorf("the service receives %q", sent)
		}
		_, _ = io.WriteString(w, `{"RequestId":"r-1"}`)
	})
	for _, proxy := range []string{"http://user:password@127.0.0.1:1", "http://%zz"} {
		t.Setenv("HTTP_PROXY", proxy)
		if err := caller.Call(t.Context(), &DescribeRegionsRequest{}, &DescribeRegionsResponse{}); err != nil {
			t.Errorf("with the proxy %s: %v", proxy, err)
		}
	}
}
