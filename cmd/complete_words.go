package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/assist/catalogue"
	"muster/pkg/config"
	"muster/pkg/lab"
	"muster/pkg/render"
	"muster/pkg/target"
	"muster/pkg/term"
)

// wordFunc completes a partly typed word.
type wordFunc = cobra.CompletionFunc

// addTo adds completions to every flag and every argument of every command. It removes the back-quotes from the flags' descriptions,
// which only help uses.
func (cm *completer) addTo(root *cobra.Command) {
	arguments := cm.argumentWords()
	for path, cmd := range commandsBelow(root) {
		if find, ok := arguments[path]; ok {
			cmd.ValidArgsFunction = find
		} else if cmd.ValidArgs == nil && cmd.HasParent() && !slices.Contains([]string{"run", "send"}, path) {
			cmd.ValidArgsFunction = cobra.NoFileCompletions
		}
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { cm.addFlagWords(cmd, path, f.Name) })
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { cm.addFlagWords(root, "", f.Name) })
}

func (cm *completer) addFlagWords(cmd *cobra.Command, path, name string) {
	flags := cm.flagWords()
	find, ok := flags[path+" --"+name]
	if !ok {
		find, ok = flags["--"+name]
	}
	if !ok {
		find = cobra.NoFileCompletions
	}
	f := cmd.Flag(name)
	_, f.Usage = placeholder(f)
	if find != nil {
		_ = cmd.RegisterFlagCompletionFunc(name, find) // it fails for a flag that has completions already
	}
}

// argumentWords returns the completions of arguments, by command path.
func (cm *completer) argumentWords() map[string]wordFunc {
	commands, invocations := firstArgument(cm.commandWords()), cm.invocationWords()
	runs, managed, activations := cm.runWords(), cm.managedWords(), cm.ofKind(kindActivations)
	return map[string]wordFunc{
		"invoke": commands, "commands show": commands, "commands edit": commands, "commands delete": cm.commandWords(),
		"managed show": firstArgument(managed), "managed rename": firstArgument(managed), "managed remove": managed,
		"activation disable": activations, "activation delete": activations,
		"watch": invocations, "stop": invocations, "schedule edit": firstArgument(invocations), "results": firstArgument(invocations),
		"runs show": firstArgument(runs), "runs wait": firstArgument(runs), "runs stop": firstArgument(runs), "runs logs": firstArgument(runs), "runs report": firstArgument(runs), "runs resume": firstArgument(runs), "runs rerun": firstArgument(runs), "runs rm": runs,
		"instances": firstArgument(fixedWords("list")), "invocations": firstArgument(fixedWords("list")), "runs": firstArgument(fixedWords("list")), "lab instances": firstArgument(fixedWords("list")),
		"explain": firstArgument(cm.codeWords()), helpCommand: subcommandWords,
	}
}

// flagWords returns the completions of flags, some of them for one command only. A nil function completes file names. A flag without
// an entry has no completions.
func (cm *completer) flagWords() map[string]wordFunc {
	files := wordFunc(nil)
	return map[string]wordFunc{
		"--profile": commaList(cm.profileWords()), "--region": commaList(cm.regionWords()), "--regions": commaList(fixedWords(lab.Regions()...)),
		"--output": fixedWords(render.Formats()...), "--lang": fixedWords("en", "zh", "ja"),
		"--instance": commaList(cm.termWords()), "--exclude": commaList(cm.termWords()), "--tag": cm.tagWords(), "instances --name": commaList(cm.instanceNames()),
		"--zone": commaList(cm.attributeWords("zone")), "--vpc": commaList(cm.attributeWords("vpc")), "--instance-type": commaList(cm.attributeWords("instance-type")),
		"--image": commaList(cm.attributeWords("image")), "--resource-group": commaList(cm.attributeWords("resource-group")),
		"--status": commaList(fixedWords(target.Statuses()...)), "--os": commaList(fixedWords(target.Systems()...)), "results --status": cobra.NoFileCompletions, "invocations --status": cobra.NoFileCompletions,
		"--only": commaList(fixedWords(causeNames()...)), "--on-ineligible": fixedWords("skip", "fail"),
		"--type":             fixedWords("RunShellScript", "RunBatScript", "RunPowerShellScript"),
		"--termination-mode": fixedWords("Process", "ProcessTree"),
		"--repeat":           fixedWords("Once", "Period", "NextRebootOnly", "EveryReboot", "DryRun"),
		"--file":             files, "--instances-file": files, "--params-file": files, "--param": files, "--secret-param": files,
		"--output-dir": files, "--fleet": files, "--data": files, "--code-file": files,
		"activation create --tag": cobra.NoFileCompletions, "activation list --tag": cobra.NoFileCompletions,
		"activation list --activation-id": cm.ofKind(kindActivations),
	}
}

// fixedWords completes words that are always the same.
func fixedWords(known ...string) wordFunc {
	return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return known, cobra.ShellCompDirectiveNoFileComp
	}
}

// firstArgument restricts a function to the first argument.
func firstArgument(find wordFunc) wordFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return find(cmd, args, begun)
	}
}

// commaList completes the last word of a list separated by commas.
func commaList(find wordFunc) wordFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		before := begun[:strings.LastIndex(begun, ",")+1]
		found, directive := find(cmd, args, strings.TrimPrefix(begun, before))
		given := strings.Split(before, ",")
		var all []string
		for _, word := range found {
			value, _, _ := strings.Cut(word, "\t")
			if !slices.Contains(given, value) {
				all = append(all, before+word)
			}
		}
		return all, directive
	}
}

// withPrefix returns the candidates that begin with a prefix, each once.
func withPrefix(list []candidate, begun string) ([]string, cobra.ShellCompDirective) {
	var found []string
	seen := map[string]bool{}
	for _, c := range list {
		if c.Value == "" || seen[c.Value] || !strings.HasPrefix(c.Value, begun) || strings.ContainsAny(c.Value, "\t\r\n") {
			continue
		}
		seen[c.Value] = true
		word := term.Sanitize(c.Value)
		if note := strings.Join(strings.Fields(term.Sanitize(c.Note)), " "); note != "" {
			word += "\t" + note
		}
		found = append(found, word)
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}

// ofKind completes the candidates of a kind.
func (cm *completer) ofKind(kind string) wordFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return withPrefix(cm.candidates(cmd, kind), begun)
	}
}

// commandWords completes names of saved commands, or ids once c- is typed.
func (cm *completer) commandWords() wordFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		all := cm.candidates(cmd, kindCommands)
		if strings.HasPrefix(begun, "c-") {
			for _, c := range slices.Clone(all) {
				id, _, _ := strings.Cut(c.Note, " ")
				all = append(all, candidate{Value: id, Note: c.Value})
			}
		}
		return withPrefix(all, begun)
	}
}

// termWords completes names and ids of instances, and groups.
func (cm *completer) termWords() wordFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		instances := cm.instances(cmd)
		if strings.HasPrefix(begun, "mi-") {
			instances = cm.candidates(cmd, kindInstances) // an id selects a managed instance without --managed as well
		}
		ids, directive := withPrefix(instances, begun)
		names, _ := cm.instanceNames()(cmd, args, begun)
		var groups []candidate
		if cm.config != nil {
			for _, group := range cm.config.Groups {
				groups = append(groups, candidate{Value: "@" + group.Name, Note: "group of " + group.Place})
			}
		}
		found, _ := withPrefix(groups, begun)
		return slices.Concat(names, found, ids), directive
	}
}

// managedWords completes names and ids of managed instances.
func (cm *completer) managedWords() wordFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		var all []candidate
		for _, c := range cm.candidates(cmd, kindInstances) {
			if c.Managed {
				name, _, _ := strings.Cut(c.Note, " (")
				all = append(all, candidate{Value: name, Note: c.Value}, c)
			}
		}
		return withPrefix(all, begun)
	}
}

// instances returns the instances that the command line selects from: managed ones with --managed, and ECS instances otherwise.
func (cm *completer) instances(cmd *cobra.Command) []candidate {
	flag := cmd.Flags().Lookup("managed")
	managed := flag != nil && flag.Value.String() == "true"
	return slices.DeleteFunc(cm.candidates(cmd, kindInstances), func(c candidate) bool { return c.Managed != managed })
}

// attributeWords completes the values of an attribute, such as a zone.
func (cm *completer) attributeWords(flag string) wordFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		counts := map[string]int{}
		for _, c := range cm.instances(cmd) {
			counts[c.Attributes[flag]]++
		}
		return withPrefix(countedWords(counts), begun)
	}
}

// countedWords returns words with the number of instances that have each.
func countedWords(counts map[string]int) []candidate {
	var all []candidate
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		all = append(all, candidate{Value: word, Note: plural(counts[word], "instance")})
	}
	return all
}

func (cm *completer) instanceNames() wordFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		var names []candidate
		for _, c := range cm.instances(cmd) {
			name, _, _ := strings.Cut(c.Note, " (")
			names = append(names, candidate{Value: name, Note: c.Value})
		}
		return withPrefix(names, begun)
	}
}

// tagWords completes keys of tags, and values once a key is typed.
func (cm *completer) tagWords() wordFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		counts := map[string]int{}
		for _, c := range cm.instances(cmd) {
			for _, tag := range c.Tags {
				if !strings.Contains(begun, "=") {
					key, _, _ := strings.Cut(tag, "=")
					tag = key + "="
				}
				counts[tag]++
			}
		}
		found, directive := withPrefix(countedWords(counts), begun)
		if !strings.Contains(begun, "=") {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		return found, directive
	}
}

// regionWords completes regions: those that the service has listed, or else those that this version knows.
func (cm *completer) regionWords() wordFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		regions := cm.candidates(cmd, kindRegions)
		if len(regions) == 0 {
			for _, id := range lab.Regions() {
				regions = append(regions, candidate{Value: id})
			}
		}
		return withPrefix(regions, begun)
	}
}

func (cm *completer) profileWords() wordFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		_, profiles, err := config.Profiles(config.Options{})
		if err != nil {
			profiles = []config.Profile{{Name: config.LabProfile}}
		}
		var names []candidate
		for _, p := range profiles {
			note := strings.TrimSpace(p.Mode + " " + p.RegionID)
			if p.Name == config.LabProfile {
				note = "the lab on this machine"
			}
			names = append(names, candidate{Value: p.Name, Note: note})
		}
		return withPrefix(names, begun)
	}
}

func (cm *completer) runWords() wordFunc {
	return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		dir, err := runsDir()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		runs, _ := dir.List()
		var ids []candidate
		for i, run := range runs {
			switch {
			case i == 0:
				ids = append(ids, candidate{Value: "last", Note: run.Script})
			case strings.HasPrefix(begun, "last"):
				ids = append(ids, candidate{Value: fmt.Sprintf("last~%d", i), Note: run.Script})
			}
			ids = append(ids, candidate{Value: run.RunId, Note: run.Script})
		}
		found, directive := withPrefix(ids, begun)
		return found, directive | cobra.ShellCompDirectiveKeepOrder
	}
}

// invocationWords completes ids of invocations. As the first argument it offers runs as well.
func (cm *completer) invocationWords() wordFunc {
	invocations, runs := cm.ofKind(kindInvocations), cm.runWords()
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		found, directive := invocations(cmd, args, begun)
		if len(args) > 0 {
			return found, directive
		}
		named, directive := runs(cmd, args, begun)
		return append(named, found...), directive
	}
}

// codeWords completes error codes.
func (cm *completer) codeWords() wordFunc {
	return func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		cm.flags = cmd.Flags()
		_ = cm.load(nil) // a broken settings file may still have the language
		var codes []candidate
		for _, entry := range catalogue.All(cm.language()) {
			if !strings.HasSuffix(entry.Code, ".X") {
				codes = append(codes, candidate{Value: entry.Code, Note: entry.Meaning})
			}
		}
		return withPrefix(codes, begun)
	}
}
