package cmd

import (
	_ "embed" // for bashCompletion
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// bashCompletion replaces cobra's script. That one needs the bash-completion package, evaluates what was typed, redirections
// included, and cannot complete after a comma.
//
//go:embed completion.bash
var bashCompletion string

// completionWriters returns the functions that write the completion scripts, by shell.
func completionWriters(root *cobra.Command) map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"bash": func(w io.Writer) error {
			_, err := io.WriteString(w, bashCompletion)
			return err
		},
		"zsh":        withReplacements(root.GenZshCompletion, zshChanges()),
		"fish":       withReplacements(func(w io.Writer) error { return root.GenFishCompletion(w, true) }, fishChanges()),
		"powershell": root.GenPowerShellCompletionWithDesc,
	}
}

// withReplacements returns a function that writes what write does, with replacements: pairs of the old text and the new.
func withReplacements(write func(io.Writer) error, changes [][2]string) func(io.Writer) error {
	return func(w io.Writer) error {
		var b strings.Builder
		if err := write(&b); err != nil {
			return err
		}
		script := b.String()
		for _, change := range changes {
			if n := strings.Count(script, change[0]); n != 1 {
				return fmt.Errorf("the completion script has %d times, and not once: %s", n, change[0])
			}
			script = strings.Replace(script, change[0], change[1], 1)
		}
		_, err := io.WriteString(w, script)
		return err
	}
}

// greedyFlag fixes how cobra's scripts split --flag=value: they take --tag=key= of --tag=key=value for the flag.
var greedyFlag = [2]string{`'-.*='`, `'^-[^=]*='`}

// zshChanges make cobra's script for zsh pass on the words as typed, instead of evaluating them.
func zshChanges() [][2]string {
	return [][2]string{
		greedyFlag,
		{`words=("${=words[1,CURRENT]}")`, `words=("${(@Q)words[1,CURRENT]}")
    words[-1]=${(Q)PREFIX} # without an open quote`},
		{`    requestComp="${words[1]} __complete ${words[2,-1]}"
    if [ "${lastChar}" = "" ]; then
        # If the last parameter is complete (there is a space following it)
        # We add an extra empty parameter so we can indicate this to the go completion code.
        __muster_debug "Adding extra empty parameter"
        requestComp="${requestComp} \"\""
    fi

    __muster_debug "About to call: eval ${requestComp}"

    # Use eval to handle any environment variables and such
    out=$(eval ${requestComp} 2>/dev/null)
`, `    requestComp=${words[1]/#\~\//$HOME/}
    whence -p -- "${requestComp}" >/dev/null || requestComp=muster
    out=$("${requestComp}" __complete "${(@)words[2,-1]}" 2>/dev/null)
`},
	}
}

// fishChanges do the same for fish.
func fishChanges() [][2]string {
	return [][2]string{
		greedyFlag,
		{`    # Extract the last arg and escape it in case it is a space
    set -l lastArg (string escape -- (commandline -ct))
`, `    # The last word is empty after a space. Within an open quote it is kept unchanged.
    set -l lastArg (commandline -ct)
    set -l unquoted (string unescape -- "$lastArg"); and set lastArg "$unquoted"
`},
		{`    # Disable ActiveHelp which is not supported for fish shell
    set -l requestComp "MUSTER_ACTIVE_HELP=0 $args[1] __complete $args[2..-1] $lastArg"

    __muster_debug "Calling $requestComp"
    set -l results (eval $requestComp 2> /dev/null)
`, `    set -l program (string replace -r -- '^~/' "$HOME/" $args[1])
    set -l results ($program __complete $args[2..-1] "$lastArg" 2> /dev/null)
`},
	}
}

func newCompletionCommand(a *app) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the completion script of a shell",
		Long:  `Print the completion script of bash, zsh, fish or powershell.`,
		Example: `  source <(muster completion bash)
  muster completion zsh > "${fpath[1]}/_muster"
  muster completion fish > ~/.config/fish/completions/muster.fish
  muster completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("want one shell: %s", joinOr(shells))
			}
			if _, ok := completionWriters(cmd.Root())[args[0]]; !ok {
				return fmt.Errorf("there are no completions for %q: want %s", args[0], joinOr(shells))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return completionWriters(cmd.Root())[args[0]](a.streams.Out)
		},
	}
}
