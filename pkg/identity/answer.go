package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"muster/pkg/assist"
)

// answer is the JSON with keys that credentials URIs and the metadata service return.
type answer struct {
	Code            string
	AccessKeyId     string
	AccessKeySecret string
	SecurityToken   string
	Expiration      expiration
}

// maxAnswer limits the size of an answer, in bytes. An answer with keys is shorter.
const maxAnswer = 64 << 10

// errUnreadable reports an answer without keys. It does not include the answer, which may contain secrets.
var errUnreadable = errors.New("the answer is not JSON with AccessKeyId and AccessKeySecret")

func readAnswer(text []byte) (assist.Keys, error) {
	var a answer
	if err := json.Unmarshal(text, &a); err != nil || a.AccessKeyId == "" || a.AccessKeySecret == "" {
		return assist.Keys{}, errUnreadable
	}
	return assist.Keys{
		AccessKeyId: a.AccessKeyId, AccessKeySecret: a.AccessKeySecret, SecurityToken: a.SecurityToken, Expiration: a.Expiration.Time,
	}, nil
}

// get makes an HTTP request. An error names the host but never the rest of the address, which may be a secret.
func get(ctx context.Context, client *http.Client, method, address string, header map[string]string) (status int, text []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return 0, nil, errors.New("the address is not a URL")
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := client.Do(request)
	if err != nil {
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return 0, nil, fmt.Errorf("ask %s: %w", request.URL.Host, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return 0, nil, fmt.Errorf("ask %s: read the answer: %w", request.URL.Host, err)
	}
	return response.StatusCode, text, nil
}

// uriTimeout limits a request of a credentials URI.
const uriTimeout = 10 * time.Second

// fetchURI gets keys from a server at a credentials URI.
func fetchURI(address string, transport http.RoundTripper) fetch {
	client := &http.Client{Transport: transport, Timeout: uriTimeout}
	return func(ctx context.Context) (assist.Keys, error) {
		status, text, err := get(ctx, client, http.MethodGet, address, nil)
		if err != nil {
			return assist.Keys{}, err
		}
		if status != http.StatusOK {
			return assist.Keys{}, fmt.Errorf("the server responds with %d %s", status, http.StatusText(status))
		}
		return readAnswer(text)
	}
}
