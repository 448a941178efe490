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
		Long: `muster runs scripts on fleets of Alibaba Cloud ECS instances through Cloud Assistant, waits until every
instance has finished, and reports how each one did.

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
	addGlobalFlags(root.PersistentFlags(), a.printer)
	addCommands(root, a)
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().VarPF(versionFlag{root}, "version", "V", "print the version").NoOptDefVal = "true"
	a.document.add(root)
	root.SetFlagErrorFunc(explainFlagError)
	useHelpPages(root, a.streams.Width)
	useParameterNames(root)
	acceptListVerbs(root)
	return root
}

// addCommands adds the commands, by the groups of the help page.
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
		{"hosts", "Manage hosts outside ECS", []*cobra.Command{newManagedCommand(a), newActivationCommand(a)}},
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

// addGlobalFlags adds a flag for each setting, and the global flags that are not settings.
func addGlobalFlags(flags *pflag.FlagSet, p *printer) {
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
	p.query.add(flags)
	p.lab.add(flags)
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
