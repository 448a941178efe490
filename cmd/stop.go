package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/render"
	"muster/pkg/target"
	"muster/pkg/term"
)

func newStopCommand(a *app) *cobra.Command {
	o := new(selectorFlags)
	cmd := &cobra.Command{
		Use:   "stop [flags] INVOKE_ID...",
		Short: "Stop invocations, on all of their instances or on some",
		Long: `Stop invocations: what is pending is cancelled, and what is running is terminated by the instance. The service answers before
that has happened; muster watch waits for it.

Without flags that choose instances, the invocations are stopped everywhere. With them, on those of their own instances that
the flags choose.`,
		Example: `  muster stop t-7d2a745b412b4601b2d47f6a768d
  muster stop t-7d2a745b412b4601b2d47f6a768d -i 'web-[001-010]' && muster watch t-7d2a745b412b4601b2d47f6a768d`,
		Args: invokeIDs,
		RunE: func(cmd *cobra.Command, args []string) error { return runStop(cmd.Context(), a, args, o) },
	}
	o.addTerms(cmd.Flags())
	o.addConditions(cmd.Flags())
	alias(cmd.Flags(), map[string]string{"instance-id": "instance"})
	return cmd
}

func runStop(ctx context.Context, a *app, invokeIDs []string, o *selectorFlags) error {
	selector, err := o.selector(ctx, a, false)
	if err != nil {
		return err
	}
	return a.use(ctx, func(s *session) error {
		if o.none() {
			for _, invokeID := range invokeIDs {
				if err := stopOne(ctx, s, invokeID, nil); err != nil {
					return fmt.Errorf("stop %s: %w", invokeID, err)
				}
			}
			return a.print(&stopDocument{Stopped: invokeIDs})
		}
		stopped, err := stopSome(ctx, a, s, invokeIDs, selector, o.allowUnmatched)
		return errors.Join(err, a.print(&stopDocument{Stopped: append([]string{}, stopped...)}))
	})
}

// stopSome stops invocations on those of their instances that are chosen, and returns the invocations that have any. The choice is
// made before the first is stopped.
func stopSome(ctx context.Context, a *app, s *session, invokeIDs []string, selector target.Selector, allowUnmatched bool) (stopped []string, err error) {
	instances := make([][]string, len(invokeIDs))
	for i, invokeID := range invokeIDs {
		if instances[i], err = instancesOf(ctx, s, invokeID); err != nil {
			return nil, err
		}
	}
	found, err := a.among(ctx, s, slices.Concat(instances...), selector)
	if err != nil {
		return nil, err
	}
	if err := a.settleUnmatched(found, allowUnmatched); err != nil {
		return nil, err
	}
	chosen := found.IDs()
	for i, invokeID := range invokeIDs {
		here := slices.DeleteFunc(instances[i], func(id string) bool { return !slices.Contains(chosen, id) })
		if len(here) == 0 {
			a.note("none of the chosen instances is in %s", invokeID)
			continue
		}
		if err := stopOne(ctx, s, invokeID, here); err != nil {
			return stopped, fmt.Errorf("stop %s: %w", invokeID, err)
		}
		stopped = append(stopped, invokeID)
	}
	return stopped, nil
}

// instancesOf returns the ids of the instances that an invocation went to.
func instancesOf(ctx context.Context, s *session, invokeID string) ([]string, error) {
	request := assist.DescribeInvocationsRequest{RegionId: s.region, InvokeId: invokeID}
	var ids []string
	for invocation, err := range s.client.AllInvocations(ctx, request) {
		if err != nil {
			return nil, fmt.Errorf("look up %s: %w", invokeID, err)
		}
		for _, instance := range invocation.InvokeInstances.InvokeInstance {
			ids = append(ids, instance.InstanceId)
		}
	}
	if len(ids) == 0 {
		return nil, usagef("there is no invocation %s in %s", invokeID, s.region)
	}
	return ids, nil
}

// among chooses from instances whose ids are known.
func (a *app) among(ctx context.Context, s *session, ids []string, selector target.Selector) (*target.Found, error) {
	given := []target.Instance{}
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			given = append(given, target.Instance{InstanceId: id})
		}
	}
	return a.resolver(sites{s}).Among(ctx, selector, given)
}

// stopOne cuts the instances into calls, and makes one call for all of them when none is named.
func stopOne(ctx context.Context, s *session, invokeID string, ids []string) error {
	chunks := slices.Collect(slices.Chunk(ids, assist.MaxStopped))
	if len(chunks) == 0 {
		chunks = [][]string{nil}
	}
	for _, chunk := range chunks {
		request := &assist.StopInvocationRequest{RegionId: s.region, InvokeId: invokeID, InstanceId: chunk}
		if _, err := s.client.StopInvocation(ctx, request); err != nil {
			return err
		}
	}
	return nil
}

// stopDocument is what was asked to stop.
type stopDocument struct{ Stopped []string }

// stopRecord is one invocation of them.
type stopRecord struct{ InvokeId string }

// Records are the invocations' ids.
func (d *stopDocument) Records() iter.Seq2[any, error] {
	var all []stopRecord
	for _, id := range d.Stopped {
		all = append(all, stopRecord{id})
	}
	return render.Records(all)
}

// Record returns an invocation without values.
func (d *stopDocument) Record() any { return stopRecord{} }

// WriteTable writes a line an invocation.
func (d *stopDocument) WriteTable(w io.Writer, _ render.Style) error {
	for _, id := range d.Stopped {
		if _, err := fmt.Fprintln(w, "stopping", term.Sanitize(id)); err != nil {
			return err
		}
	}
	return nil
}
