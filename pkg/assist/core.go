package assist

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// CoreOptions say whom to call, and as whom.
type CoreOptions struct {
	Endpoint    Endpoint
	Credentials Signer // may be nil where all requests are anonymous
	Transport   http.RoundTripper
	Timeouts    Timeouts
	UserAgent   string
}

// lenient reads what other clients of the API, which go by encoding/json, would read.
var lenient = json.JoinOptions(json.MatchCaseInsensitiveNames(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// core is the official core library: it signs and sends. Its retries are off, because its back-off sleep ignores the
// context.
type core struct {
	endpoint string
	signer   Signer
	client   *openapi.Client
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
	return &core{endpoint: o.Endpoint.Host, signer: o.Credentials, client: client}, nil
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
	switch {
	case Anonymous(request):
		params.AuthType = dara.String("Anonymous")
		parameters = &openapi.OpenApiRequest{Body: query} // what stands in for a signature is kept out of the logs of proxies
	case c.signer == nil:
		return &CredentialsError{Tried: []string{"none are configured"}}
	default:
		keys, err := c.signer.Keys(ctx)
		if err != nil {
			return err
		}
		if client.Credential, err = credential(keys); err != nil {
			return &CredentialsError{Source: "the access key", Err: err}
		}
	}
	ctx, got := withAnswer(ctx)
	defer func() { _ = got.body.Close() }()
	_, err := client.CallApiWithCtx(ctx, params, parameters, &dara.RuntimeOptions{})
	switch {
	case got.status == 0 && ctx.Err() != nil: // an answer that did come counts, whatever became of the context since
		return context.Cause(ctx)
	case got.status == 0:
		return &TransportError{Action: request.Action(), Endpoint: c.endpoint, Err: bare(err)}
	}
	err = c.read(request, got, response)
	var lost *TransportError
	if errors.As(err, &lost) && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// read decodes an answer as it arrives. One that breaks off is lost, whatever its status was: what it would have said is not
// known.
func (c *core) read(request Request, got *answer, response any) error {
	lost := func(err error) error {
		return &TransportError{Action: request.Action(), Endpoint: c.endpoint, Err: fmt.Errorf("read the answer: %w", err)}
	}
	if got.status < 200 || got.status > 299 {
		text, err := io.ReadAll(got.body)
		if err != nil {
			return lost(err)
		}
		return refusal(request.Action(), got, text)
	}
	if err := json.UnmarshalRead(got.body, response, lenient); err != nil {
		reflect.ValueOf(response).Elem().SetZero() // another try decodes into it again
		return lost(err)
	}
	return nil
}

// refusal reads an error answer. One that is no JSON, such as a proxy's page, keeps its status alone.
func refusal(action string, a *answer, text []byte) *Error {
	e := &Error{Action: action, HTTPStatus: a.status, RetryAfter: retryHint(a.header)}
	var body struct {
		Code, Message, RequestId, HostId, Recommend string
		AccessDeniedDetail                          jsontext.Value
	}
	if json.Unmarshal(text, &body, lenient) != nil || body.Code == "" {
		e.Code = "HTTP" + strconv.Itoa(a.status)
		e.Message = "the answer is not the API's: " + http.StatusText(a.status)
		return e
	}
	e.Code, e.Message, e.Recommend = body.Code, body.Message, body.Recommend
	e.RequestId, e.HostId = body.RequestId, body.HostId
	e.AccessDeniedDetail = readAccessDenied(body.AccessDeniedDetail)
	return e
}

// retryHint reads x-acs-retry-after, in milliseconds, or the TimeLeft:<seconds> of the x-ratelimit headers, whichever is
// longest.
func retryHint(header http.Header) time.Duration {
	var hint time.Duration
	if ms, err := strconv.ParseInt(header.Get("x-acs-retry-after"), 10, 64); err == nil {
		hint = time.Duration(ms) * time.Millisecond
	}
	for _, name := range []string{"x-ratelimit-user-api", "x-ratelimit-user"} {
		for part := range strings.SplitSeq(header.Get(name), ",") {
			seconds, ok := strings.CutPrefix(strings.TrimSpace(part), "TimeLeft:")
			if n, err := strconv.ParseInt(seconds, 10, 64); ok && err == nil {
				hint = max(hint, time.Duration(n)*time.Second)
			}
		}
	}
	return max(hint, 0)
}
