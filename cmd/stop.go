package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
	"muster/pkg/render"
	"muster/pkg/target"
)

func newStopCommand(a *app) *cobra.Command {
	o := new(selectorFlags)
	cmd := &cobra.Command{
		Use:   "stop [flags] INVOKE_ID...|RUN",
		Short: "Stop invocations, on all of their instances or some",
		Long: `Stop invocations: what is pending is cancelled, and what is running is terminated by the instance. The
service answers before that has happened: use muster watch to wait for it.

Without flags that choose instances, the invocations are stopped on all of them. A run started on this machine stands for all of
its invocations, in its regions and profiles.`,
		Example: `  muster stop t-7d2a745b412b4601b2d47f6a768d
  muster stop last
  muster stop t-7d2a745b412b4601b2d47f6a768d -i 'web-[001-010]' && muster watch t-7d2a745b412b4601b2d47f6a768d`,
		Args: invocationNames,
		RunE: func(cmd *cobra.Command, args []string) error { return runStop(cmd.Context(), a, args, o) },
	}
	o.addTerms(cmd.Flags())
	o.addConditions(cmd.Flags())
	return cmd
}

func runStop(ctx context.Context, a *app, args []string, o *selectorFlags) error {
	selector, err := o.selector(ctx, a.finder, false)
	if err != nil {
		return err
	}
	stop := func(n *namedInvocations) error { return stopNamed(ctx, a.lookup, n, selector, o) }
	if isInvocation(args[0]) {
		return a.useInvocations(ctx, args, stop)
	}
	record, err := a.runs.readHead(args[0])
	if err != nil {
		return err
	}
	if o.none() {
		if err := askProcessToStop(a.printer, record); err != nil {
			return err
		}
		if record.Running && (record.Throwaway || len(record.State.Invocations) == 0) { // only that process can stop it, or there is nothing to stop
			return a.print(&stopDocument{RunId: record.RunId, Stopped: []string{}})
		}
	}
	return a.useRun(ctx, record, stop)
}

// stopNamed stops the named invocations, or a part of them.
func stopNamed(ctx context.Context, lk *lookup, n *namedInvocations, selector target.Selector, o *selectorFlags) error {
	document := &stopDocument{Stopped: []string{}}
	if n.run != nil {
		document.RunId = n.run.RunId
	}
	var parts []stopPart
	var err error
	switch {
	case !o.none():
		parts, err = n.chosenParts(ctx, lk, selector, o.allowUnmatched)
	case n.run != nil:
		parts, err = n.openParts(ctx, lk)
	default:
		parts = n.allParts()
	}
	if err != nil {
		return err
	}
	if document.Stopped, err = stopParts(ctx, lk, parts); err != nil && len(document.Stopped) == 0 {
		return err
	}
	return errors.Join(err, lk.print(document))
}

// stopPart is an invocation to stop, on all or some of its instances.
type stopPart struct {
	*session
	invokeID  string
	instances []string // nil: all
}

func (n *namedInvocations) allParts() []stopPart {
	var parts []stopPart
	for _, here := range n.at {
		for _, id := range here.ids {
			parts = append(parts, stopPart{here.session, id, nil})
		}
	}
	return parts
}

// openParts returns the invocations of a run that have not finished.
func (n *namedInvocations) openParts(ctx context.Context, lk *lookup) ([]stopPart, error) {
	var parts []stopPart
	all := 0
	for _, here := range n.at {
		all += len(here.ids)
		open, err := inParallel(ctx, lk.config.MaxCalls(), here.ids, func(ctx context.Context, id string) ([]stopPart, error) {
			invocation, err := lk.findInvocation(ctx, here.session, id)
			if err != nil || invocation.Status().Terminal() {
				return nil, err
			}
			return []stopPart{{here.session, id, nil}}, nil
		})
		if err != nil {
			return nil, err
		}
		parts = append(parts, open...)
	}
	if ended := all - len(parts); ended > 0 && !lk.config.Quiet {
		lk.note("%d of the %d invocations of run %s had already finished", ended, all, n.run.RunId)
	}
	return parts, nil
}

// chosenParts returns the invocations with instances that the selector matches. All are matched before the first is stopped.
func (n *namedInvocations) chosenParts(ctx context.Context, lk *lookup, selector target.Selector, allowUnmatched bool) ([]stopPart, error) {
	lists, err := n.chosen(ctx, lk, selector, allowUnmatched)
	if err != nil {
		return nil, err
	}
	var parts []stopPart
	for i, here := range n.at {
		for k, invokeID := range here.ids {
			switch {
			case len(lists[i][k]) > 0:
				parts = append(parts, stopPart{here.session, invokeID, lists[i][k]})
			case n.run == nil:
				lk.note("none of the chosen instances is in %s", invokeID)
			}
		}
	}
	return parts, nil
}

// stopParts stops the parts, some at a time, and returns the stopped invocations. It continues after errors.
func stopParts(ctx context.Context, lk *lookup, parts []stopPart) ([]string, error) {
	errs := make([]error, len(parts))
	var group errgroup.Group
	group.SetLimit(lk.config.MaxCalls())
	for i, part := range parts {
		group.Go(func() error {
			errs[i] = stopOne(ctx, lk, part)
			return nil
		})
	}
	_ = group.Wait()
	stopped := []string{}
	for i, part := range parts {
		if errs[i] == nil {
			stopped = append(stopped, part.invokeID)
		}
	}
	return stopped, errors.Join(errs...)
}

// stopOne stops one part. If the invocation does not exist, the error is the same as for other commands.
func stopOne(ctx context.Context, lk *lookup, part stopPart) error {
	err := part.stop(ctx)
	if refused, ok := errors.AsType[*assist.Error](err); ok && strings.HasPrefix(refused.Code, "InvalidInvokeId") {
		return lk.unknownInvocation(ctx, part.session, part.invokeID)
	}
	if err != nil {
		return fmt.Errorf("stop %s: %w", part.invokeID, err)
	}
	return nil
}

// stop stops the instances in as many calls as needed. Without instances it stops all of them in one call.
func (p stopPart) stop(ctx context.Context) error {
	chunks := slices.Collect(slices.Chunk(p.instances, assist.MaxStopped))
	if len(chunks) == 0 {
		chunks = [][]string{nil}
	}
	for _, chunk := range chunks {
		request := &assist.StopInvocationRequest{RegionId: p.region, InvokeId: p.invokeID, InstanceId: chunk}
		if _, err := p.client.StopInvocation(ctx, request); err != nil {
			return err
		}
	}
	return nil
}

// stopDocument reports what is being stopped.
type stopDocument struct {
	RunId   string `json:",omitempty"` // of the named run
	Stopped []string
}

// stopRecord is an invocation that is being stopped.
type stopRecord struct{ InvokeId string }

// Records returns the ids of the invocations.
func (d *stopDocument) Records() iter.Seq2[any, error] {
	var all []stopRecord
	for _, id := range d.Stopped {
		all = append(all, stopRecord{id})
	}
	return render.Records(all)
}

// Record returns an empty record.
func (d *stopDocument) Record() any { return stopRecord{} }

// WriteTable writes a line for each invocation.
func (d *stopDocument) WriteTable(w io.Writer, _ render.Style) error {
	return writeEach(w, "stopping", d.Stopped)
}
