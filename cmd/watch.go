package cmd

import (
	"context"
	"fmt"
	"strings"

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
		Use:         "watch [flags] INVOKE_ID...",
		Short:       "Wait for invocations that were started anywhere",
		Long: `Wait until every instance of one or more invocations has come to an end, whoever started them, and report as
muster run does. With flags that choose instances, wait for those of the invocations' instances alone.`,
		Example: `  muster watch t-7d2a745b412b4601b2d47f6a768d
  muster watch --follow t-7d2a745b412b4601b2d47f6a768d
  muster watch t-7d2a745b412b4601b2d47f6a768d -i web-001
  muster watch --wait-timeout 10m t-hz01 t-hz02`,
		Args: invokeIDs,
		RunE: func(cmd *cobra.Command, args []string) error {
			rules, err := rollout.read(a)
			if err != nil {
				return err
			}
			selector, err := targets.selector(cmd.Context(), a, false)
			if err != nil {
				return err
			}
			ctx, cancel := patience.context(cmd.Context())
			defer cancel()
			return a.use(ctx, func(s *session) error {
				var only []string
				if !targets.none() {
					if only, err = watchedInstances(ctx, a, s, args, selector, targets.allowUnmatched); err != nil {
						return err
					}
				}
				return withOutputs(func(j *journal.Journal) error {
					return a.await(ctx, wait{sites: sites{s}, journal: j, stop: rules.stop, files: rules.files, do: func(ctx context.Context, engine *fleet.Engine) (*fleet.State, error) {
						return engine.Watch(ctx, s.site, args, only)
					}})
				})
			})
		},
	}
	targets.addTerms(cmd.Flags())
	targets.addConditions(cmd.Flags())
	patience.add(cmd.Flags())
	rollout.addInterrupt(cmd.Flags())
	rollout.files.add(cmd.Flags())
	rollout.files.addFollow(cmd.Flags())
	return cmd
}

// watchedInstances returns the instances of invocations that are waited for.
func watchedInstances(ctx context.Context, a *app, s *session, invokeIDs []string, selector target.Selector, allowUnmatched bool) ([]string, error) {
	var instances []string
	for _, invokeID := range invokeIDs {
		ids, err := instancesOf(ctx, s, invokeID)
		if err != nil {
			return nil, err
		}
		instances = append(instances, ids...)
	}
	found, err := a.among(ctx, s, instances, selector)
	if err != nil {
		return nil, err
	}
	return found.IDs(), a.settleUnmatched(found, allowUnmatched)
}

// invokeIDs takes one invocation id or more.
func invokeIDs(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("no invocation: give one id or more, such as t-7d2a745b412b4601b2d47f6a768d")
	}
	for _, id := range args {
		if !strings.HasPrefix(id, "t-") {
			return fmt.Errorf("%q is no invocation's id: those begin with t-", id)
		}
	}
	return nil
}
