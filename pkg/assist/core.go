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

// CoreOptions say whom to call, and as whom.
type CoreOptions struct {
	Endpoint    Endpoint
	Credentials Signer // may be nil where all requests are anonymous
	Transport   http.RoundTripper
	Timeouts    Timeouts
	UserAgent   string
}

// core is the official core library: it signs and sends. Its retries are off, because its back-off sleep ignores the
// context.
type core struct {
	endpoint string
	signer   Signer
	client   *openapi.Client
	large    largeAnswers
}

// NewCore makes the Caller that all others stand around.
func NewCore(o CoreOptions) (Caller, error) {
	protocol := "HTTP"
	if o.Endpoint.TLS {
		protocol = "HTTPS"
	}
	wire := &wire{client: &http.Client{
		Transport: o.Transport,
		Timeout:   o.Timeouts.Connect + o.Timeouts.Read,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a signed call is not to be carried elsewhere
		},
	}}
	client, err := openapi.NewClient(&openapi.Config{
		Endpoint:  dara.String(o.Endpoint.Host),
		Protocol:  dara.String(protocol),
		UserAgent: dara.String(o.UserAgent),
		// Proxies are the transport's business. The library would send a proxy's password on to the service.
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
	client := *c.client // the library writes to its client in every call
	parameters := &openapi.OpenApiRequest{Query: query}
	var keys Keys
	switch {
	case Anonymous(request):
		params.AuthType = dara.String("Anonymous")
		parameters = &openapi.OpenApiRequest{Body: query} // what stands in for a signature is kept out of the logs of proxies
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
	case got.status == 0 && ctx.Err() != nil: // an answer that did come counts, whatever became of the context since
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

// longestHint bounds what a service can ask to wait. It is longer than any call is patient.
const longestHint = time.Hour

// retryHint reads x-acs-retry-after, in milliseconds, or the TimeLeft:<seconds> of the x-ratelimit headers, whichever is
// longest. What is not a number, or less than nothing, is no hint.
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
