package cmd

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/config"
	"muster/pkg/render"
)

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "muster",
		Short: "Run scripts on fleets of Alibaba Cloud ECS instances",
		Long: `muster runs scripts on fleets of Alibaba Cloud ECS instances through Cloud Assistant, waits until every instance has
finished, and reports how each one did.

You don't need an account to try it: --lab=N runs the script on N local instances.`,
		Example: `  muster run --lab=5 -- 'echo hello from $(hostname)'
  muster run -t env=prod -f deploy.sh
  muster run -i i-bp185dy2o3o6neg -o json -- uptime | jq '.Instances[].Output'`,
		SilenceErrors:      true,
		SilenceUsage:       true,
		DisableSuggestions: true, // see unknownCommand
		CompletionOptions:  cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPreRunE:  func(cmd *cobra.Command, _ []string) error { return a.prepare(cmd) },
	}
	addGlobalFlags(root.PersistentFlags(), a)
	addCommands(root, a)
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().VarPF(versionFlag{root}, "version", "V", "print the version").NoOptDefVal = "true"
	addDocumentFlags(root, a)
	root.SetFlagErrorFunc(meantFlag)
	useHelpPages(root, a.streams.Width)
	useParameterNames(root)
	takeListVerbs(root)
	return root
}

// addCommands adds the commands below the root, by the groups of its help.
func addCommands(root *cobra.Command, a *app) {
	for _, group := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"run", "Run commands and send files", []*cobra.Command{newRunCommand(a), newInvokeCommand(a), newSendCommand(a)}},
		{"look", "Look at instances and results", []*cobra.Command{
			newInstancesCommand(a), newWatchCommand(a), newResultsCommand(a), newInvocationsCommand(a), newExplainCommand(a), newScheduleCommand(a),
		}},
		{"manage", "Manage runs and saved commands", []*cobra.Command{newRunsCommand(a), newStopCommand(a), newCommandsCommand(a)}},
		{"lab", "Try it without an account", []*cobra.Command{newLabCommand(a)}},
		{"setup", "Set up", []*cobra.Command{
			newConfigCommand(a), newDoctorCommand(a), newCompletionCommand(a), newSchemaCommand(a), newVersionCommand(a), newHelpCommand(a),
		}},
	} {
		root.AddGroup(&cobra.Group{ID: group.id, Title: group.title})
		for _, cmd := range group.commands {
			cmd.GroupID = group.id
			root.AddCommand(cmd)
		}
	}
	root.AddCommand(newFetchCommand(a))
}

// addGlobalFlags adds a flag for each setting, which config describes, and the flags of all commands that are no settings.
func addGlobalFlags(flags *pflag.FlagSet, a *app) {
	shorthands := map[string]string{"profile": "p", "output": "o", "quiet": "q", "verbose": "v"}
	shown := []string{"output", "lang", "no-color", "quiet", "verbose"}
	for _, key := range config.Keys() {
		group := groupCalls
		switch {
		case slices.Contains([]string{"profile", "region", "endpoint"}, key.Name):
			group = groupService
		case slices.Contains(shown, key.Name):
			group = groupOutput
		}
		group.add(flags, func(flags *pflag.FlagSet) { addSetting(flags, key, shorthands[key.Name]) })
	}
	groupOutput.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&a.jq, "jq", "", "`EXPRESSION`: print the result of this jq expression over the JSON: strings as text, other values as a line of JSON each")
		addValues(flags, &a.jqArgs, "arg", "", "`NAME=VALUE`: with --jq, set the variable $NAME to this string")
		addValues(flags, &a.jqJSONArgs, "argjson", "", "`NAME=JSON`: with --jq, set the variable $NAME to this JSON value")
		flags.StringVar(&a.template, "template", "", "`TEMPLATE`: print the result of this Go template over the JSON, such as '{{range .Instances}}{{.InstanceId}}{{\"\\n\"}}{{end}}'")
	})
	groupService.add(flags, func(flags *pflag.FlagSet) {
		flags.Var((*labFlag)(&a.labSize), "lab", "use a throwaway lab of this many instances on this machine instead of the cloud; 5 without a number")
		flags.Lookup("lab").NoOptDefVal = defaultLabSize
	})
	groupLab.add(flags, func(flags *pflag.FlagSet) {
		addValues(flags, &a.faultTexts, "fault", "", "`FAULT`: inject a fault, such as RunCommand=Throttling*3, RunCommand=drop@20% or task=hang; see docs/lab.md")
		flags.Var((*seedFlag)(&a.faultSeed), "fault-seed", "seed for random faults and simulated instances (default: random, and printed)")
		flags.StringVar(&a.simulationText, "simulate", "", "`DURATION`: simulate instances that take this long instead of running scripts, such as 2s, or as in a fleet file: '{duration: 2s, exit: {0: 97%, 1: 3%}}'")
	})
}

// addSetting adds the flag of a setting.
func addSetting(flags *pflag.FlagSet, key config.Key, shorthand string) {
	if key.Placeholder == "" {
		flags.BoolP(key.Name, shorthand, false, key.Usage)
		return
	}
	usage := key.Usage
	if key.Name == "output" {
		usage += ": " + joinOr(render.Formats())
	}
	flags.StringP(key.Name, shorthand, key.Default, "`"+key.Placeholder+"`: "+usage)
}

func joinOr(names []string) string {
	text := ""
	for i, name := range names {
		switch {
		case i > 0 && i == len(names)-1:
			text += " or "
		case i > 0:
			text += ", "
		}
		text += name
	}
	return text
}
