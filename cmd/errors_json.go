package cmd

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/term"
)

// asksForJSON reports whether the command line, the environment or the settings files ask for JSON. The command line may have
// mistakes: unknown commands or flags, invalid values, or too many arguments.
func asksForJSON(streams *term.Streams, getenv func(string) string, root *cobra.Command, args []string) bool {
	probe := &printer{settings: &settings{getenv: getenv}, streams: streams}
	probe.flags = readableFlags(root, args)
	_ = probe.load(nil) // the settings are loaded even if a flag is invalid
	return probe.wantsJSON()
}

// readableFlags returns the flags that can be recognized in a command line. Their values are unchecked texts.
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
			word = "-" // no flag has such a name, and pflag would stop here
		}
		words[i] = word
	}
	_ = flags.Parse(words) // the only possible error is a missing value at the end
	return flags
}

// anyText is a flag value that accepts any text.
type anyText string

func (t *anyText) String() string { return string(*t) }

func (t *anyText) Set(text string) error {
	*t = anyText(text)
	return nil
}

func (t *anyText) Type() string { return "string" }
