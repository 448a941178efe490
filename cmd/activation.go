package cmd

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/render"
)

func newActivationCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "activation",
		Aliases: []string{"activations"},
		Short:   "Create and manage activation codes, which register hosts outside ECS",
		Long: `Create, list, disable and delete activation codes. With such a code, the agent on a host outside ECS registers
the host as a managed instance; muster managed lists them.`,
		Example: `  muster activation create --name factory --count 20
  muster activation list
  muster activation disable 4ECEEE12-56F1-4FBC-9AB1-890F74942176`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newActivationListCommand(a), newActivationCreateCommand(a), newActivationDisableCommand(a), newActivationDeleteCommand(a))
	return cmd
}

func newActivationListCommand(a *app) *cobra.Command {
	request := new(assist.DescribeActivationsRequest)
	var tags []string
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List activation codes and how often they were used",
		Long: `List activation codes, without the codes themselves, which are shown only when they are created. USED is how many hosts
were registered with a code, of those that it is for; REGISTERED is how many of them still are.`,
		Example: `  muster activation list
  muster activation list --name factory -o json | jq -r '.Activations[].ActivationId'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r := *request
			for _, text := range tags {
				key, value, valued := strings.Cut(text, "=")
				filter := assist.TagFilter{Key: key}
				if valued {
					filter.Value = &value
				}
				r.Tag = append(r.Tag, filter)
			}
			return a.use(cmd.Context(), func(s *session) error {
				r.RegionId, r.MaxResults = s.region, int64(s.pageSize)
				if err := r.Validate(); err != nil {
					return err
				}
				all, err := collect(s.client.AllActivations(cmd.Context(), r), "activations")
				if err != nil {
					return err
				}
				list, sayMore := limited(a.printer, all, limit, "activations")
				defer sayMore()
				return a.print(render.NewActivations(list, time.Now()))
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&request.ActivationId, "activation-id", "", "`ID`: list this activation")
	flags.StringVar(&request.InstanceName, "name", "", "`NAME`: list those whose instances have names with this prefix")
	flags.StringVar(&request.ResourceGroupId, "resource-group-id", "", "`ID`: list those in this resource group")
	addValues(flags, &tags, "tag", "t", "`TAG`: list those with this tag: KEY=VALUE or KEY; several must all match")
	addLimit(flags, &limit)
	addPager(flags)
	return cmd
}

func newActivationDisableCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "disable ID...",
		Short: "Disable activation codes, so that no more hosts can be registered with them",
		Long: `Disable activation codes: no more hosts can be registered with them. Instances that are registered already stay. A
disabled code cannot be enabled again.`,
		Example: `  muster activation disable 4ECEEE12-56F1-4FBC-9AB1-890F74942176`,
		Args:    activationIDs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.use(cmd.Context(), func(s *session) error {
				return changeActivations(a, doneDisabled, args, func(id string) error {
					_, err := s.client.DisableActivation(cmd.Context(), &assist.DisableActivationRequest{RegionId: s.region, ActivationId: id})
					return err
				})
			})
		},
	}
}

func newActivationDeleteCommand(a *app) *cobra.Command {
	var yes yesFlag
	cmd := &cobra.Command{
		Use:     "delete [flags] ID...",
		Aliases: []string{"rm", "remove"},
		Short:   "Delete activation codes that no instance is registered with",
		Long: `Delete activation codes. The service refuses to delete a code with which instances are registered: disable it instead, or
remove the instances first with muster managed remove.

This cannot be undone, so it asks first; --yes answers yes.`,
		Example: `  muster activation delete 4ECEEE12-56F1-4FBC-9AB1-890F74942176`,
		Args:    activationIDs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := yes.confirm(cmd.Context(), a.reader, "delete "+plural(len(args), "activation")+"?"); err != nil {
				return err
			}
			return a.use(cmd.Context(), func(s *session) error {
				return changeActivations(a, doneDeleted, args, func(id string) error {
					_, err := s.client.DeleteActivation(cmd.Context(), &assist.DeleteActivationRequest{RegionId: s.region, ActivationId: id})
					return err
				})
			})
		},
	}
	yes.add(cmd.Flags())
	return cmd
}

// activationIDs accepts one or more ids of activations.
func activationIDs(_ *cobra.Command, args []string) error {
	if strings.Join(args, "") == "" {
		return fmt.Errorf("want the id of an activation: muster activation list prints them")
	}
	return nil
}
