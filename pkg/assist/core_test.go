package assist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// serve starts a local service and returns a Caller for it.
func serve(t testing.TB, handler http.HandlerFunc) Caller {
	t.Helper()
	return serveWith(t, StaticCredentials("test-id", "test-secret"), Timeouts{}, handler)
}

func serveWith(t testing.TB, keys Signer, timeouts Timeouts, handler http.HandlerFunc) Caller {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return newCore(t, keys, timeouts, server.URL)
}

func newCore(t testing.TB, keys Signer, timeouts Timeouts, address string) Caller {
	t.Helper()
	endpoint, err := ParseEndpoint(address)
	if err != nil {
		t.Fatal(err)
	}
	transport := NewTransport(timeouts)
	t.Cleanup(transport.CloseIdleConnections)
	caller, err := NewCore(CoreOptions{
		Endpoint: endpoint, Credentials: keys, Transport: transport, Timeouts: timeouts, UserAgent: "muster-test",
	})
	if err != nil {
		t.Fatal(err)
	}
	return caller
}

func TestCoreSendsAndDecodes(t *testing.T) {
	request := &RunCommandRequest{
		RegionId: "cn-hangzhou", Type: "RunShellScript", CommandContent: "echo 'a & b' ~ * 界\n", InstanceId: []string{"i-1", "i-2"},
		Tag: []Tag{{"k", ""}}, Parameters: JSONMap{"name": "Jack & Jill"}, ClientToken: "token-1",
	}
	for name, token := range map[string]string{"key": "", "sts": "test-token"} {
		t.Run(name, func(t *testing.T) {
			var got *http.Request
			keys := staticKeys{AccessKeyId: "test-id", AccessKeySecret: "test-secret", SecurityToken: token}
			caller := serveWith(t, keys, Timeouts{}, func(w http.ResponseWriter, r *http.Request) {
				got = r
				_ = r.ParseForm()
				_, _ = io.WriteString(w, `{"RequestId":"r-1","CommandId":"c-1","InvokeId":"t-1","New":{"Field":[1]}}`)
			})
			var response RunCommandResponse
			if err := caller.Call(t.Context(), request, &response); err != nil {
				t.Fatal(err)
			}
			if want := (RunCommandResponse{RequestId: "r-1", CommandId: "c-1", InvokeId: "t-1"}); response != want {
				t.Errorf("the response is %+v, want %+v", response, want)
			}
			if diff := cmp.Diff(Encode(request), got.Form); diff != "" {
				t.Errorf("the parameters: %s", diff)
			}
			for name, want := range map[string]string{
				"x-acs-action": "RunCommand", "x-acs-version": Version, "x-acs-security-token": token,
			} {
				if value := got.Header.Get(name); value != want {
					t.Errorf("%s: %q, want %q", name, value, want)
				}
			}
			if signature := got.Header.Get("Authorization"); !strings.HasPrefix(signature, "ACS3-HMAC-SHA256 Credential=test-id,") {
				t.Errorf("Authorization: %q", signature)
			}
			if agent := got.UserAgent(); !strings.Contains(agent, "muster-test") {
				t.Errorf("User-Agent: %q", agent)
			}
		})
	}
}

func TestCoreVersion(t *testing.T) {
	var got *http.Request
	caller := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = r
		_, _ = io.WriteString(w, `{"RequestId":"r-1","AccountId":"1"}`)
	})
	var response GetCallerIdentityResponse
	if err := caller.Call(t.Context(), &GetCallerIdentityRequest{}, &response); err != nil {
		t.Fatal(err)
	}
	if want := (GetCallerIdentityResponse{RequestId: "r-1", AccountId: "1"}); response != want {
		t.Errorf("the response is %+v, want %+v", response, want)
	}
	if version := got.Header.Get("x-acs-version"); version != STSVersion {
		t.Errorf("the version is %q", version)
	}
}

// TestCoreAnonymousRequest tests that an anonymous request needs and uses no credentials, and has its secret token in the body.
func TestCoreAnonymousRequest(t *testing.T) {
	request := &AssumeRoleWithOIDCRequest{
		OIDCProviderArn: "acs:ram::1:oidc-provider/idp", RoleArn: "acs:ram::1:role/deploy", OIDCToken: "a.b+c/d=&é",
		RoleSessionName: "test", DurationSeconds: 900,
	}
	for name, keys := range map[string]Signer{"nil": nil, "missing": keyless{}, "present": StaticCredentials("test-id", "test-secret")} {
		t.Run(name, func(t *testing.T) {
			var got *http.Request
			caller := serveWith(t, keys, Timeouts{}, func(w http.ResponseWriter, r *http.Request) {
				got = r
				_ = r.ParseForm()
				_, _ = io.WriteString(w, `{"RequestId":"r-1","Credentials":{"AccessKeyId":"STS.1"}}`)
			})
			var response AssumeRoleWithOIDCResponse
			if err := caller.Call(t.Context(), request, &response); err != nil {
				t.Fatal(err)
			}
			if response.Credentials.AccessKeyId != "STS.1" {
				t.Errorf("the response is %+v", response)
			}
			if diff := cmp.Diff(Encode(request), got.PostForm); diff != "" || got.URL.RawQuery != "" {
				t.Errorf("the query is %q, and the form: %s", got.URL.RawQuery, diff)
			}
			for name, want := range map[string]string{
				"Authorization": "", "x-acs-accesskey-id": "", "x-acs-action": "AssumeRoleWithOIDC", "x-acs-version": STSVersion,
			} {
				if value := got.Header.Get(name); value != want {
					t.Errorf("%s: %q, want %q", name, value, want)
				}
			}
			if err := caller.Call(t.Context(), &GetCallerIdentityRequest{}, &GetCallerIdentityResponse{}); (err == nil) != (name == "present") {
				t.Errorf("a signed request: %v", err)
			} else if err != nil && !isA[*CredentialsError](err) {
				t.Errorf("the error is %T: %v", err, err)
			}
		})
	}
}

func TestCoreRefusals(t *testing.T) {
	page := func(status int) *AnswerError {
		return &AnswerError{Action: "RunCommand", HTTPStatus: status, ContentType: "text/html", Words: "502 Bad Gateway"}
	}
	other := func(status int, err error) *AnswerError {
		return &AnswerError{Action: "RunCommand", HTTPStatus: status, ContentType: "text/plain", Err: err}
	}
	html := "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
	tests := []struct {
		name   string
		status int
		header map[string]string
		body   string
		want   Error
	}{
		{"the API's", 404, nil, `{"RequestId":"r-1","HostId":"ecs","Code":"InvalidInstance.NotFound","Message":"Not there.","Recommend":"https://x"}`,
			Error{Code: "InvalidInstance.NotFound", Message: "Not there.", RequestId: "r-1", HostId: "ecs", Recommend: "https://x"}},
		{"throttled, with a hint", 400, map[string]string{"x-acs-retry-after": "2500"}, `{"RequestId":"r-1","Code":"Throttling.User","Message":"Slow down."}`,
			Error{Code: "Throttling.User", Message: "Slow down.", RequestId: "r-1", RetryAfter: 2500 * time.Millisecond}},
		{"a proxy's page", 502, nil, html, Error{Code: "HTTP502", Message: "the response is not the API's: 502 Bad Gateway, text/html, \"502 Bad Gateway\"", Foreign: page(502)}},
		{"a proxy that requires a password", 407, nil, html, Error{Code: "HTTP407", Message: "the response is not the API's: 407 Proxy Authentication Required, text/html, \"502 Bad Gateway\"", Foreign: page(407)}},
		{"nothing", 500, nil, "", Error{Code: "HTTP500", Message: "the response is not the API's: 500 Internal Server Error, it is empty", Foreign: &AnswerError{Action: "RunCommand", HTTPStatus: 500, Err: errEmpty}}},
		{"other JSON", 503, nil, `{"error":"down"}`, Error{Code: "HTTP503", Message: "the response is not the API's: 503 Service Unavailable, it has none of the response's fields", Foreign: other(503, errNotKnown)}},
		{"a list", 400, nil, `[]`, Error{Code: "HTTP400", Message: "the response is not the API's: 400 Bad Request, a list where an object is expected", Foreign: other(400, errors.New("a list where an object is expected"))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			caller := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range test.header {
					w.Header().Set(name, value)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			err := caller.Call(t.Context(), withToken, &RunCommandResponse{})
			test.want.Action, test.want.HTTPStatus = "RunCommand", test.status
			got, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("the error is %T: %v", err, err)
			}
			if got.Foreign != nil {
				if !isA[*AnswerError](err) || got.Foreign.Endpoint == "" {
					t.Errorf("the response is not reported: %+v", got.Foreign)
				}
				got.Foreign.Endpoint = ""
			}
			if diff := cmp.Diff(test.want, *got, cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) })); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRetryHint(t *testing.T) {
	tests := []struct {
		header map[string]string
		want   time.Duration
	}{
		{nil, 0},
		{map[string]string{"x-acs-retry-after": "1500"}, 1500 * time.Millisecond},
		{map[string]string{"x-acs-retry-after": "soon"}, 0},
		{map[string]string{"x-acs-retry-after": "-5"}, 0},
		{map[string]string{"x-acs-retry-after": "9223372036854775807"}, time.Hour},
		{map[string]string{"x-acs-retry-after": "9223372036854775808"}, 0},
		{map[string]string{"x-acs-retry-after": "1e3"}, 0},
		{map[string]string{"x-ratelimit-user": "TimeLeft:-1"}, 0},
		{map[string]string{"x-ratelimit-user": "TimeLeft:1000000000000"}, time.Hour},
		{map[string]string{"x-ratelimit-user": "TimeLeft:9223372036854775807"}, time.Hour},
		{map[string]string{"x-ratelimit-user": "TimeLeft:NaN"}, 0},
		{map[string]string{"x-ratelimit-user-api": "Limit:100,Remain:0,TimeLeft:30"}, 30 * time.Second},
		{map[string]string{"x-ratelimit-user": "TimeLeft:7"}, 7 * time.Second},
		{map[string]string{"x-ratelimit-user": "Limit:1, TimeLeft:7 , Remain:0"}, 7 * time.Second},
		{map[string]string{"x-ratelimit-user-api": "TimeLeft:x"}, 0},
		{map[string]string{"x-ratelimit-user-api": "100,Remain:5"}, 0},
		{map[string]string{"x-acs-retry-after": "9000", "x-ratelimit-user-api": "TimeLeft:4", "x-ratelimit-user": "TimeLeft:6"}, 9 * time.Second},
		{map[string]string{"x-acs-retry-after": "900", "x-ratelimit-user-api": "TimeLeft:4", "x-ratelimit-user": "TimeLeft:6"}, 6 * time.Second},
	}
	for _, test := range tests {
		header := http.Header{}
		for name, value := range test.header {
			header.Set(name, value)
		}
		if got := retryHint(header); got != test.want {
			t.Errorf("%v: %v, want %v", test.header, got, test.want)
		}
	}
}

func TestCoreCancelledInFlight(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	caller := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if err := caller.Call(ctx, withToken, &RunCommandResponse{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := caller.Call(ctx, withToken, &RunCommandResponse{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 0)
	defer cancel()
	if err := caller.Call(ctx, withToken, &RunCommandResponse{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline exceeded before: %v", err)
	}
}

// TestCoreResponseAtCancellation tests that a response is not discarded if the context ends immediately after it, because it contains the
// ids of what the service has created.
func TestCoreResponseAtCancellation(t *testing.T) {
	for status, want := range map[int]string{200: "", 404: "InvalidInstance.NotFound"} {
		ctx, cancel := context.WithCancel(t.Context())
		caller, err := NewCore(CoreOptions{
			Endpoint: Endpoint{Host: "service"}, Credentials: StaticCredentials("test-id", "test-secret"),
			Transport: roundTrips(func(r *http.Request) (*http.Response, error) {
				body := `{"RequestId":"r-1","InvokeId":"t-1","Code":"InvalidInstance.NotFound"}`
				return &http.Response{StatusCode: status, Body: &closing{strings.NewReader(body), cancel}, Request: r}, nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		var response RunCommandResponse
		err = caller.Call(ctx, withToken, &response)
		if ctx.Err() == nil {
			t.Fatal("the context has not ended")
		}
		if got := strings.Join(codes(err), " "); got != want || want == "" && (err != nil || response.InvokeId != "t-1") {
			t.Errorf("status %d: %v, %+v", status, err, response)
		}
	}
}

type roundTrips func(*http.Request) (*http.Response, error)

func (f roundTrips) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// closing is a body with a function that is called when it is closed.
type closing struct {
	io.Reader
	onClose func()
}

func (c *closing) Close() error {
	c.onClose()
	return nil
}

func TestCoreDoesNotFollowRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the call was redirected to %s", r.URL)
	}))
	defer elsewhere.Close()
	for _, status := range []int{300, 301, 302, 307, 308} {
		caller := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		err := caller.Call(t.Context(), withToken, &RunCommandResponse{})
		if got, want := codes(err), fmt.Sprint("HTTP", status); len(got) != 1 || got[0] != want {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

// keyless is a signer without keys.
type keyless struct{}

func (keyless) Keys(context.Context) (Keys, error) {
	return Keys{}, &CredentialsError{Tried: []string{"nowhere"}}
}

func TestCoreWithoutCredentials(t *testing.T) {
	caller := serveWith(t, keyless{}, Timeouts{}, func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("an unsigned call was made: %s", r.URL)
	})
	err := caller.Call(t.Context(), withToken, &RunCommandResponse{})
	if !isA[*CredentialsError](err) {
		t.Errorf("the error is %T: %v", err, err)
	}
}

func TestCoreConcurrency(t *testing.T) {
	caller := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"InvokeId":%q}`, "t-"+r.FormValue("ClientToken"))
	})
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			token := fmt.Sprint(i)
			var response RunCommandResponse
			if err := caller.Call(t.Context(), &RunCommandRequest{ClientToken: token}, &response); err != nil {
				t.Error(err)
			}
			if response.InvokeId != "t-"+token {
				t.Errorf("call %s has the response %s", token, response.InvokeId)
			}
		})
	}
	all.Wait()
}

// TestCoreIncompleteResponse tests connections that end in the middle of a response. With any status, it is unknown whether the call was
// carried out.
func TestCoreIncompleteResponse(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusNotFound, http.StatusServiceUnavailable} {
		caller := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"RequestId":"r-1","Code":"InvalidInst`)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
		response := RunCommandResponse{}
		err := caller.Call(t.Context(), withToken, &response)
		if !isA[*TransportError](err) || !Retryable(withToken, err) || response != (RunCommandResponse{}) {
			t.Errorf("status %d: %T: %v, and %+v", status, err, err, response)
		}
	}
}
