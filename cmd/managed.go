package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"muster/pkg/render"
	"muster/pkg/target"
)

func newManagedCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "managed",
		Short: "List and manage managed instances, which are hosts outside ECS",
		Long: `List, show, rename and remove managed instances: hosts outside ECS, in a rack, another cloud or anywhere else,
on which the agent is registered with an activation code. muster activation creates such codes.

Commands run on them as on ECS instances: choose them by id (mi-...), or with --managed.`,
		Example: `  muster managed list
  muster managed rename mi-hz018jrc1o0fqjk3r5c factory-001
  muster managed remove factory-001`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newManagedListCommand(a), newManagedShowCommand(a), newManagedRenameCommand(a), newManagedRemoveCommand(a))
	return cmd
}

func newManagedListCommand(a *app) *cobra.Command {
	o := &instancesOptions{}
	cmd := &cobra.Command{
		Annotations: map[string]string{namesInstances: "yes"},
		Use:         "list",
		Aliases:     []string{"ls"},
		Short:       "List managed instances, with their agents and registrations",
		Long: `List managed instances: all of the region, or those that the flags choose. The flags are those of muster run
--managed and choose the same instances. Managed instances have no status, zone or type: they can run commands while their agents
are connected.

-o wide adds public addresses, systems, versions of agents, how often commands have run, machine ids and activations.`,
		Example: `  muster managed list
  muster managed list -t site=factory -o wide
  muster managed list --where '.CloudAssistantStatus != "true"' -o name`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runInstances(cmd.Context(), a, o, func(list []*target.Record) render.Document { return render.NewManagedInstances(list) })
		},
	}
	o.addSelection(cmd.Flags())
	o.managed = true
	cmd.Flags().Lookup("managed").Hidden = true // it changes nothing
	return cmd
}

func newManagedShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Annotations: map[string]string{namesInstances: "yes"},
		Use:         "show INSTANCE",
		Aliases:     []string{"get"},
		Short:       "Print a managed instance with all its fields",
		Long:        `Print a managed instance. INSTANCE is its id, or its name if no other managed instance has it.`,
		Example: `  muster managed show factory-001
  muster managed show mi-hz018jrc1o0fqjk3r5c -o json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.use(cmd.Context(), func(s *session) error {
				record, err := findManaged(cmd.Context(), a.finder, s, args[0])
				if err != nil {
					return err
				}
				return a.print(&render.ManagedInstance{Instances: []*target.Record{record}})
			})
		},
	}
}

// findManaged finds one managed instance by its id or name.
func findManaged(ctx context.Context, fd *finder, s *session, word string) (*target.Record, error) {
	found, err := findAllManaged(ctx, fd, s, []string{word})
	if err != nil {
		return nil, err
	}
	if len(found) > 1 {
		return nil, usagef("%s is the name of %d managed instances: give the id of one of them", word, len(found))
	}
	return found[0], nil
}

// findAllManaged finds managed instances by ids, names, globs and sets of names. Each must match.
func findAllManaged(ctx context.Context, fd *finder, s *session, words []string) ([]*target.Record, error) {
	selector := target.Selector{Managed: true}
	for _, word := range words {
		if err := selector.Add("instance", target.Words{Text: word, From: "managed"}); err != nil {
			return nil, err
		}
	}
	resolver := fd.resolver(sites{s})
	resolver.Records = true
	found, err := resolver.Resolve(ctx, selector)
	if err == nil {
		err = found.Err()
	}
	if err != nil {
		return nil, err
	}
	records := make([]*target.Record, len(found.Instances))
	for i := range found.Instances {
		records[i] = found.Instances[i].Record
	}
	return records, nil
}
