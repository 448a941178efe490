package cmd

import (
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
)

func newCommandsEditCommand(a *app) *cobra.Command {
	var f savedFlags
	var sameName bool
	cmd := &cobra.Command{
		Use:     "edit [flags] COMMAND",
		Aliases: []string{"update", "modify"},
		Short:   "Change a saved command, but not its script",
		Long: `Change the name, description, directory, timeout or launcher of a saved command. The service cannot change
its script: delete the command and create it again.`,
		Example: `  muster commands edit restart-nginx --timeout 5m
  muster commands edit restart-nginx --name restart-web`,
		Args: oneCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			request := &assist.ModifyCommandRequest{
				Name: f.name, Description: f.description, WorkingDir: f.workingDir, Timeout: int64(f.timeout / time.Second), Launcher: f.launcher,
			}
			if *request == (assist.ModifyCommandRequest{}) {
				return usagef("nothing to change: give --name, --description, --working-dir, --timeout or --launcher")
			}
			return useSaved(cmd.Context(), a.connector, args[0], func(s *session, saved *assist.Command) error {
				request.RegionId, request.CommandId = s.region, saved.CommandId
				if err := request.Validate(); err != nil {
					return err
				}
				if f.name != "" && !sameName {
					if err := refuseSameName(cmd.Context(), s, f.name, saved.CommandId); err != nil {
						return err
					}
				}
				if _, err := s.client.ModifyCommand(cmd.Context(), request); err != nil {
					return err
				}
				return a.print(&doneDocument{Done: doneChanged, CommandId: saved.CommandId})
			})
		},
	}
	f.add(cmd)
	cmd.Flags().BoolVar(&sameName, "allow-same-name", false, "rename it even if another saved command has the name")
	cmd.Flags().StringVar(&f.name, "name", "", "`NAME`: give it this name, of at most 128 characters")
	return cmd
}
