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

// ownVariables are the variables of the environment that are neither a setting nor a command's flag: names, or beginnings of names
// that end with an underscore.
func ownVariables() []string {
	return []string{
		"MUSTER_METADATA_ENDPOINT",
		"MUSTER_ACTIVE_HELP", // cobra's
		"MUSTER_LAB_RUNNER",  // marks the processes of a lab's scripts
		"MUSTER_PAGER",       // see term.PagerCommand
		"MUSTER_GATE_",       // what a gate command is told
		"MUSTER_BENCH_", "MUSTER_TEST_",
	}
}

// variables returns muster's part of the environment, with the variables that are set and empty.
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

// flagVariable returns the variable that stands for a flag of a command.
func flagVariable(path, flag string) string {
	return config.Key{Name: strings.ReplaceAll(path, " ", "-") + "-" + flag}.Env()
}

// checkVariables refuses a variable that would have chosen or limited what the command does and cannot: one for a flag that it does not
// have, or an empty one. It warns of other variables that nothing reads.
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
			return usagef("%s is no variable that muster reads%s", name, guess)
		}
		if !p.config.Quiet {
			p.note("warning: %s is no variable that muster reads%s", name, guess)
		}
	}
	return refuseEmptyVariables(p.settings, cmd, path, given)
}

// ownerOf returns the command, of those with the given paths, whose flag a variable is named after, and the flag. The command is empty
// where there is none.
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

// suggestVariable ends a message about a variable of a flag that a command does not have.
func suggestVariable(path, flag string, flags []string) string {
	for _, key := range config.Keys() {
		if key.Name == flag {
			return "; the variable of all commands is " + key.Env()
		}
	}
	if len(flags) == 0 {
		return ""
	}
	meant, ok := config.BestMatch(flag, flags)
	if near, wrong := config.Nearest(flag, flags); wrong == 1 {
		meant, ok = near, true // instances is instance, and not the beginning of instances-file
	}
	if ok {
		return fmt.Sprintf("; did you mean %q?", flagVariable(path, meant))
	}
	return ""
}

// refuseEmptyVariables refuses an empty variable of a flag that chooses or bounds, unless the flag was typed.
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
