package cmd

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/term"
)

// asksForJSON reports whether a command line asks for JSON by its words, the environment or the settings files. The command
// line may be wrong: an unknown command or flag, a value that cannot be used or too many arguments do not hide the answer.
func asksForJSON(streams *term.Streams, getenv func(string) string, root *cobra.Command, args []string) bool {
	probe := &printer{settings: &settings{getenv: getenv}, streams: streams}
	probe.flags = readableFlags(root, args)
	_ = probe.load(nil) // it loads the settings whatever is wrong with the flags
	return probe.wantsJSON()
}

// readableFlags returns the flags that can be made out in a command line. Their values are texts that nothing has checked.
func readableFlags(root *cobra.Command, args []string) *pflag.FlagSet {
	cmd, _, err := root.Find(args)
	if err != nil {
		cmd = root
	}
	cmd.InitDefaultHelpFlag()
	flags := pflag.NewFlagSet(cmd.Name(), pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.SetOutput(io.Discard)
	for _, known := range []*pflag.FlagSet{cmd.LocalFlags(), cmd.InheritedFlags()} {
		known.VisitAll(func(f *pflag.Flag) {
			flags.AddFlag(&pflag.Flag{Name: f.Name, Shorthand: f.Shorthand, NoOptDefVal: f.NoOptDefVal, Annotations: f.Annotations, Value: new(anyText)})
		})
	}
	words := make([]string, len(args))
	for i, word := range args {
		if strings.HasPrefix(word, "---") || strings.HasPrefix(word, "--=") {
			word = "-" // no flag has such a name, and pflag goes no further there
		}
		words[i] = word
	}
	_ = flags.Parse(words) // the only error left is a value that is missing at the end
	return flags
}

// anyText is a flag's value that may be anything.
type anyText string

func (t *anyText) String() string { return string(*t) }

func (t *anyText) Set(text string) error {
	*t = anyText(text)
	return nil
}

func (t *anyText) Type() string { return "string" }
