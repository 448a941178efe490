package identity

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"muster/pkg/assist"
)

const (
	metadataHost = "http://100.100.100.200"
	rolePath     = "/latest/meta-data/ram/security-credentials/"
	tokenPath    = "/latest/api/token"
	// metadataTimeout limits a connection attempt. It is short because the machine may not be an ECS instance.
	metadataTimeout = 700 * time.Millisecond
	// tokenSeconds is the requested lifetime of a token.
	tokenSeconds = "21600"
)

// metadataService is a client of the metadata service of the instance that muster runs on.
type metadataService struct {
	address string
	client  *http.Client
	allowV1 bool // requests without a token are allowed
}

// metadataService returns a client that never uses a proxy: the response of a proxy is not about this machine.
func (o *Options) metadataService() *metadataService {
	dialer := net.Dialer{Timeout: metadataTimeout}
	_, v2Only := o.env("IMDSV1_DISABLED")
	address := o.Getenv(metadataVariable)
	if address == "" {
		address = metadataHost
	}
	return &metadataService{
		address: address, allowV1: !strings.EqualFold(v2Only, "true"),
		client: &http.Client{
			Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
			Timeout:       4 * metadataTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// metadataVariable overrides the address of the metadata service.
const metadataVariable = "MUSTER_METADATA_ENDPOINT"

// get makes a request with a token, or without one if the service provides none and that is allowed.
func (m *metadataService) get(ctx context.Context, path string) (string, error) {
	header := map[string]string{}
	status, token, err := get(ctx, m.client, http.MethodPut, m.address+tokenPath, map[string]string{"X-aliyun-ecs-metadata-token-ttl-seconds": tokenSeconds})
	switch {
	case err != nil:
		return "", err
	case status == http.StatusOK:
		header["X-aliyun-ecs-metadata-token"] = string(token)
	case !m.allowV1:
		return "", fmt.Errorf("the metadata service returns no token: %d %s", status, http.StatusText(status))
	}
	status, text, err := get(ctx, m.client, http.MethodGet, m.address+path, header)
	switch {
	case err != nil:
		return "", err
	case status == http.StatusNotFound:
		return "", errNoRole
	case status != http.StatusOK:
		return "", fmt.Errorf("the metadata service responds with %d %s", status, http.StatusText(status))
	}
	return strings.TrimSpace(string(text)), nil
}

var (
	errNoRole = errors.New("the instance has no such RAM role")
	roleName  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) })
)

// role returns the name of the instance's role. A response that cannot be a name, such as an HTML page, is an error.
func (m *metadataService) role(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*metadataTimeout)
	defer cancel()
	name, err := m.get(ctx, rolePath)
	if err != nil {
		return "", err
	}
	if !roleName().MatchString(name) {
		return "", errors.New("the response is not from the metadata service of an instance")
	}
	return name, nil
}

// keys gets the keys of a role, or of the instance's role if name is empty.
func (m *metadataService) keys(name string) fetch {
	return func(ctx context.Context) (assist.Keys, error) {
		if name == "" {
			var err error
			if name, err = m.role(ctx); err != nil {
				return assist.Keys{}, err
			}
		}
		text, err := m.get(ctx, rolePath+name)
		if err != nil {
			return assist.Keys{}, err
		}
		return readAnswer([]byte(text))
	}
}

// metadata returns the source for the role of the instance that muster runs on. It is present if the instance has a role or the
// environment names it.
func (o *Options) metadata(ctx context.Context) *source {
	s := &source{name: "the RAM role of this machine", mode: "EcsRamRole"}
	if name, disabled := o.env("ECS_METADATA_DISABLED"); strings.EqualFold(disabled, "true") {
		s.absent = name + " is true"
		return s
	}
	m := o.metadataService()
	if variable, name := o.env("ECS_METADATA"); name != "" {
		s.name += " (" + variable + ")"
		s.fetch = m.keys(name)
		return s
	}
	if o.Offline {
		s.absent = "it is not queried here"
		return s
	}
	name, err := m.role(ctx)
	if err != nil {
		s.absent = err.Error()
		return s
	}
	s.name = "the RAM role " + name + " of this machine"
	s.fetch = m.keys(name)
	return s
}
