package assist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/aliyun/credentials-go/credentials"
)

// Keys are what a call is signed with.
type Keys struct {
	AccessKeyId     string
	AccessKeySecret string
	SecurityToken   string    // of temporary keys alone
	Expiration      time.Time // zero where the keys have no known end
}

// Fingerprint stands for the access key without telling it: the same for the same key. It is empty for temporary keys, which
// are new every time.
func (k Keys) Fingerprint() string {
	if k.SecurityToken != "" || k.AccessKeyId == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("muster " + k.AccessKeyId))
	return hex.EncodeToString(sum[:8])
}

// Signer provides the keys that calls are signed with.
type Signer interface {
	// Keys returns keys that are valid now. It is safe for concurrent use. The error is a *CredentialsError, or the
	// context's cause.
	Keys(ctx context.Context) (Keys, error)
}

// StaticCredentials returns a signer whose keys never change.
func StaticCredentials(accessKeyID, accessKeySecret string) Signer {
	return StaticKeys(Keys{AccessKeyId: accessKeyID, AccessKeySecret: accessKeySecret})
}

// StaticKeys returns a signer with the given keys, which may be temporary ones.
func StaticKeys(k Keys) Signer { return staticKeys(k) }

type staticKeys Keys

func (k staticKeys) Keys(context.Context) (Keys, error) { return Keys(k), nil }

// credential is the keys of one call, as the core library takes them.
func credential(k Keys) (credentials.Credential, error) {
	config := new(credentials.Config).SetType("access_key").SetAccessKeyId(k.AccessKeyId).SetAccessKeySecret(k.AccessKeySecret)
	if k.SecurityToken != "" {
		config.SetType("sts").SetSecurityToken(k.SecurityToken)
	}
	return credentials.NewCredential(config)
}
