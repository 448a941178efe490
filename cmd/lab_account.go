package cmd

import (
	"strings"

	"github.com/spf13/pflag"

	"muster/pkg/lab"
)

const (
	accessKeyIDFlag     = "access-key-id"
	accessKeySecretFlag = "access-key-secret"
)

// labKeyFlags returns the flags of a lab's key.
func labKeyFlags() []string { return []string{accessKeyIDFlag, accessKeySecretFlag} }

// labSecretVariable returns the environment variable with the secret of a lab's key.
func labSecretVariable() string { return flagVariable(labCommand, accessKeySecretFlag) }

// labAccount is the access key and the account of a lab, if they are chosen before it starts.
type labAccount struct{ keyID, secret, id string }

func (ac *labAccount) add(flags *pflag.FlagSet) {
	flags.StringVar(&ac.keyID, accessKeyIDFlag, "", "`ID`: the id of the lab's access key, for a new data directory or --ephemeral (default: random)")
	flags.StringVar(&ac.secret, accessKeySecretFlag, "", "`SECRET`: the secret of that key; other users see it in the list of processes, so better set MUSTER_LAB_ACCESS_KEY_SECRET")
	flags.StringVar(&ac.id, "account-id", "", "`NUMBER`: the id of the lab's account (default: 1000000000000001)")
}

// apply checks the key and the account, and adds them to the options of a lab. It never quotes the secret.
func (ac *labAccount) apply(options *lab.Options) error {
	named := func(flag string) string { return "--" + flag + " or " + flagVariable(labCommand, flag) }
	switch {
	case ac.keyID == "" && ac.secret != "":
		return usagef("the lab's access key has a secret and no id: give %s too", named(accessKeyIDFlag))
	case ac.keyID != "" && ac.secret == "":
		return usagef("the lab's access key has an id and no secret: give %s too", named(accessKeySecretFlag))
	case strings.ContainsFunc(ac.keyID, func(r rune) bool { return !isIDRune(r) }):
		return usagef("--%s %q: want letters, digits, dots, hyphens and underscores", accessKeyIDFlag, ac.keyID)
	case strings.ContainsFunc(ac.secret, func(r rune) bool { return r <= ' ' || r > '~' }):
		return usagef("--%s: want printable ASCII characters without spaces", accessKeySecretFlag)
	case strings.ContainsFunc(ac.id, func(r rune) bool { return r < '0' || r > '9' }):
		return usagef("--account-id %q: want digits, such as 1000000000000001", ac.id)
	}
	options.AccessKeyId, options.AccessKeySecret, options.AccountId = ac.keyID, ac.secret, ac.id
	return nil
}

func isIDRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
}
