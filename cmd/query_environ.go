package cmd

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"muster/pkg/identity"
)

// queryEnviron returns the environment for env and $ENV of --jq, without variables that hold secrets: keys, tokens and values of
// secret parameters.
func (st *settings) queryEnviron() []string {
	if st.environ == nil {
		return nil
	}
	secret := append(identity.SecretVariables(), labSecretVariable())
	secret = append(secret, st.secretParamVariables()...)
	return slices.DeleteFunc(slices.Clone(st.environ()), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(secret, name) || strings.HasPrefix(name, "MUSTER_") && strings.HasSuffix(name, "_SECRET_PARAM")
	})
}

// secretParamVariables returns the variables that --secret-param KEY=env:NAME reads.
func (st *settings) secretParamVariables() []string {
	flag := st.flags.Lookup("secret-param")
	if flag == nil {
		return nil
	}
	var names []string
	if list, ok := flag.Value.(pflag.SliceValue); ok {
		for _, text := range list.GetSlice() {
			_, value, _ := strings.Cut(text, "=")
			if name, ok := strings.CutPrefix(value, "env:"); ok {
				names = append(names, name)
			}
		}
	}
	return names
}
