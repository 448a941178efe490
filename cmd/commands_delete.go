package cmd

import (
	"github.com/spf13/cobra"

	"muster/pkg/assist"
)

func newCommandsDeleteCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "delete COMMAND",
		Aliases: []string{"rm", "remove"},
		Short:   "Delete a saved command",
		Long: `Delete a saved command. The service refuses to delete a command that is running.

COMMAND is the id of a saved command, or its name if no other saved command has it.`,
		Example: `  muster commands delete restart-nginx
  muster commands delete c-7d2a745b412b4601b2d47f6a768d`,
		Args: oneCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			return useSaved(cmd.Context(), a.connector, args[0], func(s *session, saved *assist.Command) error {
				request := &assist.DeleteCommandRequest{RegionId: s.region, CommandId: saved.CommandId}
				if _, err := s.client.DeleteCommand(cmd.Context(), request); err != nil {
					return err
				}
				return a.print(&doneDocument{Done: doneDeleted, CommandId: saved.CommandId})
			})
		},
	}
}
