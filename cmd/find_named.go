package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"muster/pkg/fleet"
	"muster/pkg/journal"
	"muster/pkg/target"
)

// siteInvocations are the invocations at one site.
type siteInvocations struct {
	*session
	ids []string
}

// namedInvocations are the invocations that a command line names. Ids are those of the command's region. A run stands for all of its
// invocations, in its regions and profiles.
type namedInvocations struct {
	at  []siteInvocations
	run *journal.Record // closed; nil if ids were given
}

func (n *namedInvocations) sites() sites {
	var all sites
	for _, here := range n.at {
		all = append(all, here.session)
	}
	return all
}

// invocationNames accepts one or more ids of invocations, or one run.
func invocationNames(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return errors.New("no invocation: give one id or more, such as t-7d2a745b412b4601b2d47f6a768d, or a run, such as last")
	}
	for _, word := range args {
		switch {
		case strings.HasPrefix(word, "f-"):
			return fmt.Errorf("%s is a file that was sent: give the id of an invocation, which begins with t-, or a run", word)
		case strings.HasPrefix(word, "i-"), strings.HasPrefix(word, "mi-"), strings.HasPrefix(word, "c-"):
			return fmt.Errorf("%q is neither the id of an invocation, which begins with t-, nor a run", word)
		case len(args) > 1 && !isInvocation(word):
			return fmt.Errorf("%q is not the id of an invocation, which begins with t-: give only ids, or one run", word)
		}
	}
	return nil
}

func isInvocation(word string) bool { return strings.HasPrefix(word, "t-") }

// useNamed connects to the sites of the named invocations, and calls do.
func (lk *lookup) useNamed(ctx context.Context, args []string, do func(*namedInvocations) error) error {
	if isInvocation(args[0]) {
		return lk.useInvocations(ctx, args, do)
	}
	record, err := lk.runs.readHead(args[0])
	if err != nil {
		return err
	}
	return lk.useRun(ctx, record, do)
}

// useInvocations is useNamed for ids.
func (lk *lookup) useInvocations(ctx context.Context, ids []string, do func(*namedInvocations) error) error {
	return lk.use(ctx, func(s *session) error {
		err := do(&namedInvocations{at: []siteInvocations{{s, ids}}})
		if unknown, ok := errors.AsType[*fleet.UnknownInvocationError](err); ok && unknown.Reason == "" && len(unknown.Near) == 0 {
			lk.addNearIDs(ctx, s, unknown)
		}
		return err
	})
}

// useRun is useNamed for a run.
func (lk *lookup) useRun(ctx context.Context, record *journal.Record, do func(*namedInvocations) error) error {
	if err := hasInvocations(record); err != nil {
		return err
	}
	all, err := lk.reconnect(ctx, record.Header)
	if err != nil {
		return err
	}
	return lk.useSites(ctx, all, func(all sites) error {
		n := &namedInvocations{run: record}
		for _, s := range all {
			here := siteInvocations{session: s}
			for i := range record.State.Invocations {
				if invocation := &record.State.Invocations[i]; invocation.Site == s.site {
					here.ids = append(here.ids, invocation.InvokeId)
				}
			}
			if len(here.ids) > 0 {
				n.at = append(n.at, here)
			}
		}
		return do(n)
	})
}

// hasInvocations returns an error if the service cannot be asked about any invocation of a run.
func hasInvocations(record *journal.Record) error {
	switch {
	case record.Throwaway && record.Running:
		return usagef("run %s uses a lab of its own process: muster runs wait %[1]s waits for it", record.RunId)
	case record.Throwaway:
		return usagef("run %s was sent to a lab that ended with it; muster runs show %[1]s prints what is known of it", record.RunId)
	case record.Plan.Command.Send != nil:
		return usagef("run %s sent files, which are not invocations: muster runs wait %[1]s waits for them", record.RunId)
	case len(record.State.Invocations) == 0:
		return usagef("run %s has submitted nothing yet", record.RunId)
	}
	return nil
}

// placesOf returns where the found instances are.
func (n *namedInvocations) placesOf(found *target.Found) map[targetKey]bool {
	places := make(map[targetKey]bool, len(found.Instances))
	for _, instance := range found.Instances {
		places[targetKey{n.at[instance.Place].site, instance.InstanceId}] = true
	}
	return places
}

// chosen returns the instances of the invocations that a selector matches, for each site and each of its invocations.
func (n *namedInvocations) chosen(ctx context.Context, lk *lookup, selector target.Selector, allowUnmatched bool) ([][][]string, error) {
	lists := make([][][]string, len(n.at))
	given, seen := []target.Instance{}, map[targetKey]bool{}
	for i, here := range n.at {
		var err error
		lists[i], err = inParallel(ctx, lk.config.MaxCalls(), here.ids, func(ctx context.Context, invokeID string) ([][]string, error) {
			ids, err := lk.instancesOf(ctx, here.session, invokeID)
			return [][]string{ids}, err
		})
		if err != nil {
			return nil, err
		}
		for _, id := range slices.Concat(lists[i]...) {
			if at := (targetKey{here.site, id}); !seen[at] {
				seen[at] = true
				given = append(given, target.Instance{InstanceId: id, Place: i})
			}
		}
	}
	found, err := lk.resolver(n.sites()).Among(ctx, selector, given)
	if err != nil {
		return nil, err
	}
	if err := lk.checkUnmatched(found, allowUnmatched); err != nil {
		return nil, err
	}
	chosen := n.placesOf(found)
	for i, here := range n.at {
		for k := range lists[i] {
			lists[i][k] = slices.DeleteFunc(lists[i][k], func(id string) bool { return !chosen[targetKey{here.site, id}] })
		}
	}
	return lists, nil
}
