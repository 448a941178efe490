package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/render"
)

func newCommandsShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "show COMMAND",
		Aliases: []string{"get"},
		Short:   "Print a saved command with its script",
		Long: `Print a saved command with its script and its parameters. COMMAND is the id of a saved command, or its
name if no other saved command has it.`,
		Example: `  muster commands show restart-nginx
  muster commands show c-7d2a745b412b4601b2d47f6a768d -o json | jq -r .Commands[0].CommandContent`,
		Args: oneCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			return useSaved(cmd.Context(), a.connector, args[0], func(_ *session, saved *assist.Command) error {
				return a.print(&render.Command{Commands: render.NewCommands([]assist.Command{*saved}).Commands})
			})
		},
	}
}

// useSaved finds a saved command, and calls do with it and its session.
func useSaved(ctx context.Context, cn *connector, command string, do func(*session, *assist.Command) error) error {
	return cn.use(ctx, func(s *session) error {
		saved, err := findCommand(ctx, s, command)
		if err != nil {
			return err
		}
		return do(s, saved)
	})
}
