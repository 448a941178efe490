package cmd

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/target"
)

func newResultsCommand(a *app) *cobra.Command {
	request := new(assist.DescribeInvocationResultsRequest)
	var tags []string
	shown := new(outputFlags)
	targets := new(selectorFlags)
	cmd := &cobra.Command{
		Annotations: map[string]string{namesInstances: "yes"},
		Use:         "results [flags] [INVOKE_ID|RUN]",
		Short:       "Print results of instances, with their outputs",
		Long: `Print the results that the service keeps: of an invocation, of instances or of a command. It does not
wait: use muster watch for that. A run started on this machine stands for all of its invocations, in its regions and profiles.`,
		Example: `  muster results t-7d2a745b412b4601b2d47f6a768d
  muster results t-7d2a745b412b4601b2d47f6a768d -i web-001 -o json | jq -r '.InvocationResults[0].Output'
  muster results t-7d2a745b412b4601b2d47f6a768d --history
  muster results last
  muster results -i i-bp185dy2o3o6neg`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("want one invocation at most, not %d", len(args))
			}
			if len(args) == 1 {
				return invocationNames(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			r := *request
			var err error
			if r.Tag, err = taskTags(tags); err != nil {
				return err
			}
			if err := shown.prepare(a.printer, a.runs); err != nil {
				return err
			}
			return runResults(cmd.Context(), a, args, r, targets)
		},
	}
	flags := cmd.Flags()
	shown.addGrouping(flags)
	targets.addTerms(flags)
	flags.StringVar(&request.CommandId, "command-id", "", "`ID`: print those of this command")
	flags.BoolVar(&request.IncludeHistory, "history", false, "print every run of a periodic invocation, not just the latest")
	flags.StringVar(&request.ResourceGroupId, "resource-group-id", "", "`ID`: print those in this resource group")
	addValues(flags, &tags, "task-tag", "", "`KEY=VALUE`: print those with this label")
	flags.StringVar(&request.InvokeRecordStatus, "status", "", "`STATE`: print those in this state: Running, Finished, Success, Failed, Stopped, …")
	return cmd
}

func runResults(ctx context.Context, a *app, args []string, request assist.DescribeInvocationResultsRequest, targets *selectorFlags) error {
	selector, err := targets.selector(ctx, a.finder, false)
	if err != nil {
		return err
	}
	if len(args) == 0 && targets.none() && request.CommandId == "" {
		return usagef("no selection: give an invocation's id, a run, -i INSTANCE or --command-id")
	}
	if request.IncludeHistory && len(args) == 0 {
		return usagef("--history needs the id of a periodic invocation")
	}
	if request.InvokeRecordStatus != "" && assist.ParseStatus(request.InvokeRecordStatus) == "" {
		return usagef("invalid --status %q", request.InvokeRecordStatus)
	}
	if len(args) > 0 && isInvocation(args[0]) {
		request.InvokeId = args[0]
	}
	if err := request.Validate(); err != nil {
		return err
	}
	request.ContentEncoding = assist.Base64
	request.MaxResults = int64(a.config.PageSize)
	if len(args) > 0 {
		return a.useNamed(ctx, args, func(n *namedInvocations) error { return resultsOfNamed(ctx, a, n, request, selector, targets) })
	}
	return a.use(ctx, func(s *session) error {
		request.RegionId = s.region
		list, err := chosenResults(ctx, a.finder, s, request, selector, targets.none())
		if err == nil && len(list) == 0 && onlyOfCommand(&request, targets) {
			_, err = findCommand(ctx, s, request.CommandId)
		}
		if err == nil && len(list) == 0 {
			err = a.missingError(ctx, sites{s}, selector, targets.allowUnmatched)
		}
		if err != nil {
			return err
		}
		return a.print(render.NewResults(list, namesIn(ctx, a.connector, s, list)))
	})
}

// onlyOfCommand reports whether the results are selected by command only. If there are none, the command must exist.
func onlyOfCommand(r *assist.DescribeInvocationResultsRequest, targets *selectorFlags) bool {
	return r.CommandId != "" && targets.none() && r.InvokeRecordStatus == "" && len(r.Tag) == 0 && r.ResourceGroupId == ""
}

// namesIn looks up the names of the instances in results.
func namesIn(ctx context.Context, cn *connector, s *session, list []assist.InvocationResult) map[string]string {
	var ids []string
	for i := range list {
		ids = append(ids, list[i].InstanceId)
	}
	return fleet.LookUpNames(ctx, s.client, s.region, ids, cn.config.MaxCalls())
}

// resultsOfNamed prints the results of invocations, site by site. An invocation without results must exist.
func resultsOfNamed(ctx context.Context, a *app, n *namedInvocations, request assist.DescribeInvocationResultsRequest, selector target.Selector, targets *selectorFlags) error {
	everyone := targets.none()
	ids, only := selector.IDs()
	one := only && len(ids) == 1 && n.run == nil // the API can select it
	if one {
		request.InstanceId, everyone = ids[0], true
	}
	lists := make([][]assist.InvocationResult, len(n.at))
	given := []target.Instance{}
	for i, here := range n.at {
		var err error
		lists[i], err = inParallel(ctx, a.config.MaxCalls(), here.ids, func(ctx context.Context, invokeID string) ([]assist.InvocationResult, error) {
			request := request
			request.RegionId, request.InvokeId = here.region, invokeID
			list, err := listResults(ctx, here.session, request)
			if len(list) == 0 && err == nil {
				_, err = a.findInvocation(ctx, here.session, invokeID)
			}
			return list, err
		})
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for k := range lists[i] {
			if id := lists[i][k].InstanceId; !seen[id] {
				seen[id] = true
				given = append(given, target.Instance{InstanceId: id, Place: i})
			}
		}
	}
	if !everyone {
		found, err := a.resolver(n.sites()).Among(ctx, selector, given)
		if err != nil {
			return err
		}
		if len(found.Instances) == 0 {
			if err := a.missingError(ctx, n.sites(), selector, targets.allowUnmatched); err != nil {
				return err
			}
		}
		a.noteUnmatched(found)
		filterResults(n, lists, found)
	}
	if one && len(given) == 0 {
		if err := a.missingError(ctx, n.sites(), selector, targets.allowUnmatched); err != nil {
			return err
		}
		a.note("there are no results of %s", ids[0])
	}
	names := map[string]string{}
	for i, here := range n.at {
		maps.Copy(names, namesIn(ctx, a.connector, here.session, lists[i]))
	}
	return a.print(render.NewResults(slices.Concat(lists...), names))
}

// filterResults drops the results of instances that were not found.
func filterResults(n *namedInvocations, lists [][]assist.InvocationResult, found *target.Found) {
	chosen := n.placesOf(found)
	for i, here := range n.at {
		lists[i] = slices.DeleteFunc(lists[i], func(r assist.InvocationResult) bool { return !chosen[targetKey{here.site, r.InstanceId}] })
	}
}

// chosenResults lists results of all instances, or of the selected ones.
func chosenResults(ctx context.Context, fd *finder, s *session, request assist.DescribeInvocationResultsRequest, selector target.Selector, everyone bool) ([]assist.InvocationResult, error) {
	ids, only := selector.IDs()
	switch {
	case everyone:
		return listResults(ctx, s, request)
	case only && len(ids) == 1:
		request.InstanceId = ids[0]
		list, err := listResults(ctx, s, request)
		if len(list) == 0 && err == nil {
			fd.note("there are no results of %s", ids[0])
		}
		return list, err
	case request.CommandId == "":
		return resultsOfEach(ctx, fd, s, request, selector)
	}
	list, err := listResults(ctx, s, request)
	if err != nil {
		return nil, err
	}
	var instances []string
	for i := range list {
		instances = append(instances, list[i].InstanceId)
	}
	found, err := fd.among(ctx, s, instances, selector)
	if err != nil {
		return nil, err
	}
	fd.noteUnmatched(found)
	chosen := found.IDs()
	return slices.DeleteFunc(list, func(r assist.InvocationResult) bool { return !slices.Contains(chosen, r.InstanceId) }), nil
}

func listResults(ctx context.Context, s *session, request assist.DescribeInvocationResultsRequest) ([]assist.InvocationResult, error) {
	return collect(s.client.AllInvocationResults(ctx, request), "results")
}

// resultsOfEach lists the results of several instances. The API takes one instance per call.
func resultsOfEach(ctx context.Context, fd *finder, s *session, request assist.DescribeInvocationResultsRequest, selector target.Selector) ([]assist.InvocationResult, error) {
	ids, err := fd.instanceIDs(ctx, s, selector)
	if err != nil {
		return nil, err
	}
	return inParallel(ctx, fd.config.MaxCalls(), ids, func(ctx context.Context, id string) ([]assist.InvocationResult, error) {
		request := request
		request.InstanceId = id
		return listResults(ctx, s, request)
	})
}
