package cmd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/target"
)

// targetFlags say who a command goes to.
type targetFlags struct {
	instances     []string
	instancesFile []string
	tags          []string
	exclude       []string
	all           bool
	sample        string
	onIneligible  string
	noCheck       bool
	allRegions    bool
}

func (f *targetFlags) add(flags *pflag.FlagSet) {
	flags.StringSliceVarP(&f.instances, "instance", "i", nil, "an instance's `id`; repeat it, or separate ids by commas")
	flags.StringArrayVarP(&f.instancesFile, "instances-file", "I", nil, "a `file` of instance ids, one a line, # for comments; - is stdin")
	flags.StringArrayVarP(&f.tags, "tag", "t", nil, "instances with a tag `key=value`, or key for any value; several must all match")
	flags.BoolVar(&f.all, "all", false, "every instance of the region")
	flags.BoolVar(&f.allRegions, "all-regions", false, "look in every region that the service has")
	flags.StringSliceVar(&f.exclude, "exclude", nil, "leave out instances whose id or name matches a `pattern`, * for anything")
	flags.StringVar(&f.sample, "sample", "", "take `N` or N% of the instances, by chance")
	flags.StringVar(&f.onIneligible, "on-ineligible", "skip", "with instances that cannot run it now (not running, agent offline, wrong OS, agent too old): skip them, or fail and send nothing")
	flags.BoolVar(&f.noCheck, "no-check", false, "do not ask first who exists and can run it; for credentials that may not list instances, with -i or -I alone")
}

// selection is the flags, read and found good; nothing has been asked of the service.
type selection struct {
	selector target.Selector
	sample   *target.Share
	fail     bool // when an instance is not eligible
	noCheck  bool
}

// selection reads the flags. stdinTaken tells that the script comes from stdin, which can be read once only.
func (f *targetFlags) selection(a *app, stdinTaken bool) (*selection, error) {
	s := &selection{noCheck: f.noCheck, selector: target.Selector{Exclude: f.exclude, All: f.all}}
	var err error
	if s.selector.InstanceIds, err = readInstanceIDs(f.instances); err != nil {
		return nil, err
	}
	for _, name := range f.instancesFile {
		if name == "-" && stdinTaken {
			return nil, usagef("stdin cannot be both the script and the list of instances")
		}
		ids, err := f.readFile(a, name)
		if err != nil {
			return nil, err
		}
		s.selector.InstanceIds = append(s.selector.InstanceIds, ids...)
	}
	for _, text := range f.tags {
		tag, err := target.ParseTag(text)
		if err != nil {
			return nil, fmt.Errorf("--tag: %w", err)
		}
		s.selector.Tags = append(s.selector.Tags, tag)
	}
	if f.sample != "" {
		sample, err := target.ParseShare(f.sample)
		if err != nil {
			return nil, fmt.Errorf("--sample: %w", err)
		}
		s.sample = &sample
	}
	switch f.onIneligible {
	case "skip":
	case "fail":
		s.fail = true
	default:
		return nil, usagef("--on-ineligible %q: want skip or fail", f.onIneligible)
	}
	return s, f.complete(a, s)
}

// readInstanceIDs reads the values of --instance.
func readInstanceIDs(texts []string) ([]string, error) {
	ids, err := parseIDs(texts)
	if err != nil {
		return nil, fmt.Errorf("--instance: %w", err)
	}
	return ids, nil
}

func parseIDs(texts []string) ([]string, error) {
	var all []string
	for _, text := range texts {
		ids, err := target.ParseIds(text)
		if err != nil {
			return nil, err
		}
		all = append(all, ids...)
	}
	return all, nil
}

// complete makes sure that somebody was asked for: without a selector it is everybody of a throwaway lab, and an error
// anywhere else.
func (f *targetFlags) complete(a *app, s *selection) error {
	if s.selector.Empty() {
		if a.labSize == 0 {
			if len(f.instancesFile) > 0 {
				return usagef("%s names no instance", f.instancesFile[0])
			}
			return usagef("no instances chosen: give -i ID, -I FILE, -t KEY=VALUE or --all, or try it on a lab with --lab=5")
		}
		s.selector.All = true
	}
	if s.noCheck && (len(s.selector.Tags) > 0 || s.selector.All || s.sample != nil || len(s.selector.Exclude) > 0) {
		return usagef("--no-check goes with -i and -I alone: the other selectors need the list of instances")
	}
	return nil
}

func (f *targetFlags) readFile(a *app, name string) ([]string, error) {
	input, err := a.input(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = input.Close() }()
	ids, err := target.ReadIds(input, name)
	if err != nil {
		return nil, &usageError{err}
	}
	return ids, nil
}

func openFile(name string) (*os.File, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, &usageError{err}
	}
	return file, nil
}

// chosen is who a run goes to, and who of them is left out.
type chosen struct {
	targets, skipped []fleet.Target
}

// located is an instance and where it is.
type located struct {
	target.Instance
	site fleet.Site
}

// resolve asks the service who is meant and who can run a command of that type, which uses the agent in some way, now.
func (s *selection) resolve(ctx context.Context, a *app, all sites, commandType string, use assist.AgentUse) (*chosen, error) {
	if s.noCheck {
		return s.unchecked(all)
	}
	instances, err := s.locate(ctx, a, all)
	if err != nil {
		return nil, err
	}
	return s.choose(a, instances, commandType, use)
}

// choose leaves out who cannot run a command of that type now.
func (s *selection) choose(a *app, instances []located, commandType string, use assist.AgentUse) (*chosen, error) {
	eligible := make([]located, 0, len(instances))
	c := new(chosen)
	use.Several = len(instances) > 1
	need := target.Need{CommandType: commandType, Agent: use.Least()}
	for _, instance := range instances {
		why := instance.Check(need)
		if why == nil {
			eligible = append(eligible, instance)
			continue
		}
		skipped := instance.target()
		skipped.ErrorCode, skipped.ErrorInfo = why.Code, why.Info
		c.skipped = append(c.skipped, skipped)
	}
	if len(c.skipped) > 0 && (s.fail || len(eligible) == 0) {
		return nil, ineligible(c.skipped, len(instances))
	}
	if s.sample != nil {
		eligible, c.skipped = target.Take(*s.sample, eligible, rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))), nil
		instances = eligible
	}
	c.targets = make([]fleet.Target, 0, len(instances))
	for _, instance := range instances {
		c.targets = append(c.targets, instance.target())
	}
	if len(c.skipped) > 0 && !a.config.Quiet {
		a.note("%s; the rest runs (--on-ineligible=fail sends nothing instead)", a.explain(ineligible(c.skipped, len(instances))))
	}
	return c, nil
}

func (i located) target() fleet.Target {
	return fleet.Target{InstanceId: i.InstanceId, InstanceName: i.InstanceName, Site: i.site}
}

// locate asks every site who is there. An instance that was named, and that none of them has, counts as of the first.
func (s *selection) locate(ctx context.Context, a *app, all sites) ([]located, error) {
	found := make([][]target.Instance, len(all))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(a.config.Concurrency)
	var nobody *target.NotFoundError
	var mu sync.Mutex
	for i, session := range all {
		group.Go(func() error {
			instances, err := a.resolver(session).Resolve(groupCtx, s.selector)
			if missing, ok := errors.AsType[*target.NotFoundError](err); ok {
				mu.Lock()
				defer mu.Unlock()
				nobody = missing
				return nil
			}
			found[i] = instances
			return all.at(session, err)
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var list []located
	for i, session := range all {
		list = slices.Grow(list, len(found[i]))
		for _, instance := range found[i] {
			if instance.Status != "" {
				list = append(list, located{instance, session.site})
			}
		}
	}
	if len(list) == 0 && nobody != nil {
		return nil, nobody
	}
	return inGivenOrder(list, found, all), nil
}

// inGivenOrder puts the instances of one site as they were found, with those that are missing; of several sites, the
// missing ones come last.
func inGivenOrder(list []located, found [][]target.Instance, all sites) []located {
	if !all.several() {
		list = list[:0]
		for _, instance := range found[0] {
			list = append(list, located{instance, all[0].site})
		}
		return list
	}
	known := map[string]bool{}
	for _, instance := range list {
		known[instance.InstanceId] = true
	}
	for i := range all {
		for _, instance := range found[i] {
			if !known[instance.InstanceId] {
				known[instance.InstanceId] = true
				list = append(list, located{instance, all[0].site})
			}
		}
	}
	return list
}

// resolver asks who there is, over a session.
func (a *app) resolver(s *session) *target.Resolver {
	return &target.Resolver{API: s.client, RegionId: s.region, PageSize: a.config.PageSize, Concurrency: a.config.Concurrency}
}

func (s *selection) unchecked(all sites) (*chosen, error) {
	if all.several() {
		return nil, usagef("--no-check is for one region and one profile: nobody is asked which of them has an instance")
	}
	c := new(chosen)
	seen := map[string]bool{}
	for _, id := range s.selector.InstanceIds {
		if !seen[id] {
			c.targets = append(c.targets, fleet.Target{InstanceId: id, Site: all[0].site})
		}
		seen[id] = true
	}
	return c, nil
}

// ineligible names the first of those that cannot run a command.
func ineligible(skipped []fleet.Target, total int) error {
	first := skipped[0]
	if len(skipped) == 1 {
		return usagef("%s cannot run it (1 of %d): %s: %s", first.InstanceId, total, first.ErrorCode, first.ErrorInfo)
	}
	return usagef("%d of %d instances cannot run it, the first of them %s: %s: %s",
		len(skipped), total, first.InstanceId, first.ErrorCode, first.ErrorInfo)
}
