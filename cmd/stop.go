package cmd

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"muster/pkg/assist"
	"muster/pkg/render"
)

func newStopCommand(a *app) *cobra.Command {
	var instances []string
	cmd := &cobra.Command{
		Use:   "stop [flags] INVOKE_ID...",
		Short: "Stop invocations, on all of their instances or on some",
		Long: `Stop invocations: what waits is cancelled, and what runs is ended by the instance. The service answers before that has
happened; muster watch waits for it.`,
		Example: `  muster stop t-7d2a745b412b4601b2d47f6a768d
  muster stop t-7d2a745b412b4601b2d47f6a768d -i i-bp185dy2o3o6neg && muster watch t-7d2a745b412b4601b2d47f6a768d`,
		Args: invokeIDs,
		RunE: func(cmd *cobra.Command, args []string) error { return runStop(cmd.Context(), a, args, instances) },
	}
	cmd.Flags().StringSliceVarP(&instances, "instance", "i", nil, "only on this instance, by its `id`; repeat it, or separate ids by commas")
	return cmd
}

func runStop(ctx context.Context, a *app, invokeIDs, instances []string) error {
	ids, err := readInstanceIDs(instances)
	if err != nil {
		return err
	}
	return a.use(ctx, func(s *session) error {
		for _, invokeID := range invokeIDs {
			if err := stopOne(ctx, s, invokeID, ids); err != nil {
				return fmt.Errorf("stop %s: %w", invokeID, err)
			}
		}
		return a.print(&stopDocument{Stopped: invokeIDs})
	})
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

// Records are the invocations' ids.
func (d *stopDocument) Records() iter.Seq2[any, error] {
	var all []any
	for _, id := range d.Stopped {
		all = append(all, struct{ InvokeId string }{id})
	}
	return render.Records(all)
}

// WriteTable writes a line an invocation.
func (d *stopDocument) WriteTable(w io.Writer, _ render.Style) error {
	for _, id := range d.Stopped {
		if _, err := fmt.Fprintln(w, "stopping", id); err != nil {
			return err
		}
	}
	return nil
}
