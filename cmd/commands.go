package cmd

import (
	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/render"
)

func newCommandsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "commands",
		Short: "List and manage saved commands",
		Long:  `List and manage the saved commands of the region, and list public ones.`,
		Example: `  muster commands list
  muster commands create restart-nginx -f restart.sh
  muster commands show restart-nginx
  muster commands list --provider AlibabaCloud`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCommandsListCommand(a), newCommandsShowCommand(a), newCommandsCreateCommand(a), newCommandsEditCommand(a), newCommandsDeleteCommand(a))
	return cmd
}

func newCommandsListCommand(a *app) *cobra.Command {
	request := new(assist.DescribeCommandsRequest)
	var tags []string
	var latest bool
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List saved commands, or public ones with --provider",
		Example: `  muster commands list
  muster commands list --name 'restart*' -o json | jq -r '.Commands[].CommandId'
  muster commands list --provider AlibabaCloud --latest`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r := *request
			if cmd.Flags().Changed("latest") {
				r.Latest = &latest
			}
			var err error
			if r.Tag, err = taskTags(tags); err != nil {
				return err
			}
			if err := r.Validate(); err != nil {
				return err
			}
			return a.use(cmd.Context(), func(s *session) error {
				list, err := listCommands(cmd.Context(), s, r)
				if err != nil {
					return err
				}
				return a.print(render.NewCommands(list))
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&request.CommandId, "command-id", "", "`ID`: list this command")
	flags.StringVar(&request.Name, "name", "", "`NAME`: list those with this name; * at either end matches anything")
	flags.StringVar(&request.Description, "description", "", "`TEXT`: list those with this description; * at either end matches anything")
	flags.StringVar(&request.Type, "type", "", "`TYPE`: list those of this type: RunShellScript, RunBatScript or RunPowerShellScript")
	flags.StringVar(&request.Provider, "provider", "", "`PROVIDER`: list public commands of this provider; AlibabaCloud for all")
	flags.BoolVar(&latest, "latest", false, "list the latest version of each public command only")
	flags.StringVar(&request.ResourceGroupId, "resource-group-id", "", "`ID`: list those in this resource group")
	addValues(flags, &tags, "task-tag", "", "`KEY=VALUE`: list those with this label")
	return cmd
}
