package identity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"muster/pkg/assist"
)

// oidcRole is a role to assume with an OIDC token, as RRSA and CI systems provide it.
type oidcRole struct {
	provider, tokenFile, token string
	role
}

// oidc returns the source for the role that the environment names. It is present if there is a token, because the other
// variables have other purposes too.
func (o *Options) oidc() *source {
	fileName, file := o.env("OIDC_TOKEN_FILE")
	tokenName, token := o.env("OIDC_TOKEN")
	s := &source{name: "OIDC", mode: "OIDC", absent: fileName + " and " + tokenName + " are not set"}
	if file == "" && token == "" {
		return s
	}
	providerName, provider := o.env("OIDC_PROVIDER_ARN")
	roleName, arn := o.env("ROLE_ARN")
	_, session := o.env("ROLE_SESSION_NAME")
	_, policy := o.env("ROLE_POLICY")
	if policy == "" {
		_, policy = o.env("POLICY")
	}
	_, seconds := o.env("ROLE_DURATION_SECONDS")
	duration, _ := strconv.Atoi(seconds)
	_, region := o.env("STS_REGION")
	_, vpc := o.env("VPC_ENDPOINT_ENABLED")
	s.name = "OIDC (" + fileName + ")"
	if file == "" {
		s.name = "OIDC (" + tokenName + ")"
	}
	s.remedy = "set the role, the provider and the token together, or none of them"
	switch {
	case provider == "":
		s.err = fmt.Errorf("%s is not set", providerName)
	case arn == "":
		s.err = fmt.Errorf("%s is not set", roleName)
	default:
		s.fetch = o.sts().assumeWithOIDC(oidcRole{
			provider: provider, tokenFile: file, token: token,
			role: role{arn: arn, session: session, policy: policy, seconds: duration, region: region, vpc: strings.EqualFold(vpc, "true")},
		})
		s.remedy = "get a new token, and check that the role trusts the provider"
	}
	return s
}

// assumeWithOIDC assumes a role with a token. It reads the token's file each time, because the issuer renews it.
func (s sts) assumeWithOIDC(r oidcRole) fetch {
	return func(ctx context.Context) (assist.Keys, error) {
		token := r.token
		if r.tokenFile != "" {
			text, err := os.ReadFile(r.tokenFile)
			if err != nil {
				return assist.Keys{}, fmt.Errorf("read the OIDC token: %w", err)
			}
			token = strings.TrimSpace(string(text))
		}
		if token == "" {
			return assist.Keys{}, errors.New("the OIDC token is empty")
		}
		client, err := s.client(r.region, r.vpc, nil)
		if err != nil {
			return assist.Keys{}, err
		}
		answer, err := client.AssumeRoleWithOIDC(ctx, &assist.AssumeRoleWithOIDCRequest{
			OIDCProviderArn: r.provider, RoleArn: r.arn, OIDCToken: token, RoleSessionName: r.sessionName(), DurationSeconds: r.duration(), Policy: r.policy,
		})
		if err != nil {
			return assist.Keys{}, err
		}
		return keysOf(answer.Credentials)
	}
}
