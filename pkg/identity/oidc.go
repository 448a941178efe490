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

// oidcRole is a role that is assumed with an OIDC token, as RRSA and CI systems have it.
type oidcRole struct {
	provider, tokenFile, token string
	role
}

// oidc is the role that the environment names. A token is what makes it there: the other variables are set for other purposes,
// too.
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
		s.fetch = o.assumeWithOIDC(oidcRole{
			provider: provider, tokenFile: file, token: token,
			role: role{arn: arn, session: session, policy: policy, seconds: duration, region: region, vpc: strings.EqualFold(vpc, "true")},
		})
		s.remedy = "get a new token, and see whether the role trusts the provider"
	}
	return s
}

// assumeWithOIDC reads the token anew each time: who issues it renews the file.
func (o *Options) assumeWithOIDC(r oidcRole) fetch {
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
		client, err := o.sts(r.region, r.vpc, nil)
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
