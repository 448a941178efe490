package cmd

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"muster/pkg/fleet"
	"muster/pkg/render"
)

// showOptions are the flags of `muster runs show`.
type showOptions struct {
	targets selectorFlags
	only    listFlag
	files   outputFlags
}

func newRunsShowCommand(a *app) *cobra.Command {
	o := new(showOptions)
	cmd := &cobra.Command{
		Annotations: map[string]string{reportsRuns: "yes"},
		Use:         "show [flags] RUN",
		Aliases:     []string{"get"},
		Short:       "Print a run from its journal",
		Long: `Print a run as muster run reports it, from its journal. RUN is an id, a unique beginning or end of one,
last, or last~1 for the one before.

With --only and the flags that choose instances, print only those instances. Counts and everything else about the run as a whole
stay the same. No API call is made, except for groups and for flags that need more than ids and names, such as --tag.`,
		Example: `  muster runs show last
  muster runs show last --only exit,timeout
  muster runs show last -i 'web-[001-010]' -o wide
  muster runs show last --only exit -o name
  muster runs show 20270606t131530217-8c1f03ab -o json | jq '.Counts'`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error { return showRun(cmd.Context(), a, args[0], o) },
	}
	flags := cmd.Flags()
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		flags.Var(&o.only, "only", "`CAUSES`: show instances that ended by one of these causes: "+joinOr(causeNames()))
	})
	o.targets.addTerms(flags)
	o.targets.addConditions(flags)
	o.files.add(flags)
	return cmd
}

func showRun(ctx context.Context, a *app, text string, o *showOptions) (err error) {
	if err := o.files.prepare(a.printer, a.runs); err != nil {
		return err
	}
	if err := checkCauses(o.only); err != nil {
		return err
	}
	selector, err := o.targets.selector(ctx, a.finder, false)
	if err != nil {
		return err
	}
	record, err := a.runs.read(text)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, record.Close()) }()
	if a.config.Output == string(render.Table) {
		a.warn(record.State.Warnings)
	}
	var chosen map[targetKey]bool
	if !o.targets.none() {
		if chosen, err = a.recordedTargets(ctx, record, selector, o.targets.allowUnmatched); err != nil {
			return err
		}
	}
	report := render.NewRun(record.State, record, nil)
	if chosen != nil || len(o.only) > 0 {
		report.Narrow(func(t *fleet.TargetState) bool {
			return (chosen == nil || chosen[targetKey{t.Site, t.InstanceId}]) && (len(o.only) == 0 || slices.Contains(o.only, string(t.Cause)))
		})
	}
	return o.files.printRun(a.printer, a.runs, record.State, record, report, false)
}
