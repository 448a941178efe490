package cmd

import "github.com/spf13/pflag"

// addLimit adds --limit to a command that prints a list.
func addLimit(flags *pflag.FlagSet, limit *int) {
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.Var(numberFrom(0, limit), "limit", "list at most this many, the first of them; 0 is all")
	})
}

// limited returns what is printed of a list, and says on stderr, once that has been printed, that there is more.
func limited[T any](a *app, list []T, limit int, noun string) (printed []T, sayMore func()) {
	if limit == 0 || len(list) <= limit {
		return list, func() {}
	}
	return list[:limit], func() {
		if !a.config.Quiet {
			a.note("there are more %s; --limit 0 prints all", noun)
		}
	}
}
