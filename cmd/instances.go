package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/render"
	"muster/pkg/target"
)

// instancesOptions are the flags of `muster instances`.
type instancesOptions struct {
	selectorFlags
	scopeFlags
	limit int
}

func newInstancesCommand(a *app) *cobra.Command {
	o := new(instancesOptions)
	cmd := &cobra.Command{
		Annotations: map[string]string{namesInstances: "yes"},
		Use:         "instances [flags]",
		Short:       "List instances and the state of their agents",
		Long: `List instances with the state and version of their Cloud Assistant agents: all of the region, or those
that the flags choose. The flags are those of muster run and choose the same instances: check a selection before you run
something. An instance in -i or -I that does not exist is an error, after the list of the others; any other part that matches
nothing is only reported on stderr.

-o wide adds public addresses, host name, type, system, the agent's last heartbeat, and the creation time. -o nodeset prints the
names as one folded line, for --instance, clush and pdsh.`,
		Example: `  muster instances
  muster instances -t env=prod -t 'role!=db' --status Running
  muster instances -i 'web-[001-040]' --exclude web-007
  muster instances -i @canaries -o nodeset
  muster instances --all-regions --where '.Memory >= 16384 and .OSType == "linux"'
  muster instances --managed -t site=factory -o wide
  muster instances -o json | jq -r '.Instances[] | select(.CloudAssistantStatus != "true") | .InstanceId'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runInstances(cmd.Context(), a, o, func(list []*target.Record) render.Document { return render.NewInstances(list) })
		},
	}
	o.addSelection(cmd.Flags())
	return cmd
}

// addSelection adds the flags.
func (o *instancesOptions) addSelection(flags *pflag.FlagSet) {
	o.addTerms(flags)
	o.addConditions(flags)
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		o.selectorFlags.add(flags, "name", "", "`NAME`: choose instances with this name, which may be a glob; unlike --instance it narrows")
	})
	o.scopeFlags.add(flags, "list")
	addLimit(flags, &o.limit)
	addPager(flags)
}

// runInstances lists instances as the document that show returns.
func runInstances(ctx context.Context, a *app, o *instancesOptions, show func([]*target.Record) render.Document) error {
	selector, err := o.selector(ctx, a.finder, false)
	if err != nil {
		return err
	}
	if err := o.applyTo(a.finder, &selector); err != nil {
		return err
	}
	all, err := a.connectSites(ctx, o.allRegions)
	if err != nil {
		return err
	}
	return a.useSites(ctx, all, func(all sites) error { return listInstances(ctx, a.finder, all, selector, o, show) })
}

func listInstances(ctx context.Context, fd *finder, all sites, selector target.Selector, o *instancesOptions, show func([]*target.Record) render.Document) error {
	resolver := fd.resolver(all)
	resolver.Records, resolver.Agents = true, true
	found, err := resolver.Resolve(ctx, selector)
	if err != nil {
		return err
	}
	fd.noteCached()
	missing := found.Missing()
	if o.allowUnmatched {
		missing = nil
	}
	if missing != nil { // the error reports everything but the warnings
		missing = found.Err()
		found.Unmatched = slices.DeleteFunc(found.Unmatched, func(u target.Unmatched) bool { return !u.Warn })
	}
	if missing == nil || len(found.Unmatched) > 0 {
		fd.noteUnmatched(found)
	}
	fd.noteSeed(&selector)
	list, sayMore := limited(fd.printer, found.Instances, o.limit, "instances")
	defer sayMore()
	records := make([]*target.Record, len(list))
	for i := range list {
		records[i] = list[i].Record
	}
	if err := fd.print(show(records)); err != nil {
		return err
	}
	return missing
}
