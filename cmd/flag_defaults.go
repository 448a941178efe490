package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/config"
)

// applyDefaults sets flags that were not typed to the values of the environment and the settings files.
func applyDefaults(p *printer, cmd *cobra.Command) error {
	path := pathOf(cmd)
	selected := slices.ContainsFunc(baseFlags(), func(name string) bool {
		f := cmd.Flags().Lookup(name)
		return f != nil && f.Changed && f.Value.String() != "false" // --all=false selects nothing
	})
	wanted := func(name string) bool {
		if name == "all-regions" && cmd.Flags().Changed("region") {
			return false
		}
		return !cmd.Flags().Changed(name) && (!selected || !slices.Contains(baseFlags(), name))
	}
	p.fromSettings = map[string]bool{}
	var err error
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		variable := flagVariable(path, f.Name)
		if text := p.getenv(variable); err == nil && text != "" && wanted(f.Name) {
			p.fromSettings[f.Name] = true
			if refused := cmd.Flags().Set(f.Name, text); refused != nil {
				err = refuseDefault(p.settings, config.Problem{Key: f.Name}, text, "env "+variable, refused)
			}
		}
	})
	if err != nil {
		return err
	}
	var applied []string
	for _, given := range p.config.Defaults {
		if problem := unusable(cmd.Root(), given); problem != "" {
			if !p.config.Quiet {
				p.note("warning: %s: %s", strings.TrimPrefix(given.Place, "file "), problem)
			}
			continue
		}
		if given.Command != path || !wanted(given.Flag) {
			continue
		}
		if given.Project && given.Flag == "gate" {
			p.note("warning: %s: a project's file may not choose a command for this machine: gate is ignored", strings.TrimPrefix(given.Place, "file "))
			continue
		}
		if given.Project && given.Command == labCommand && slices.Contains(labKeyFlags(), given.Flag) {
			p.note("warning: %s: a project's file may not choose the keys of a lab, with which scripts run on this machine: %s is ignored", strings.TrimPrefix(given.Place, "file "), given.Flag)
			continue
		}
		p.fromSettings[given.Flag] = true
		for _, text := range given.Values {
			if err := cmd.Flags().Set(given.Flag, text); err != nil {
				problem := config.Problem{Key: "defaults." + path + "." + given.Flag, Path: given.Path, Line: given.Line}
				if err := refuseDefault(p.settings, problem, text, given.Place, err); err != nil {
					return err
				}
				continue
			}
			if given.Project {
				applied = append(applied, fmt.Sprintf("--%s=%s", given.Flag, text))
			}
		}
	}
	noteProject(p, cmd, applied)
	return nil
}

// refuseDefault returns the error of an invalid default, unless the command reports such problems itself.
func refuseDefault(st *settings, p config.Problem, text, place string, refused error) error {
	p.Kind = config.BadSetting
	p.Err = &config.Error{Key: p.Key, Value: text, Origin: place, Reason: plainReason(refused).Error()}
	if st.examines == "" {
		return p.Err
	}
	st.config.Problems = append(st.config.Problems, p)
	return nil
}

// baseFlags returns the flags that select instances, which others narrow. Their defaults apply only if none of them is typed:
// otherwise a default would add instances to those that were named. The defaults of narrowing flags always apply.
func baseFlags() []string {
	return []string{"instance", "instances-file", "tag", "all", "all-regions"}
}

// noteProject reports which values come from a project's file, before anything is sent: the file may be someone else's work. The
// file cannot turn this off.
func noteProject(p *printer, cmd *cobra.Command, applied []string) {
	if cmd.Annotations[reportsRuns] == "" || len(p.config.Files) == 0 {
		return
	}
	file := "file " + p.config.Files[0]
	by := func(key string) bool {
		origin := p.config.Origin(key)
		return p.config.Project && (origin == file || strings.HasPrefix(origin, file+" ("))
	}
	for _, s := range p.config.Settings() {
		if slices.Contains([]string{"profile", "region"}, s.Key) && by(s.Key) {
			applied = append(applied, fmt.Sprintf("--%s=%s", s.Key, s.Value))
		}
	}
	if len(applied) > 0 && !p.typedQuiet() {
		p.note("from %s: %s", p.config.Files[0], strings.Join(applied, " "))
	}
}

// unusable returns why a default has no effect, or "".
func unusable(root *cobra.Command, given config.Default) string {
	commands := commandsBelow(root)
	cmd, ok := commands[given.Command]
	if !ok {
		var known []string
		for path := range commands {
			known = append(known, path)
		}
		slices.Sort(known)
		return fmt.Sprintf("there is no command %q%s", given.Command, config.DidYouMean(given.Command, known))
	}
	if slices.ContainsFunc(config.Keys(), func(key config.Key) bool { return key.Name == given.Flag }) {
		return fmt.Sprintf("%s is a setting of all commands: put it at the top of the file, or into a profile", given.Flag)
	}
	if cmd.Flag(given.Flag) == nil {
		return fmt.Sprintf("%s has no flag --%s%s", cmd.CommandPath(), given.Flag, config.DidYouMean(given.Flag, flagNames(cmd)))
	}
	return ""
}

// commandsBelow returns all visible commands by their paths without the program's name.
func commandsBelow(root *cobra.Command) map[string]*cobra.Command {
	all := map[string]*cobra.Command{}
	var walk func(*cobra.Command)
	walk = func(parent *cobra.Command) {
		for _, cmd := range parent.Commands() {
			if !cmd.Hidden {
				all[pathOf(cmd)] = cmd
				walk(cmd)
			}
		}
	}
	walk(root)
	return all
}

func pathOf(cmd *cobra.Command) string {
	_, path, _ := strings.Cut(cmd.CommandPath(), " ")
	return path
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	for _, flags := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.InheritedFlags()} {
		flags.VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	}
	return names
}
