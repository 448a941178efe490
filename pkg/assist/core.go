package assist

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
)

// CoreOptions configure the endpoint and the credentials of a [Caller].
type CoreOptions struct {
	Endpoint    Endpoint
	Credentials Signer // may be nil if all requests are anonymous
	Transport   http.RoundTripper
	Timeouts    Timeouts
	UserAgent   string
}

// core signs and sends requests with the official core library. The library's retries are disabled, because its backoff ignores the
// context.
type core struct {
	endpoint string
	signer   Signer
	client   *openapi.Client
	large    largeAnswers
}

// NewCore returns the innermost Caller, which makes the HTTP requests.
func NewCore(o CoreOptions) (Caller, error) {
	protocol := "HTTP"
	if o.Endpoint.TLS {
		protocol = "HTTPS"
	}
	wire := &wire{client: &http.Client{
		Transport: o.Transport,
		Timeout:   o.Timeouts.Connect + o.Timeouts.Read,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a signed call must not be sent to another server
		},
	}}
	client, err := openapi.NewClient(&openapi.Config{
		Endpoint:  dara.String(o.Endpoint.Host),
		Protocol:  dara.String(protocol),
		UserAgent: dara.String(o.UserAgent),
		// The transport handles proxies. The library would send a proxy's password to the service.
		NoProxy:    dara.String(o.Endpoint.Host),
		HttpClient: wire,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the core library: %w", err)
	}
	client.DisableSDKError = dara.Bool(true)
	return &core{endpoint: o.Endpoint.Host, signer: o.Credentials, client: client, large: make(largeAnswers, maxLarge)}, nil
}

func (c *core) Call(ctx context.Context, request Request, response any) error {
	params := &openapi.Params{
		Action: dara.String(request.Action()), Version: dara.String(VersionOf(request)), Protocol: c.client.Protocol,
		Pathname: dara.String("/"), Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("binary"),
	}
	query := map[string]*string{}
	for name, values := range Encode(request) {
		query[name] = dara.String(values[0])
	}
	client := *c.client // the library modifies its client in every call
	parameters := &openapi.OpenApiRequest{Query: query}
	var keys Keys
	switch {
	case Anonymous(request):
		params.AuthType = dara.String("Anonymous")
		parameters = &openapi.OpenApiRequest{Body: query} // the token must not appear in the logs of proxies
	case c.signer == nil:
		return &CredentialsError{Tried: []string{"none are configured"}}
	default:
		var err error
		if keys, err = c.signer.Keys(ctx); err != nil {
			return &unsentError{err}
		}
		if client.Credential, err = credential(keys); err != nil {
			return &CredentialsError{Source: "the access key", Err: err}
		}
	}
	if ctx.Err() != nil {
		return &unsentError{context.Cause(ctx)}
	}
	ctx, got := withAnswer(ctx, answerSize(request), c.large)
	defer func() { _ = got.body.Close() }()
	_, err := client.CallApiWithCtx(ctx, params, parameters, &dara.RuntimeOptions{})
	switch {
	case got.status == 0 && ctx.Err() != nil: // a response that has arrived counts, even if the context has ended
		return &cutOffError{context.Cause(ctx)}
	case got.status == 0 && noHTTP(err):
		return (&reader{request: request, endpoint: c.endpoint, keys: keys, got: got}).noHTTP(err)
	case got.status == 0:
		return &TransportError{Action: request.Action(), Endpoint: c.endpoint, Err: bare(err)}
	}
	r := &reader{request: request, endpoint: c.endpoint, keys: keys, got: got}
	err = r.read(response)
	if isA[*TransportError](err) && ctx.Err() != nil {
		return &cutOffError{context.Cause(ctx)}
	}
	return err
}

// longestHint limits the wait that a service can request. It is longer than any call is retried.
const longestHint = time.Hour

// retryHint returns the wait that a response requests: the longest of x-acs-retry-after, in milliseconds, and TimeLeft:<seconds> in
// the x-ratelimit headers. It ignores values that are not positive numbers.
func retryHint(header http.Header) time.Duration {
	hint := hintOf(header.Get("x-acs-retry-after"), time.Millisecond)
	for _, name := range []string{"x-ratelimit-user-api", "x-ratelimit-user"} {
		for part := range strings.SplitSeq(header.Get(name), ",") {
			if seconds, ok := strings.CutPrefix(strings.TrimSpace(part), "TimeLeft:"); ok {
				hint = max(hint, hintOf(seconds, time.Second))
			}
		}
	}
	return hint
}

// hintOf parses a number of units.
func hintOf(text string, unit time.Duration) time.Duration {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || n <= 0:
		return 0
	case n > int64(longestHint/unit):
		return longestHint
	}
	return time.Duration(n) * unit
}
