package assist

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/aliyun/credentials-go/credentials"
)

// Keys sign a call.
type Keys struct {
	AccessKeyId     string
	AccessKeySecret string
	SecurityToken   string    // only of temporary keys
	Expiration      time.Time // zero if the keys do not expire, or it is unknown when
}

// Fingerprint returns a hash that identifies the access key. It returns "" for temporary keys, which change with every renewal.
func (k Keys) Fingerprint() string {
	if k.SecurityToken != "" || k.AccessKeyId == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("muster " + k.AccessKeyId))
	return hex.EncodeToString(sum[:8])
}

// Signer provides the keys that calls are signed with.
type Signer interface {
	// Keys returns valid keys. It is safe for concurrent use. An error is a [*CredentialsError], or the context's cause.
	Keys(ctx context.Context) (Keys, error)
}

// StaticCredentials returns a signer whose keys never change.
func StaticCredentials(accessKeyID, accessKeySecret string) Signer {
	return StaticKeys(Keys{AccessKeyId: accessKeyID, AccessKeySecret: accessKeySecret})
}

// StaticKeys returns a signer with the given keys, which may be temporary.
func StaticKeys(k Keys) Signer { return staticKeys(k) }

type staticKeys Keys

func (k staticKeys) Keys(context.Context) (Keys, error) { return Keys(k), nil }

// credential converts keys for the core library.
func credential(k Keys) (credentials.Credential, error) {
	config := new(credentials.Config).SetType("access_key").SetAccessKeyId(k.AccessKeyId).SetAccessKeySecret(k.AccessKeySecret)
	if k.SecurityToken != "" {
		config.SetType("sts").SetSecurityToken(k.SecurityToken)
	}
	return credentials.NewCredential(config)
}

// CredentialsError reports that there are no keys to sign calls with: no source of keys is present, or the source that is present
// does not work.
type CredentialsError struct {
	Source string   // the source that does not work, such as "profile prod (~/.aliyun/config.json)"; empty if there is none
	Err    error    // why it does not work
	Remedy string   // what to do about it; may be empty
	Tried  []string // without a source, all places that were searched, and why there are no keys
}

func (e *CredentialsError) Error() string {
	if e.Source == "" {
		return "no credentials: " + strings.Join(e.Tried, "; ")
	}
	return fmt.Sprintf("credentials of %s: %v", e.Source, e.Err)
}

func (e *CredentialsError) Unwrap() error { return e.Err }
