package assist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/aliyun/credentials-go/credentials"
	"github.com/aliyun/credentials-go/credentials/providers"
)

// metadataPatience is how long a machine that may not be an ECS instance is asked for the keys of its role.
const metadataPatience = 700 * time.Millisecond

// CredentialsError tells that there is nothing to sign calls with.
type CredentialsError struct {
	Tried []string // where it was looked for, and what was there
}

func (e *CredentialsError) Error() string {
	return "no credentials: " + strings.Join(e.Tried, "; ")
}

// CredentialsOptions say where to look for keys.
type CredentialsOptions struct {
	// Profile is a profile of the aliyun CLI; empty for its current one.
	Profile string
	// ProfileOnly is for a profile that was asked for by name: nothing else is looked at then.
	ProfileOnly bool
	// ProfileFile is the aliyun CLI's configuration; empty when it is to be ignored.
	ProfileFile string
	// Getenv reads the environment.
	Getenv func(string) string
}

// Credentials are the keys that calls are signed with. They are looked for when they are first needed, and again when
// they expire: in the environment, by OIDC, in the aliyun CLI's profile, in the credentials file, in the metadata of
// this machine, and at a URI. They are safe for concurrent use.
type Credentials struct {
	mu     sync.Mutex
	chain  []source
	chosen providers.CredentialsProvider
}

type source struct {
	name string
	open func() (providers.CredentialsProvider, error)
}

// StaticCredentials are keys that are known already.
func StaticCredentials(accessKeyID, accessKeySecret string) *Credentials {
	return &Credentials{chain: []source{{name: "given keys", open: func() (providers.CredentialsProvider, error) {
		return staticProvider(accessKeyID, accessKeySecret, "")
	}}}}
}

// FindCredentials looks for keys, where CredentialsOptions say.
func FindCredentials(o CredentialsOptions) *Credentials {
	profile := source{name: strings.TrimSpace("profile " + o.Profile), open: func() (providers.CredentialsProvider, error) {
		return profileProvider(o.ProfileFile, o.Profile)
	}}
	if o.ProfileOnly {
		return &Credentials{chain: []source{profile}}
	}
	chain := []source{{name: "environment", open: func() (providers.CredentialsProvider, error) { return environmentProvider(o.Getenv) }}}
	if o.Getenv("ALIBABA_CLOUD_OIDC_TOKEN_FILE") != "" {
		chain = append(chain, source{name: "OIDC", open: func() (providers.CredentialsProvider, error) {
			return providers.NewOIDCCredentialsProviderBuilder().Build()
		}})
	}
	if o.ProfileFile != "" {
		chain = append(chain, profile)
	}
	chain = append(chain,
		source{name: "credentials file", open: func() (providers.CredentialsProvider, error) {
			return providers.NewProfileCredentialsProviderBuilder().Build()
		}},
		source{name: "instance metadata", open: metadataProvider})
	if o.Getenv("ALIBABA_CLOUD_CREDENTIALS_URI") != "" {
		chain = append(chain, source{name: "credentials URI", open: func() (providers.CredentialsProvider, error) {
			return providers.NewURLCredentialsProviderBuilder().Build()
		}})
	}
	return &Credentials{chain: chain}
}

func environmentProvider(getenv func(string) string) (providers.CredentialsProvider, error) {
	first := func(name string) string {
		for _, prefix := range []string{"ALIBABA_CLOUD_", "ALIBABACLOUD_", "ALICLOUD_"} {
			if value := getenv(prefix + name); value != "" {
				return value
			}
		}
		return ""
	}
	id, secret := first("ACCESS_KEY_ID"), first("ACCESS_KEY_SECRET")
	switch {
	case id == "" && secret == "":
		return nil, errors.New("ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set")
	case id == "":
		return nil, errors.New("ALIBABA_CLOUD_ACCESS_KEY_ID is not set")
	case secret == "":
		return nil, errors.New("ALIBABA_CLOUD_ACCESS_KEY_SECRET is not set")
	}
	return staticProvider(id, secret, first("SECURITY_TOKEN"))
}

func staticProvider(id, secret, token string) (providers.CredentialsProvider, error) {
	if token != "" {
		return providers.NewStaticSTSCredentialsProviderBuilder().
			WithAccessKeyId(id).WithAccessKeySecret(secret).WithSecurityToken(token).Build()
	}
	return providers.NewStaticAKCredentialsProviderBuilder().WithAccessKeyId(id).WithAccessKeySecret(secret).Build()
}

// profileProvider looks into the file first: the library's error for a broken one holds the whole file, secrets and all.
func profileProvider(file, profile string) (providers.CredentialsProvider, error) {
	if file == "" {
		return nil, errors.New("the aliyun CLI's configuration is not to be read")
	}
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s does not exist", file)
	case err != nil:
		return nil, err
	case !json.Valid(text):
		return nil, fmt.Errorf("%s is not valid JSON", file)
	}
	return providers.NewCLIProfileCredentialsProviderBuilder().WithProfileFile(file).WithProfileName(profile).Build()
}

func metadataProvider() (providers.CredentialsProvider, error) {
	return providers.NewECSRAMRoleCredentialsProviderBuilder().WithHttpOptions(&providers.HttpOptions{
		ConnectTimeout: int(metadataPatience.Milliseconds()), ReadTimeout: int(metadataPatience.Milliseconds()),
	}).Build()
}

// Find makes sure that there are keys, before any call needs them. After the end of the context the error is its cause.
func (c *Credentials) Find(ctx context.Context) error {
	found := make(chan error, 1)
	go func() {
		_, err := c.GetCredential()
		found <- err
	}()
	select {
	case err := <-found:
		return err
	case <-ctx.Done():
		return fmt.Errorf("look for credentials: %w", context.Cause(ctx))
	}
}

// Fingerprint stands for the access key without telling it: the same for the same key. It is empty for keys that are new
// every time, as those of a role are, and where there are none.
func (c *Credentials) Fingerprint() string {
	keys, err := c.GetCredential()
	if err != nil || *keys.SecurityToken != "" {
		return ""
	}
	sum := sha256.Sum256([]byte("muster " + *keys.AccessKeyId))
	return hex.EncodeToString(sum[:8])
}

// GetCredential gives keys that are valid now. Its error is a *CredentialsError.
func (c *Credentials) GetCredential() (*credentials.CredentialModel, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.chosen != nil {
		keys, err := c.chosen.GetCredentials()
		if err != nil {
			return nil, &CredentialsError{Tried: []string{c.chosen.GetProviderName() + ": " + oneLine(err)}}
		}
		return model(keys), nil
	}
	var tried []string
	for _, source := range c.chain {
		provider, err := source.open()
		if err == nil {
			var keys *providers.Credentials
			if keys, err = provider.GetCredentials(); err == nil {
				c.chosen = provider
				return model(keys), nil
			}
		}
		tried = append(tried, source.name+": "+oneLine(err))
	}
	return nil, &CredentialsError{Tried: tried}
}

// quoting is how the library's errors begin that go on with the very file or answer that could not be read.
var quoting = regexp.MustCompile(`^(unmarshal aliyun cli config from '[^']*' failed|ERROR: Can not open file` +
	`|refresh credentials from \S+ \S+ failed|failed to refresh token from OAuth` +
	`|refresh session token err, fail to get credentials from OAuth)`)

// oneLine is what can be shown of an error: its first line, without secrets.
func oneLine(err error) string {
	line, _, _ := strings.Cut(bare(err).Error(), "\n")
	if beginning := quoting.FindString(line); beginning != "" {
		return beginning
	}
	return line
}

func model(keys *providers.Credentials) *credentials.CredentialModel {
	kind := "access_key"
	if keys.SecurityToken != "" {
		kind = "sts"
	}
	return &credentials.CredentialModel{
		AccessKeyId: &keys.AccessKeyId, AccessKeySecret: &keys.AccessKeySecret, SecurityToken: &keys.SecurityToken,
		ProviderName: &keys.ProviderName, Type: &kind,
	}
}

// GetAccessKeyId is part of the library's interface, which the library itself no longer uses.
func (c *Credentials) GetAccessKeyId() (*string, error) {
	m, err := c.GetCredential()
	if err != nil {
		return nil, err
	}
	return m.AccessKeyId, nil
}

// GetAccessKeySecret is part of the library's interface, which the library itself no longer uses.
func (c *Credentials) GetAccessKeySecret() (*string, error) {
	m, err := c.GetCredential()
	if err != nil {
		return nil, err
	}
	return m.AccessKeySecret, nil
}

// GetSecurityToken is part of the library's interface, which the library itself no longer uses.
func (c *Credentials) GetSecurityToken() (*string, error) {
	m, err := c.GetCredential()
	if err != nil {
		return nil, err
	}
	return m.SecurityToken, nil
}

// GetBearerToken is part of the library's interface; ECS takes none.
func (c *Credentials) GetBearerToken() *string { return new(string) }

// GetType is part of the library's interface, which the library itself no longer uses.
func (c *Credentials) GetType() *string {
	kind := "access_key"
	return &kind
}
