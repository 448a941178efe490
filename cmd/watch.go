package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/target"
)

func newWatchCommand(a *app) *cobra.Command {
	patience := new(waitFlags)
	rollout := new(rolloutFlags)
	targets := new(selectorFlags)
	cmd := &cobra.Command{
		Annotations: map[string]string{reportsRuns: "yes"},
		Use:         "watch [flags] INVOKE_ID...|RUN",
		Short:       "Wait for invocations, no matter who started them",
		Long: `Wait until every instance of one or more invocations has finished, no matter who started them, and report
like muster run. With flags that choose instances, wait for those of the invocations' instances only. A run started on this
machine stands for all of the invocations that it has sent, in its regions and profiles.

With --follow, print what scripts write. Agents report nothing of a schedule's script before it has ended.`,
		Example: `  muster watch t-7d2a745b412b4601b2d47f6a768d
  muster watch --follow t-7d2a745b412b4601b2d47f6a768d
  muster watch t-7d2a745b412b4601b2d47f6a768d -i web-001
  muster watch --wait-timeout 10m t-hz01 t-hz02
  muster watch last`,
		Args: invocationNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			rules, err := rollout.read(a.runner)
			if err != nil {
				return err
			}
			selector, err := targets.selector(cmd.Context(), a.finder, false)
			if err != nil {
				return err
			}
			ctx, cancel := patience.context(cmd.Context())
			defer cancel()
			return a.useNamed(ctx, args, func(n *namedInvocations) error { return watch(ctx, a, n, rules, selector, targets) })
		},
	}
	targets.addTerms(cmd.Flags())
	targets.addConditions(cmd.Flags())
	patience.add(cmd.Flags())
	rollout.addInterrupt(cmd.Flags())
	rollout.files.addAll(cmd.Flags())
	return cmd
}

// watch waits for the named invocations.
func watch(ctx context.Context, a *app, n *namedInvocations, rules rollout, selector target.Selector, targets *selectorFlags) error {
	if n.run != nil {
		if err := checkAllSent(a.printer, n.run); err != nil {
			return err
		}
	}
	watched := make([]fleet.Watched, 0, len(n.at))
	for _, here := range n.at {
		watched = append(watched, fleet.Watched{Site: here.site, InvokeIds: here.ids, Sent: a.runs.submittedHere(here.site)})
	}
	if !targets.none() {
		lists, err := n.chosen(ctx, a.lookup, selector, targets.allowUnmatched)
		if err != nil {
			return err
		}
		for i := range watched {
			watched[i].Only = append([]string{}, slices.Concat(lists[i]...)...)
		}
	}
	return withOutputs(func(j *journal.Journal) error {
		w := waitedRun{sites: n.sites(), journal: j, stop: rules.stop, files: rules.files}
		if n.run != nil {
			w.watchedRun = n.run.RunId
		}
		w.do = func(ctx context.Context, engine *fleet.Engine) (*fleet.State, error) {
			return engine.Watch(ctx, watched...)
		}
		return a.await(ctx, w)
	})
}

// checkAllSent refuses a run of which a live process still has something to send, since that would be missed. If no process is
// working on the run, it reports what is not watched.
func checkAllSent(p *printer, run *journal.Record) error {
	unsent := 0
	for i := range run.State.Targets {
		if t := &run.State.Targets[i]; t.InvokeId == "" && (t.Cause == "" || t.Cause == fleet.CauseUnsent) {
			unsent++
		}
	}
	switch {
	case unsent == 0:
	case run.Running:
		return usagef("run %s has not been sent to %s yet: muster runs wait %[1]s waits for all of it", run.RunId, plural(unsent, "instance"))
	default:
		p.note("run %s was not sent to %s: muster runs resume %[1]s sends it", run.RunId, plural(unsent, "instance"))
	}
	return nil
}
