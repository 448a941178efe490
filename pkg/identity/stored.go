package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"muster/pkg/assist"
)

// tokenEnd is when the keys end that the aliyun CLI has stored; zero where it does not say.
func (p *profileEntry) tokenEnd() time.Time {
	if p.TokenExpires <= 0 {
		return time.Time{}
	}
	return time.Unix(p.TokenExpires, 0)
}

// storedKeys returns the keys that the aliyun CLI has stored, while they are good.
func (p *profileEntry) storedKeys() (assist.Keys, bool) {
	keys := assist.Keys{AccessKeyId: p.AccessKeyId, AccessKeySecret: p.AccessKeySecret, SecurityToken: p.SecurityToken, Expiration: p.tokenEnd()}
	good := keys.AccessKeyId != "" && keys.SecurityToken != "" && time.Now().Before(keys.Expiration.Add(-slack))
	return keys, good
}

// stored uses the keys that a sign-in has left, and nothing else: to renew them uses up a token that only the aliyun CLI may
// replace.
func stored(p *profileEntry, renew string) fetch {
	return func(context.Context) (assist.Keys, error) {
		keys, good := p.storedKeys()
		if !good {
			return assist.Keys{}, fmt.Errorf("the keys that it has stored have ended; %s renews them", renew)
		}
		return keys, nil
	}
}

// cloudSSO uses the keys that are stored, and exchanges the access token of the sign-in for new ones while that is good. The exchange
// uses nothing up.
func (o *Options) cloudSSO(p *profileEntry) fetch {
	return func(ctx context.Context) (assist.Keys, error) {
		if keys, good := p.storedKeys(); good {
			return keys, nil
		}
		if p.AccessToken == "" || time.Now().After(time.Unix(p.AccessTokenExpire, 0)) {
			return assist.Keys{}, errors.New("its sign-in has ended")
		}
		provider, err := providers.NewCloudSSOCredentialsProviderBuilder().
			WithSignInUrl(p.SSOSignInURL).WithAccountId(p.SSOAccountId).WithAccessConfig(p.SSOAccessConfig).
			WithAccessToken(p.AccessToken).WithAccessTokenExpire(p.AccessTokenExpire).Build()
		if err != nil {
			return assist.Keys{}, errors.New("its sign-in is not complete")
		}
		return exchange(ctx, provider)
	}
}

// exchangedLife is how long keys that the library has got are taken to be good: it keeps their end to itself, and the service
// gives them an hour.
const exchangedLife = 15 * time.Minute

// exchange asks the library, which knows no context, and does not wait for it longer than the caller does.
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
			return assist.Keys{}, errors.New("its sign-in was not taken") // the library's error has the answer in it, keys and all
		}
		return assist.Keys{
			AccessKeyId: o.keys.AccessKeyId, AccessKeySecret: o.keys.AccessKeySecret, SecurityToken: o.keys.SecurityToken,
			Expiration: time.Now().Add(exchangedLife),
		}, nil
	case <-ctx.Done():
		return assist.Keys{}, context.Cause(ctx)
	}
}

// once signs with keys that are known.
type once fetch

func (o once) Keys(ctx context.Context) (assist.Keys, error) { return o(ctx) }
