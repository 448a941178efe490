package identity

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"muster/pkg/assist"
)

// role is a RAM role to assume.
type role struct {
	arn, session, policy, externalID string
	seconds                          int
	region                           string
	vpc                              bool
}

// The defaults of the aliyun CLI and the SDKs.
const (
	defaultSession  = "muster"
	defaultDuration = 3600
)

func (r *role) sessionName() string { return cmp.Or(r.session, defaultSession) }

func (r *role) duration() int64 { return int64(cmp.Or(r.seconds, defaultDuration)) }

// sts makes calls to STS.
type sts struct {
	endpoint  assist.Endpoint // the zero value is the endpoint of each role's region
	transport http.RoundTripper
	userAgent string
}

// assume assumes a role with the keys of another identity.
func (s sts) assume(r role, base assist.Signer) fetch {
	return func(ctx context.Context) (assist.Keys, error) {
		client, err := s.client(r.region, r.vpc, base)
		if err != nil {
			return assist.Keys{}, err
		}
		answer, err := client.AssumeRole(ctx, &assist.AssumeRoleRequest{
			RoleArn: r.arn, RoleSessionName: r.sessionName(), DurationSeconds: r.duration(), Policy: r.policy, ExternalId: r.externalID,
		})
		if err != nil {
			return assist.Keys{}, fmt.Errorf("assume %s: %w", r.arn, err)
		}
		return keysOf(answer.Credentials)
	}
}

// The timeouts of a call to STS.
const (
	stsConnectTimeout = 5 * time.Second
	stsReadTimeout    = 10 * time.Second
)

// client returns a client of STS in a region.
func (s sts) client(region string, vpc bool, signer assist.Signer) (*assist.Client, error) {
	endpoint := s.endpoint
	if endpoint.Host == "" {
		endpoint = assist.STSEndpoint(region, vpc)
	}
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: endpoint, Credentials: signer, Transport: s.transport, UserAgent: s.userAgent,
		Timeouts: assist.Timeouts{Connect: stsConnectTimeout, Read: stsReadTimeout},
	})
	if err != nil {
		return nil, err
	}
	return assist.NewClient(core), nil
}

// keysOf returns the keys in a response of STS.
func keysOf(c assist.STSCredentials) (assist.Keys, error) {
	end, err := parseExpiration(c.Expiration)
	if err != nil {
		return assist.Keys{}, err
	}
	return assist.Keys{AccessKeyId: c.AccessKeyId, AccessKeySecret: c.AccessKeySecret, SecurityToken: c.SecurityToken, Expiration: end}, nil
}
