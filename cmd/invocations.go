package cmd

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/render"
	"muster/pkg/target"
)

// invocationsOptions are the filters of `muster invocations`.
type invocationsOptions struct {
	request assist.DescribeInvocationsRequest
	timed   string
	tags    []string
	targets selectorFlags
	limit   int
	page    int
}

func newInvocationsCommand(a *app) *cobra.Command {
	o := new(invocationsOptions)
	cmd := &cobra.Command{
		Use:   "invocations [flags]",
		Short: "List invocations, newest first",
		Long: `List the invocations that the service keeps, newest first. The filters are those of the API, and all of
them must match. With -i, list the invocations that were sent to any of the instances.`,
		Example: `  muster invocations --limit 20
  muster invocations --status Running
  muster invocations -i 'web-[001-004]' -o json | jq -r '.Invocations[].InvokeId'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runInvocations(cmd.Context(), a, o) },
	}
	flags := cmd.Flags()
	r := &o.request
	flags.StringVar(&r.InvokeId, "invoke-id", "", "`ID`: list this invocation")
	flags.StringVar(&r.CommandId, "command-id", "", "`ID`: list those of this command")
	flags.StringVar(&r.CommandName, "command-name", "", "`NAME`: list those of commands with this name")
	flags.StringVar(&r.CommandType, "command-type", "", "`TYPE`: list those of this type: RunShellScript, RunBatScript or RunPowerShellScript")
	flags.StringVar(&r.Type, "type", "", "`TYPE`: the oldest name of --command-type")
	o.targets.addTerms(flags)
	flags.StringVar(&r.InvokeStatus, "status", "", "`STATE`: list those in this state: Running, Success, Failed, PartialFailed, Stopped, …")
	flags.StringVar(&r.RepeatMode, "repeat-mode", "", "`MODE`: list those of this mode: Once, Period, NextRebootOnly or EveryReboot")
	flags.StringVar(&r.ResourceGroupId, "resource-group-id", "", "`ID`: list those in this resource group")
	flags.StringVar(&o.timed, "timed", "", "`true|false`: list periodic invocations, or the others")
	addValues(flags, &o.tags, "task-tag", "", "`KEY=VALUE`: list those with this label")
	addLimit(flags, &o.limit)
	addPager(flags)
	flags.Var(numberAtLeast(1, &o.page), "page", "list only this page of --page-size invocations, counted from 1")
	return cmd
}

func runInvocations(ctx context.Context, a *app, o *invocationsOptions) error {
	request := o.request
	if o.timed != "" {
		timed, err := strconv.ParseBool(o.timed)
		if err != nil {
			return usagef("--timed %q: want true or false", o.timed)
		}
		request.Timed = &timed
	}
	if o.page > 0 && o.limit > 0 {
		return usagef("--page and --limit exclude each other")
	}
	if o.request.InvokeStatus != "" && assist.ParseStatus(o.request.InvokeStatus) == "" {
		return usagef("invalid --status %q: want Pending, Scheduled, Running, Stopping, Success, Finished, Failed, PartialFailed or Stopped", o.request.InvokeStatus)
	}
	tags, err := taskTags(o.tags)
	if err != nil {
		return err
	}
	request.Tag, request.ContentEncoding = tags, assist.PlainText
	if err := request.Validate(); err != nil {
		return err
	}
	selector, err := o.targets.selector(ctx, a.finder, false)
	if err != nil {
		return err
	}
	return a.use(ctx, func(s *session) error {
		request.RegionId = s.region
		if o.targets.none() {
			return o.print(ctx, a, s, request, selector)
		}
		ids, err := a.instanceIDs(ctx, s, selector)
		if err != nil {
			return err
		}
		if o.page > 0 && len(ids) != 1 {
			return usagef("--page is for one instance, not for %d", len(ids))
		}
		if len(ids) == 1 {
			request.InstanceId = ids[0]
			return o.print(ctx, a, s, request, selector)
		}
		list, err := o.ofEach(ctx, a, s, request, ids)
		if err != nil {
			return err
		}
		return o.printList(a.printer, list)
	})
}

// printList prints a list, at most --limit of it.
func (o *invocationsOptions) printList(p *printer, list []assist.Invocation) error {
	printed, sayMore := limited(p, list, o.limit, "invocations")
	defer sayMore()
	return p.print(render.NewInvocations(printed))
}

// print prints the invocations of a request: a page, some, or all.
func (o *invocationsOptions) print(ctx context.Context, a *app, s *session, request assist.DescribeInvocationsRequest, selector target.Selector) error {
	if o.page > 0 {
		request.PageNumber, request.PageSize = int64(o.page), int64(a.config.PageSize)
		page, err := s.client.DescribeInvocations(ctx, &request)
		if err != nil {
			return fmt.Errorf("list invocations: %w", err)
		}
		return a.print(render.NewInvocationsPage(page))
	}
	list, err := o.list(ctx, a, s, request)
	if err != nil {
		return err
	}
	if len(list) == 0 && request.InvokeId != "" {
		if _, err := a.findInvocation(ctx, s, request.InvokeId); err != nil {
			return err
		}
	}
	if len(list) == 0 && request.InstanceId != "" {
		if err := a.missingError(ctx, sites{s}, selector, o.targets.allowUnmatched); err != nil {
			return err
		}
		a.note("no invocation was sent to %s", request.InstanceId)
	}
	return o.printList(a.printer, list)
}

// list returns invocations, newest first: at most --limit and one more, which shows that there are more.
func (o *invocationsOptions) list(ctx context.Context, a *app, s *session, request assist.DescribeInvocationsRequest) ([]assist.Invocation, error) {
	request.MaxResults = int64(a.config.PageSize)
	if o.limit > 0 {
		request.MaxResults = int64(min(o.limit+1, a.config.PageSize))
	}
	var list []assist.Invocation
	for invocation, err := range s.client.AllInvocations(ctx, request) {
		if err != nil {
			return nil, fmt.Errorf("list invocations: %w", err)
		}
		list = append(list, invocation)
		if o.limit > 0 && len(list) > o.limit {
			break
		}
	}
	return list, nil
}

// ofEach returns the invocations that were sent to any of several instances, each once. The API takes one instance per call.
func (o *invocationsOptions) ofEach(ctx context.Context, a *app, s *session, request assist.DescribeInvocationsRequest, ids []string) ([]assist.Invocation, error) {
	all, err := inParallel(ctx, a.config.MaxCalls(), ids, func(ctx context.Context, id string) ([]assist.Invocation, error) {
		request := request
		request.InstanceId = id
		return o.list(ctx, a, s, request)
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b assist.Invocation) int {
		return cmp.Or(strings.Compare(b.CreationTime, a.CreationTime), strings.Compare(a.InvokeId, b.InvokeId))
	})
	return slices.CompactFunc(all, func(a, b assist.Invocation) bool { return a.InvokeId == b.InvokeId }), nil
}
