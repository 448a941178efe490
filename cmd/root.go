package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/config"
	"muster/pkg/lab"
	"muster/pkg/render"
)

// defaultLabSize is the number of instances of --lab without a number.
const defaultLabSize = "5"

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "muster",
		Short: "Run scripts on fleets of Alibaba Cloud ECS instances",
		Long: `muster runs scripts on fleets of Alibaba Cloud ECS instances through Cloud Assistant, waits until every one of
them has come to an end, and says how.

Without an account, --lab=N does the same on N instances that live on this machine and really run the script.`,
		Example: `  muster run --lab=5 -- 'echo hello from $(hostname)'
  muster run -t env=prod -f deploy.sh
  muster run -i i-bp185dy2o3o6neg -o json -- uptime | jq '.Instances[].Output'`,
		Version:            newVersionDocument().String(),
		SilenceErrors:      true,
		SilenceUsage:       true,
		DisableSuggestions: true, // see unknownCommand
		CompletionOptions:  cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPreRunE:  func(cmd *cobra.Command, _ []string) error { return a.prepare(cmd) },
	}
	addGlobalFlags(root.PersistentFlags(), a)
	root.AddCommand(
		newRunCommand(a), newInvokeCommand(a), newWatchCommand(a), newInvocationsCommand(a), newResultsCommand(a),
		newStopCommand(a), newSendCommand(a), newCommandsCommand(a), newInstancesCommand(a), newScheduleCommand(a), newExplainCommand(a), newRunsCommand(a), newLabCommand(a), newConfigCommand(a), newCompletionCommand(a),
		newSchemaCommand(a), newVersionCommand(a), newDoctorCommand(a), newHelpCommand(), newFetchCommand(a),
	)
	root.SetVersionTemplate("{{.Version}}\n")
	addDocumentFlags(root, a)
	root.SetFlagErrorFunc(meantFlag)
	// Help opens with what the command is for and with examples; how it is put together comes behind.
	const examples = "{{if .HasExample}}\n\nExamples:\n{{.Example}}{{end}}"
	usage := strings.Replace(root.UsageTemplate(), examples, "", 1)
	root.SetUsageTemplate("{{if .HasExample}}Examples:\n{{.Example}}\n\n{{end}}" + usage + "{{if .Runnable}}\nExit Status:\n" + exitHelp() + "\n{{end}}")
	return root
}

// addGlobalFlags adds a flag for each setting; what they mean beside the environment and the files is config's to say.
func addGlobalFlags(flags *pflag.FlagSet, a *app) {
	shorthands := map[string]string{"profile": "p", "output": "o", "quiet": "q", "verbose": "v"}
	for _, key := range config.Keys() {
		usage := key.Usage
		if key.Name == "output" {
			usage += fmt.Sprintf(": %s", joinOr(render.Formats()))
		}
		if key.Default == "false" {
			flags.BoolP(key.Name, shorthands[key.Name], false, usage)
		} else {
			flags.StringP(key.Name, shorthands[key.Name], key.Default, usage)
		}
	}
	flags.StringVar(&a.jq, "jq", "", "print what a jq `expression` makes of the JSON; a text as it is, anything else a line of JSON")
	flags.StringArrayVar(&a.jqArgs, "arg", nil, "with --jq, a variable: `NAME=VALUE` is the string $NAME")
	flags.StringArrayVar(&a.jqJSONArgs, "argjson", nil, "with --jq, a variable: `NAME=JSON` is the value $NAME")
	flags.StringVar(&a.template, "template", "", "print what a `template` of Go makes of the JSON, such as '{{range .Instances}}{{.InstanceId}}{{\"\\n\"}}{{end}}'")
	flags.Var((*labFlag)(&a.labSize), "lab", "use a throwaway lab of `N` instances on this machine instead of the cloud")
	flags.Lookup("lab").NoOptDefVal = defaultLabSize
	flags.StringArrayVar(&a.faultTexts, "fault", nil, "with a lab, something that goes wrong, as `FAULT`: RunCommand=Throttling*3, RunCommand=drop@20%, task=hang and more, see docs/lab.md")
	flags.Uint64Var(&a.faultSeed, "fault-seed", 0, "the `number` by which faults with a share choose, and simulated instances; without it any for the faults, which is told")
	flags.StringVar(&a.simulationText, "simulate", "", "with a lab, instances that run nothing and only seem to, for a `TIME` such as 2s, or as in a fleet file: '{duration: 2s, exit: {0: 97%, 1: 3%}}'")
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

// labFlag is the size of a throwaway lab.
type labFlag int

const maxLabSize = lab.MaxInstances

func (f *labFlag) String() string {
	if *f == 0 {
		return ""
	}
	return strconv.Itoa(int(*f))
}

func (f *labFlag) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLabSize {
		return fmt.Errorf("want a number of instances from 1 to %d", maxLabSize)
	}
	*f = labFlag(n)
	return nil
}

func (f *labFlag) Type() string { return "N" }
