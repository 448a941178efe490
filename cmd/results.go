package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/render"
)

func newResultsCommand(a *app) *cobra.Command {
	request := new(assist.DescribeInvocationResultsRequest)
	var tags []string
	shown := new(outputFlags)
	cmd := &cobra.Command{
		Annotations: map[string]string{namesInstances: "yes"},
		Use:         "results [flags] [INVOKE_ID]",
		Short:       "Print what instances gave back, outputs included",
		Long: `Print the results that the service keeps: of an invocation, of an instance, or of a command, all pages of them. It does
not wait; muster watch does.`,
		Example: `  muster results t-7d2a745b412b4601b2d47f6a768d
  muster results t-7d2a745b412b4601b2d47f6a768d -i i-bp185dy2o3o6neg -o json | jq -r '.InvocationResults[0].Output'
  muster results t-7d2a745b412b4601b2d47f6a768d --history
  muster results -i i-bp185dy2o3o6neg`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("want one invocation at most, not %d", len(args))
			}
			if len(args) == 1 {
				return invokeIDs(cmd, args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			r := *request
			var err error
			if r.Tag, err = taskTags(tags); err != nil {
				return err
			}
			if len(args) == 1 {
				r.InvokeId = args[0]
			}
			if err := shown.prepare(a); err != nil {
				return err
			}
			return runResults(cmd.Context(), a, r)
		},
	}
	flags := cmd.Flags()
	shown.addGrouping(flags)
	flags.StringVarP(&request.InstanceId, "instance", "i", "", "those of this instance, by its `id`")
	flags.StringVar(&request.CommandId, "command-id", "", "those of a command, by its `id`")
	flags.BoolVar(&request.IncludeHistory, "history", false, "every run of a periodic invocation, not just the latest")
	flags.StringVar(&request.ResourceGroupId, "resource-group-id", "", "those of a resource `group`")
	flags.StringArrayVar(&tags, "task-tag", nil, "those with a label `key=value`")
	flags.StringVar(&request.InvokeRecordStatus, "status", "", "those in this `state`: Running, Finished, Success, Failed, Stopped, …")
	alias(flags, map[string]string{"instance-id": "instance", "invoke-record-status": "status", "include-history": "history"})
	return cmd
}

func runResults(ctx context.Context, a *app, request assist.DescribeInvocationResultsRequest) error {
	if request.InvokeId == "" && request.InstanceId == "" && request.CommandId == "" {
		return usagef("results of what? give an invocation's id, -i INSTANCE or --command-id")
	}
	if request.IncludeHistory && request.InvokeId == "" {
		return usagef("--history wants the id of a periodic invocation")
	}
	if request.InvokeRecordStatus != "" && assist.ParseStatus(request.InvokeRecordStatus) == "" {
		return usagef("--status %q is no state", request.InvokeRecordStatus)
	}
	if err := request.Validate(); err != nil {
		return err
	}
	return a.use(ctx, func(s *session) error {
		request.RegionId, request.ContentEncoding = s.region, assist.Base64
		request.MaxResults = int64(a.config.PageSize)
		var list []assist.InvocationResult
		for result, err := range s.client.AllInvocationResults(ctx, request) {
			if err != nil {
				return fmt.Errorf("list results: %w", err)
			}
			list = append(list, result)
		}
		var ids []string
		for i := range list {
			ids = append(ids, list[i].InstanceId)
		}
		return a.print(render.NewResults(list, fleet.LookUpNames(ctx, s.client, s.region, ids, a.config.Concurrency)))
	})
}
