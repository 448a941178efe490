package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
	"muster/pkg/render"
	"muster/pkg/target"
)

// instancesOptions are the filters of `muster instances`.
type instancesOptions struct {
	ids    []string
	tags   []string
	name   string
	status string
	zone   string

	allRegions bool
}

func newInstancesCommand(a *app) *cobra.Command {
	o := new(instancesOptions)
	cmd := &cobra.Command{
		Annotations: map[string]string{namesInstances: "yes"},
		Use:         "instances [flags]",
		Short:       "List instances, with the state of their agents",
		Long: `List the instances of the region, or of several, all pages of them, with the state and version of the Cloud Assistant agent on each.
-o wide adds public addresses, host name, type, system, when the agent was last heard of, and when the instance was made.`,
		Example: `  muster instances
  muster instances -t env=prod --status Running
  muster instances --all-regions --name 'web-*'
  muster instances --status Running -o wide
  muster instances -o json | jq -r '.Instances[] | select(.CloudAssistantStatus != "true") | .InstanceId'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runInstances(cmd.Context(), a, o) },
	}
	flags := cmd.Flags()
	flags.StringSliceVarP(&o.ids, "instance", "i", nil, "this instance, by its `id`; repeat it, or separate ids by commas")
	flags.StringArrayVarP(&o.tags, "tag", "t", nil, "those with a tag `key=value`, or key for any value; several must all match")
	flags.StringVar(&o.name, "name", "", "those with this `name`, * for anything")
	flags.StringVar(&o.status, "status", "", "those in this `state`: Pending, Running, Starting, Stopping or Stopped")
	flags.StringVar(&o.zone, "zone", "", "those in this `zone`")
	flags.BoolVar(&o.allRegions, "all-regions", false, "those of every region that the service has")
	return cmd
}

func (o *instancesOptions) request() (assist.DescribeInstancesRequest, error) {
	r := assist.DescribeInstancesRequest{InstanceName: o.name, Status: o.status, ZoneId: o.zone}
	ids, err := readInstanceIDs(o.ids)
	if err != nil {
		return r, err
	}
	r.InstanceIds = ids
	if len(r.InstanceIds) > assist.MaxDescribedInstances {
		return r, usagef("at most %d instances can be listed by their ids, not %d", assist.MaxDescribedInstances, len(r.InstanceIds))
	}
	for _, text := range o.tags {
		tag, err := target.ParseTag(text)
		if err != nil {
			return r, fmt.Errorf("--tag: %w", err)
		}
		r.Tag = append(r.Tag, tag)
	}
	return r, nil
}

func runInstances(ctx context.Context, a *app, o *instancesOptions) error {
	request, err := o.request()
	if err != nil {
		return err
	}
	all, err := a.connectSites(ctx, o.allRegions)
	if err != nil {
		return err
	}
	return a.useSites(all, func(all sites) error { return listInstances(ctx, a, all, request) })
}

func listInstances(ctx context.Context, a *app, all sites, request assist.DescribeInstancesRequest) error {
	lists := make([]render.InstanceList, len(all))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(a.config.Concurrency)
	for i, s := range all {
		group.Go(func() (err error) {
			lists[i], err = a.instancesOf(groupCtx, s, request)
			return all.at(s, err)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return a.print(render.NewInstances(lists...))
}

func (a *app) instancesOf(ctx context.Context, s *session, request assist.DescribeInstancesRequest) (render.InstanceList, error) {
	request.RegionId, request.MaxResults = s.region, assist.MaxDescribedInstances
	list := render.InstanceList{Profile: s.site.Profile}
	var ids []string
	for instance, err := range s.client.AllInstances(ctx, request) {
		if err != nil {
			return list, fmt.Errorf("list instances: %w", err)
		}
		list.Instances, ids = append(list.Instances, instance), append(ids, instance.InstanceId)
	}
	var err error
	if list.Agents, err = a.resolver(s).Agents(ctx, ids); err != nil {
		return list, fmt.Errorf("ask for the agents' status: %w", err)
	}
	return list, nil
}
