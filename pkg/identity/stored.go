package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"muster/pkg/assist"
)

// tokenEnd returns when the stored keys of the aliyun CLI expire, or the zero time if the profile does not contain it.
func (p *profileEntry) tokenEnd() time.Time {
	if p.TokenExpires <= 0 {
		return time.Time{}
	}
	return time.Unix(p.TokenExpires, 0)
}

// storedKeys returns the keys that the aliyun CLI has stored, and whether they are valid.
func (p *profileEntry) storedKeys() (assist.Keys, bool) {
	keys := assist.Keys{AccessKeyId: p.AccessKeyId, AccessKeySecret: p.AccessKeySecret, SecurityToken: p.SecurityToken, Expiration: p.tokenEnd()}
	valid := keys.AccessKeyId != "" && keys.SecurityToken != "" && time.Now().Before(keys.Expiration.Add(-slack))
	return keys, valid
}

// storedKeysOnly returns the keys that a sign-in stored. It never renews them: that would use up a token that only the aliyun
// CLI may replace. renew is the command that does.
func storedKeysOnly(p *profileEntry, renew string) fetch {
	return func(context.Context) (assist.Keys, error) {
		keys, valid := p.storedKeys()
		if !valid {
			return assist.Keys{}, fmt.Errorf("its stored keys have expired; renew them with %s", renew)
		}
		return keys, nil
	}
}

// cloudSSO returns the stored keys, or exchanges the access token of the sign-in for new ones while it is valid. A token can be
// exchanged many times.
func cloudSSO(p *profileEntry) fetch {
	return func(ctx context.Context) (assist.Keys, error) {
		if keys, valid := p.storedKeys(); valid {
			return keys, nil
		}
		if p.AccessToken == "" || time.Now().After(time.Unix(p.AccessTokenExpire, 0)) {
			return assist.Keys{}, errors.New("its sign-in has expired")
		}
		provider, err := providers.NewCloudSSOCredentialsProviderBuilder().
			WithSignInUrl(p.SSOSignInURL).WithAccountId(p.SSOAccountId).WithAccessConfig(p.SSOAccessConfig).
			WithAccessToken(p.AccessToken).WithAccessTokenExpire(p.AccessTokenExpire).Build()
		if err != nil {
			return assist.Keys{}, errors.New("its sign-in is incomplete")
		}
		return exchange(ctx, provider)
	}
}

// exchangedLifetime is the assumed lifetime of exchanged keys. The service grants an hour, but the library does not return when
// they expire.
const exchangedLifetime = 15 * time.Minute

// exchange calls the library, which does not support contexts, and stops waiting for it when ctx ends.
func exchange(ctx context.Context, provider providers.CredentialsProvider) (assist.Keys, error) {
	type outcome struct {
		keys *providers.Credentials
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		keys, err := provider.GetCredentials()
		done <- outcome{keys, err}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			return assist.Keys{}, errors.New("its sign-in was rejected") // the library's error contains the response with the keys
		}
		return assist.Keys{
			AccessKeyId: o.keys.AccessKeyId, AccessKeySecret: o.keys.AccessKeySecret, SecurityToken: o.keys.SecurityToken,
			Expiration: time.Now().Add(exchangedLifetime),
		}, nil
	case <-ctx.Done():
		return assist.Keys{}, context.Cause(ctx)
	}
}

// fetchSigner is a signer that fetches its keys for each call.
type fetchSigner fetch

func (f fetchSigner) Keys(ctx context.Context) (assist.Keys, error) { return f(ctx) }
