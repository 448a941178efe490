package identity

import (
	"context"
	"fmt"
	"strings"

	"muster/pkg/assist"
)

// environment returns the source for a pair of keys in the environment. Half a pair is an error: usually a secret that a CI job
// was not given.
func (o *Options) environment() *source {
	idName, id := o.env("ACCESS_KEY_ID")
	secretName, secret := o.env("ACCESS_KEY_SECRET")
	token := o.Getenv(strings.TrimSuffix(idName, "ACCESS_KEY_ID") + "SECURITY_TOKEN") // the token of that id
	s := &source{name: "the environment", mode: "AK", absent: idName + " is not set"}
	switch {
	case id == "" && secret == "":
		return s
	case secret == "":
		s.err = fmt.Errorf("%s is set, and %s is not", idName, secretName)
		s.remedy = "set both, or neither to use a profile"
	case id == "":
		s.err = fmt.Errorf("%s is set, and %s is not", secretName, idName)
		s.remedy = "set both, or neither to use a profile"
	default:
		s.name = "the environment (" + idName + ")"
		if token != "" {
			s.mode = "StsToken"
		}
		s.fetch = fixed(s.name, assist.Keys{AccessKeyId: id, AccessKeySecret: secret, SecurityToken: token})
	}
	return s
}

// uri returns the source for a credentials URI in the environment.
func (o *Options) uri() *source {
	name, address := o.env("CREDENTIALS_URI")
	s := &source{name: "credentials URI", mode: "CredentialsURI", absent: name + " is not set"}
	if address != "" {
		s.name = "credentials URI (" + name + ")"
		s.fetch = fetchURI(address, o.Transport)
	}
	return s
}

// fixed returns the given keys, after checking their characters. source names their origin in an error.
func fixed(source string, keys assist.Keys) fetch {
	return func(context.Context) (assist.Keys, error) {
		return keys, assist.CheckKeys(source, keys.AccessKeyId, keys.AccessKeySecret, keys.SecurityToken)
	}
}
