package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/config"
	"muster/pkg/target"
)

// ownVariables returns muster's environment variables that are neither settings nor flags: names, or prefixes that end with an
// underscore.
func ownVariables() []string {
	return []string{
		"MUSTER_METADATA_ENDPOINT",
		"MUSTER_ACTIVE_HELP", // read by cobra
		"MUSTER_LAB_RUNNER",  // marks the processes of a lab's scripts
		"MUSTER_PAGER",       // see term.PagerCommand
		"MUSTER_GATE_",       // set for gate commands
		"MUSTER_BENCH_", "MUSTER_TEST_",
	}
}

// variables returns the MUSTER_* variables of the environment, also those with empty values.
func (st *settings) variables() map[string]string {
	found := map[string]string{}
	if st.environ == nil {
		return found
	}
	for _, entry := range st.environ() {
		if name, value, ok := strings.Cut(entry, "="); ok && strings.HasPrefix(name, "MUSTER_") {
			found[name] = value
		}
	}
	return found
}

// flagVariable returns the environment variable of a command's flag.
func flagVariable(path, flag string) string {
	return config.Key{Name: strings.ReplaceAll(path, " ", "-") + "-" + flag}.Env()
}

// checkVariables refuses variables that were meant to select or limit what the command does and do not: those of flags that it does
// not have, and empty ones. It warns of other unknown variables.
func checkVariables(p *printer, cmd *cobra.Command) error {
	given := p.variables()
	if len(given) == 0 {
		return nil
	}
	path, owners := pathOf(cmd), map[string][]string{} // flags by command
	known := map[string]bool{}
	for _, key := range config.Keys() {
		known[key.Env()] = true
	}
	for path, cmd := range commandsBelow(cmd.Root()) {
		owners[path] = nil
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			known[flagVariable(path, f.Name)] = true
			owners[path] = append(owners[path], f.Name)
		})
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if known[name] || slices.ContainsFunc(ownVariables(), func(own string) bool {
			return name == own || strings.HasSuffix(own, "_") && strings.HasPrefix(name, own)
		}) {
			continue
		}
		owner, flag := ownerOf(name, slices.Collect(maps.Keys(owners)))
		guess := config.DidYouMean(name, slices.Sorted(maps.Keys(known)))
		if owner != "" {
			guess = suggestVariable(owner, flag, owners[owner])
		}
		if owner != "" && owner == path {
			return usagef("unknown variable %s%s", name, guess)
		}
		if !p.config.Quiet {
			p.note("warning: unknown variable %s%s", name, guess)
		}
	}
	return refuseEmptyVariables(p.settings, cmd, path, given)
}

// ownerOf returns the command whose flag a variable is named after, and the flag. The command is empty if there is none among the
// paths.
func ownerOf(variable string, paths []string) (path, flag string) {
	longest := 0
	for _, candidate := range paths {
		prefix := flagVariable(candidate, "")
		if rest, ok := strings.CutPrefix(variable, prefix); ok && rest != "" && len(prefix) > longest {
			longest, path = len(prefix), candidate
			flag = strings.ToLower(strings.ReplaceAll(rest, "_", "-"))
		}
	}
	return path, flag
}

// suggestVariable returns the end of a message about a variable of a flag that the command does not have.
func suggestVariable(path, flag string, flags []string) string {
	for _, key := range config.Keys() {
		if key.Name == flag {
			return "; the variable for all commands is " + key.Env()
		}
	}
	if len(flags) == 0 {
		return ""
	}
	meant, ok := config.BestMatch(flag, flags)
	if near, wrong := config.Nearest(flag, flags); wrong == 1 {
		meant, ok = near, true // for instances, prefer instance to its extension instances-file
	}
	if ok {
		return fmt.Sprintf("; did you mean %q?", flagVariable(path, meant))
	}
	return ""
}

// refuseEmptyVariables refuses empty variables of flags that select or limit, unless the flag was typed.
func refuseEmptyVariables(st *settings, cmd *cobra.Command, path string, given map[string]string) error {
	bounding := slices.Concat(limitingFlags(), target.Flags(), []string{"managed", "on-ineligible", "preview", "confirm"})
	var err error
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		variable := flagVariable(path, f.Name)
		value, set := given[variable]
		if err == nil && set && strings.TrimSpace(value) == "" && (!f.Changed || st.fromSettings[f.Name]) && slices.Contains(bounding, f.Name) {
			err = usagef("%s is empty: unset it, or give it a value", variable)
		}
	})
	return err
}
