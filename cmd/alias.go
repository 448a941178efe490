package cmd

import "github.com/spf13/pflag"

// alias lets flags be given by further names: those of the API's parameters, where muster's own are shorter.
func alias(flags *pflag.FlagSet, names map[string]string) {
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if own, ok := names[name]; ok {
			name = own
		}
		return pflag.NormalizedName(name)
	})
}
