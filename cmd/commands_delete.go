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
		Long:    `Delete a saved command. The service refuses to delete a command that is running.`,
		Example: `  muster commands delete restart-nginx`,
		Args:    oneCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.use(cmd.Context(), func(s *session) error {
				saved, err := findCommand(cmd.Context(), s, args[0])
				if err != nil {
					return err
				}
				request := &assist.DeleteCommandRequest{RegionId: s.region, CommandId: saved.CommandId}
				if _, err := s.client.DeleteCommand(cmd.Context(), request); err != nil {
					return err
				}
				return a.print(&doneDocument{Done: doneDeleted, CommandId: saved.CommandId})
			})
		},
	}
}
