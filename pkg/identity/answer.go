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

// answer is how credentials URIs and the metadata service tell keys.
type answer struct {
	Code            string
	AccessKeyId     string
	AccessKeySecret string
	SecurityToken   string
	Expiration      expiration
}

// maxAnswer is more than any answer with keys is long.
const maxAnswer = 64 << 10

// errUnreadable stands for an answer that cannot be read. What it is stays unsaid: it may hold keys.
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

// get reads a page. An error names the host and never the rest of the address, which may be a secret.
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

// uriPatience is how long a credentials URI may take to answer.
const uriPatience = 10 * time.Second

// uri is the address of a server that hands out keys.
func (o *Options) uri() *source {
	name, address := o.env("CREDENTIALS_URI")
	s := &source{name: "credentials URI", mode: "CredentialsURI", absent: name + " is not set"}
	if address != "" {
		s.name = "credentials URI (" + name + ")"
		s.fetch = o.fetchURI(address)
	}
	return s
}

func (o *Options) fetchURI(address string) fetch {
	client := &http.Client{Transport: o.Transport, Timeout: uriPatience}
	return func(ctx context.Context) (assist.Keys, error) {
		status, text, err := get(ctx, client, http.MethodGet, address, nil)
		if err != nil {
			return assist.Keys{}, err
		}
		if status != http.StatusOK {
			return assist.Keys{}, fmt.Errorf("the server answers %d %s", status, http.StatusText(status))
		}
		return readAnswer(text)
	}
}
