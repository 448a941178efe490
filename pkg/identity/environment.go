package identity

import (
	"context"
	"fmt"
	"strings"

	"muster/pkg/assist"
)

// environment is the pair of keys in the environment. Half of a pair is a mistake: it is mostly a secret that a CI job does not
// get.
func (o *Options) environment() *source {
	idName, id := o.env("ACCESS_KEY_ID")
	secretName, secret := o.env("ACCESS_KEY_SECRET")
	token := o.Getenv(strings.TrimSuffix(idName, "ACCESS_KEY_ID") + "SECURITY_TOKEN") // which belongs to that id
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

// fixed fetches keys that are known.
func fixed(source string, keys assist.Keys) fetch {
	return func(context.Context) (assist.Keys, error) {
		return keys, assist.CheckKeys(source, keys.AccessKeyId, keys.AccessKeySecret, keys.SecurityToken)
	}
}
