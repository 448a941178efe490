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
	// metadataPatience is how long a machine that may not be an ECS instance is asked for its role.
	metadataPatience = 700 * time.Millisecond
	// tokenSeconds is how long a token of the metadata service is good.
	tokenSeconds = "21600"
)

// machine is the metadata service of the instance that muster runs on.
type machine struct {
	address string
	client  *http.Client
	plain   bool // may be asked without a token
}

// machine never goes through a proxy: what a proxy answers for that address is not about this machine.
func (o *Options) machine() *machine {
	dialer := net.Dialer{Timeout: metadataPatience}
	_, only := o.env("IMDSV1_DISABLED")
	address := o.Getenv(metadataVariable)
	if address == "" {
		address = metadataHost
	}
	return &machine{
		address: address, plain: !strings.EqualFold(only, "true"),
		client: &http.Client{
			Transport:     &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true},
			Timeout:       4 * metadataPatience,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// metadataVariable names another address of the metadata service than the one that all instances have.
const metadataVariable = "MUSTER_METADATA_ENDPOINT"

// get asks with a token where there is one, and without where that is allowed.
func (m *machine) get(ctx context.Context, path string) (string, error) {
	header := map[string]string{}
	status, token, err := get(ctx, m.client, http.MethodPut, m.address+tokenPath, map[string]string{"X-aliyun-ecs-metadata-token-ttl-seconds": tokenSeconds})
	switch {
	case err != nil:
		return "", err
	case status == http.StatusOK:
		header["X-aliyun-ecs-metadata-token"] = string(token)
	case !m.plain:
		return "", fmt.Errorf("the metadata service gives no token: %d %s", status, http.StatusText(status))
	}
	status, text, err := get(ctx, m.client, http.MethodGet, m.address+path, header)
	switch {
	case err != nil:
		return "", err
	case status == http.StatusNotFound:
		return "", errNoRole
	case status != http.StatusOK:
		return "", fmt.Errorf("the metadata service answers %d %s", status, http.StatusText(status))
	}
	return strings.TrimSpace(string(text)), nil
}

var (
	errNoRole = errors.New("the instance has no such RAM role")
	roleName  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) })
)

// role asks for the name of the instance's role. Anything that cannot be one, such as a page of HTML, is none.
func (m *machine) role(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*metadataPatience)
	defer cancel()
	name, err := m.get(ctx, rolePath)
	if err != nil {
		return "", err
	}
	if !roleName().MatchString(name) {
		return "", errors.New("what answers is not the metadata service of an instance")
	}
	return name, nil
}

func (m *machine) keys(name string) fetch {
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

// metadata is the role of the instance that muster runs on. It is there where the instance has one, or where the environment
// names it.
func (o *Options) metadata(ctx context.Context) *source {
	s := &source{name: "the RAM role of this machine", mode: "EcsRamRole"}
	if name, disabled := o.env("ECS_METADATA_DISABLED"); strings.EqualFold(disabled, "true") {
		s.absent = name + " is true"
		return s
	}
	m := o.machine()
	if variable, name := o.env("ECS_METADATA"); name != "" {
		s.name += " (" + variable + ")"
		s.fetch = m.keys(name)
		return s
	}
	if o.Offline {
		s.absent = "it is not asked for here"
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
