package cmd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/spf13/pflag"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/target"
	"muster/pkg/target/nodeset"
)

// finder finds the instances that flags choose.
type finder struct {
	*printer
	*connector
	*reader
	knownGroups *target.Groups // see groups
	cached      *cachedLists   // of --cached; nil without it
}

// targetFlags choose the instances that a command goes to.
type targetFlags struct {
	selectorFlags
	scopeFlags
	onIneligible string
	noCheck      bool
}

func (f *targetFlags) add(flags *pflag.FlagSet) {
	f.addTerms(flags)
	f.addConditions(flags)
	f.scopeFlags.add(flags)
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.onIneligible, "on-ineligible", "skip", "`ACTION`: if instances cannot run it now (not running, agent offline, wrong OS, agent too old), skip them, or fail and send nothing")
		flags.BoolVar(&f.noCheck, "no-check", false, "do not look up the instances first; for credentials that may not list instances, with ids in -i or -I only")
	})
}

// scopeFlags choose from all instances, or from those that the other flags leave.
type scopeFlags struct {
	all        bool
	allRegions bool
	cached     bool
	sample     string
	seed       uint64
}

func (f *scopeFlags) add(flags *pflag.FlagSet) {
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		flags.BoolVar(&f.all, "all", false, "choose all instances of the region, less what other flags take away")
		flags.BoolVar(&f.allRegions, "all-regions", false, "look in every region of the service")
		flags.BoolVar(&f.cached, "cached", false, "use the list of instances that an earlier --cached got for the same selection less than a minute ago, or else get it and keep it; the state of agents is always asked for")
		flags.StringVar(&f.sample, "sample", "", "choose a random sample of `N` or N% of the instances that are left, among those that can run a command now")
		flags.Var((*seedFlag)(&f.seed), "sample-seed", "seed that repeats a sample (default: random, and printed)")
	})
}

// applyTo adds the flags to a selector.
func (f *scopeFlags) applyTo(fd *finder, s *target.Selector) error {
	s.All = f.all
	if f.cached {
		fd.useCached()
	}
	if f.all && len(s.Terms) > 0 {
		return usagef("--all is every instance, and -i and -I are some: give one or the other")
	}
	if f.sample == "" {
		if fd.flags.Changed("sample-seed") {
			return usagef("--sample-seed goes with --sample")
		}
		return nil
	}
	sample, err := target.ParseShare(f.sample)
	if err != nil {
		return fmt.Errorf("--sample: %w", err)
	}
	s.Sample, s.Seed = &sample, f.seed
	if !fd.flags.Changed("sample-seed") {
		s.Seed = uint64(rand.Uint32())
	}
	return nil
}

// selection is the flags, read and found good; nothing has been asked of the service.
type selection struct {
	target.Selector
	allowUnmatched bool
	fail           bool // when an instance is not eligible
	noCheck        bool
}

// selection reads the flags. stdinTaken reports that the script comes from stdin, which can be read once only.
func (f *targetFlags) selection(ctx context.Context, fd *finder, stdinTaken bool) (*selection, error) {
	s := &selection{noCheck: f.noCheck, allowUnmatched: f.allowUnmatched}
	var err error
	if s.Selector, err = f.selector(ctx, fd, stdinTaken); err != nil {
		return nil, err
	}
	if err := f.applyTo(fd, &s.Selector); err != nil {
		return nil, err
	}
	if s.fail, err = failsOnIneligible(f.onIneligible); err != nil {
		return nil, err
	}
	return s, s.complete(fd.settings)
}

// failsOnIneligible reads --on-ineligible.
func failsOnIneligible(text string) (bool, error) {
	if text != "skip" && text != "fail" {
		return false, usagef("--on-ineligible %q: want skip or fail", text)
	}
	return text == "fail", nil
}

// complete makes sure that somebody was asked for: without a selector it is everybody of a throwaway lab, and an error
// anywhere else.
func (s *selection) complete(st *settings) error {
	if s.Empty() {
		if st.lab.size == 0 {
			return usagef("no instances chosen: give -i ID|NAME|@GROUP, -I FILE, -t KEY=VALUE or --all, or try it on a lab with --lab=5")
		}
		s.All = true
	}
	if _, only := s.IDs(); s.noCheck && !only {
		return usagef("--no-check goes with ids in -i and -I alone: anything else needs the list of instances")
	}
	return nil
}

// runTargets is who a run goes to, and who of them is left out.
type runTargets struct {
	targets, skipped []fleet.Target
	warnings         []fleet.Warning // about their agents
}

// resolve asks the service who is meant and who can run a command of that type, which uses the agent in some way, now.
func (s *selection) resolve(ctx context.Context, fd *finder, all sites, commandType string, use assist.AgentUse) (*runTargets, error) {
	if s.noCheck {
		return s.unchecked(all)
	}
	resolver := fd.resolver(all)
	resolver.Agents = true
	found, err := resolver.Resolve(ctx, s.Selector)
	if err != nil {
		return nil, err
	}
	fd.noteCached()
	if err := fd.checkUnmatched(found, s.allowUnmatched); err != nil {
		return nil, err
	}
	fd.noteSeed(&s.Selector)
	return s.choose(fd.printer, all, found.Instances, commandType, use)
}

// checkUnmatched makes an error of what matches nothing, or tells it where that is allowed. Nobody at all is an error unless
// that is allowed.
func (fd *finder) checkUnmatched(found *target.Found, allowed bool) error {
	if err := found.Err(); err != nil && !allowed {
		return err
	}
	fd.noteUnmatched(found)
	if len(found.Shared) > 0 && !fd.config.Quiet {
		fd.note("several instances are named %s: all of them are meant", nodeset.Shorten(found.Shared, sharedColumns))
	}
	return nil
}

// sharedColumns bounds how much of a note names take.
const sharedColumns = 60

// noteUnmatched tells what matches nothing, and why nobody is left.
func (fd *finder) noteUnmatched(found *target.Found) {
	for i := range found.Unmatched {
		fd.note("%s", fd.explain(&target.UnmatchedError{All: found.Unmatched[i : i+1]}))
	}
	if len(found.Instances) == 0 && len(found.Unmatched) == 0 {
		fd.note("%s", found.NoInstances)
	}
}

// missingError returns the error of a list without entries if the instances that it is of do not exist, unless that is allowed. It is
// nil where the service refuses to list instances: credentials need no permission for that.
func (fd *finder) missingError(ctx context.Context, all sites, selector target.Selector, allowed bool) error {
	if allowed || len(selector.Terms) == 0 {
		return nil
	}
	found, err := fd.resolver(all).Resolve(ctx, selector)
	if err == nil {
		return found.Missing()
	}
	if _, refused := errors.AsType[*assist.Error](err); refused {
		return nil
	}
	return err
}

// noteSeed says how to draw the same sample again.
func (fd *finder) noteSeed(s *target.Selector) {
	if s.Sample != nil && !fd.flags.Changed("sample-seed") && !fd.config.Quiet {
		fd.note("--sample-seed %d draws the same sample again", s.Seed)
	}
}

// choose leaves out who cannot run a command of that type now.
func (s *selection) choose(p *printer, all sites, instances []target.Instance, commandType string, use assist.AgentUse) (*runTargets, error) {
	c := &runTargets{targets: make([]fleet.Target, 0, len(instances))}
	use.Several = len(instances) > 1
	need := target.Need{CommandType: commandType, Agent: use.MinAgent()}
	for i := range instances {
		t := fleet.Target{InstanceId: instances[i].InstanceId, InstanceName: instances[i].InstanceName, Site: all[instances[i].Place].site}
		c.targets = append(c.targets, t)
		if why := instances[i].Check(need); why != nil {
			t.ErrorCode, t.ErrorInfo = why.Code, why.Info
			c.skipped = append(c.skipped, t)
		}
	}
	c.warnings = ignored(instances, need, use)
	switch {
	case len(c.skipped) == 0:
	case s.fail, len(c.skipped) == len(instances):
		return nil, ineligible(c.skipped, len(instances))
	case !p.config.Quiet:
		p.note("%s; the rest runs (--on-ineligible=fail sends nothing instead)", p.explain(ineligible(c.skipped, len(instances))))
	}
	return c, nil
}

// resolver asks who there is at the sites, whose places are those of the instances that it finds.
func (fd *finder) resolver(all sites) *target.Resolver {
	r := &target.Resolver{Groups: fd.groups(), PageSize: fd.config.PageSize, Concurrency: fd.config.MaxCalls()}
	for _, s := range all {
		r.Places = append(r.Places, target.Place{API: fd.cached.api(s), RegionId: s.region, Profile: s.site.Profile})
	}
	return r
}

func (s *selection) unchecked(all sites) (*runTargets, error) {
	if all.several() {
		return nil, usagef("--no-check is for one region and one profile: nobody is asked which of them has an instance")
	}
	c := new(runTargets)
	ids, _ := s.IDs()
	for _, id := range ids {
		c.targets = append(c.targets, fleet.Target{InstanceId: id, Site: all[0].site})
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

// instanceIDs returns the ids of the instances that are chosen from the fleet, for a command that only lists. Ids that are named are
// not looked up: what is asked for may be older than the instance is gone.
func (fd *finder) instanceIDs(ctx context.Context, s *session, selector target.Selector) ([]string, error) {
	if ids, only := selector.IDs(); only {
		return ids, nil
	}
	found, err := fd.resolver(sites{s}).Resolve(ctx, selector)
	if err != nil {
		return nil, err
	}
	fd.noteUnmatched(found)
	return found.IDs(), nil
}

// among chooses from instances whose ids are known.
func (fd *finder) among(ctx context.Context, s *session, ids []string, selector target.Selector) (*target.Found, error) {
	given := []target.Instance{}
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			given = append(given, target.Instance{InstanceId: id})
		}
	}
	return fd.resolver(sites{s}).Among(ctx, selector, given)
}
