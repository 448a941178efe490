package identity

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"muster/pkg/assist"
)

// role is a RAM role that is assumed.
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

// assume assumes a role with the keys of another identity.
func (o *Options) assume(r role, base assist.Signer) fetch {
	return func(ctx context.Context) (assist.Keys, error) {
		client, err := o.sts(r.region, r.vpc, base)
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

// The time that a call to STS may take.
const (
	stsConnect = 5 * time.Second
	stsRead    = 10 * time.Second
)

// sts returns a client of STS.
func (o *Options) sts(region string, vpc bool, signer assist.Signer) (*assist.Client, error) {
	endpoint := o.STS
	if endpoint.Host == "" {
		endpoint = assist.STSEndpoint(region, vpc)
	}
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: endpoint, Credentials: signer, Transport: o.Transport, UserAgent: o.UserAgent,
		Timeouts: assist.Timeouts{Connect: stsConnect, Read: stsRead},
	})
	if err != nil {
		return nil, err
	}
	return assist.NewClient(core), nil
}

// keysOf reads the keys of an answer of STS.
func keysOf(c assist.STSCredentials) (assist.Keys, error) {
	end, err := parseExpiration(c.Expiration)
	if err != nil {
		return assist.Keys{}, err
	}
	return assist.Keys{AccessKeyId: c.AccessKeyId, AccessKeySecret: c.AccessKeySecret, SecurityToken: c.SecurityToken, Expiration: end}, nil
}
