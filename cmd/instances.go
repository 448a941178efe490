package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

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
}

func newInstancesCommand(a *app) *cobra.Command {
	o := new(instancesOptions)
	cmd := &cobra.Command{
		Use:   "instances [flags]",
		Short: "List instances, with the state of their agents",
		Long:  `List the instances of the region, all pages of them, with the state and version of the Cloud Assistant agent on each.`,
		Example: `  muster instances
  muster instances -t env=prod --status Running
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
	return a.use(ctx, func(s *session) error { return listInstances(ctx, a, s, request) })
}

func listInstances(ctx context.Context, a *app, s *session, request assist.DescribeInstancesRequest) error {
	request.RegionId, request.MaxResults = s.region, assist.MaxDescribedInstances
	var list []assist.Instance
	var ids []string
	for instance, err := range s.client.AllInstances(ctx, request) {
		if err != nil {
			return fmt.Errorf("list instances: %w", err)
		}
		list, ids = append(list, instance), append(ids, instance.InstanceId)
	}
	agents, err := a.resolver(s).Agents(ctx, ids)
	if err != nil {
		return fmt.Errorf("ask for the agents' status: %w", err)
	}
	return a.print(render.NewInstances(list, agents))
}
