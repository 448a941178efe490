package cmd

import (
	_ "embed" // for bashCompletion
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// bashCompletion stands in place of cobra's script, which fails without the bash-completion package, evaluates what has been
// typed, redirections included, and knows no second word behind a comma.
//
//go:embed completion.bash
var bashCompletion string

// completionWriters write a shell's completion script.
func completionWriters(root *cobra.Command) map[string]func(io.Writer) error {
	return map[string]func(io.Writer) error{
		"bash": func(w io.Writer) error {
			_, err := io.WriteString(w, bashCompletion)
			return err
		},
		"zsh":        root.GenZshCompletion,
		"fish":       func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"powershell": root.GenPowerShellCompletionWithDesc,
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
