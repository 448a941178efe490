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

// targetFlags select the instances that a command is sent to.
type targetFlags struct {
	selectorFlags
	scopeFlags
	onIneligible string
	noCheck      bool
}

func (f *targetFlags) add(flags *pflag.FlagSet) {
	f.addTerms(flags)
	f.addConditions(flags)
	f.scopeFlags.add(flags, "run on")
	f.addIneligible(flags)
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		flags.BoolVar(&f.noCheck, "no-check", false, "do not look up the instances first; for credentials that may not list instances, with ids in -i or -I only")
	})
}

func (f *targetFlags) addIneligible(flags *pflag.FlagSet) {
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		flags.StringVar(&f.onIneligible, "on-ineligible", "skip", "`ACTION`: if instances cannot run it now (not running, agent offline, wrong OS, agent too old), skip them, or fail and send nothing")
	})
}

// scopeFlags select all instances, all regions, or a sample.
type scopeFlags struct {
	all        bool
	allRegions bool
	cached     bool
	sample     string
	seed       uint64
}

// add adds the flags. verb says what the command does with a sample.
func (f *scopeFlags) add(flags *pflag.FlagSet, verb string) {
	groupInstances.add(flags, func(flags *pflag.FlagSet) {
		flags.BoolVar(&f.all, "all", false, "choose all instances of the region, except those that other flags exclude")
		flags.BoolVar(&f.allRegions, "all-regions", false, "look in every region of the service")
		flags.BoolVar(&f.cached, "cached", false, "reuse the list of instances that --cached stored less than a minute ago for the same selection, or store it; the state of agents is always requested")
		flags.StringVar(&f.sample, "sample", "", verb+" a random sample of `N` or N% of the instances")
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
		return usagef("--all selects every instance, and -i and -I select some: give one or the other")
	}
	if f.sample == "" {
		if fd.flags.Changed("sample-seed") {
			return usagef("--sample-seed needs --sample")
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

// selection is the validated flags. Nothing has been requested from the service.
type selection struct {
	target.Selector
	allowUnmatched bool
	fail           bool // if an instance is not eligible
	noCheck        bool
}

// selection reads the flags. stdinTaken reports that the script is read from stdin.
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

// failsOnIneligible parses --on-ineligible.
func failsOnIneligible(text string) (bool, error) {
	if text != "skip" && text != "fail" {
		return false, usagef("--on-ineligible %q: want skip or fail", text)
	}
	return text == "fail", nil
}

// complete refuses an empty selection. On a throwaway lab it selects all instances instead.
func (s *selection) complete(st *settings) error {
	if s.Empty() {
		if st.lab.size == 0 {
			return usagef("no instances chosen: give -i ID|NAME|@GROUP, -I FILE, -t KEY=VALUE or --all, or try it on a lab with --lab=5")
		}
		s.All = true
	}
	if _, only := s.IDs(); s.noCheck && !only {
		return usagef("--no-check needs ids in -i and -I only: anything else needs the list of instances")
	}
	return nil
}

// runTargets are the targets of a run, and those that are skipped.
type runTargets struct {
	targets, skipped []fleet.Target
	warnings         []fleet.Warning // about the agents
}

// resolve finds the selected instances, and which of them can run a command of that type now.
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

// checkUnmatched returns an error if a part of the selection matches nothing, or if no instance is left. If that is allowed, it
// prints notes instead.
func (fd *finder) checkUnmatched(found *target.Found, allowed bool) error {
	if err := found.Err(); err != nil && !allowed {
		return err
	}
	fd.noteUnmatched(found)
	if len(found.Shared) > 0 && !fd.config.Quiet {
		fd.note("several instances are named %s: all of them are selected", nodeset.Shorten(found.Shared, sharedColumns))
	}
	return nil
}

// sharedColumns bounds the names in a note.
const sharedColumns = 60

// noteUnmatched reports what matches nothing, and why no instance is left.
func (fd *finder) noteUnmatched(found *target.Found) {
	for i := range found.Unmatched {
		fd.note("%s", fd.explain(&target.UnmatchedError{All: found.Unmatched[i : i+1]}))
	}
	if len(found.Instances) == 0 && len(found.Unmatched) == 0 {
		fd.note("%s", found.NoInstances)
	}
}

// missingError returns an error if the named instances do not exist, for an empty list, unless that is allowed. It returns nil if
// the service refuses to list instances, since these commands do not need that permission.
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

// noteSeed reports how to draw the same sample again.
func (fd *finder) noteSeed(s *target.Selector) {
	if s.Sample != nil && !fd.flags.Changed("sample-seed") && !fd.config.Quiet {
		fd.note("--sample-seed %d draws the same sample again", s.Seed)
	}
}

// choose skips instances that cannot run a command of that type now.
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
	c.warnings = agentWarnings(instances, need, use)
	switch {
	case len(c.skipped) == 0:
	case s.fail, len(c.skipped) == len(instances):
		return nil, ineligible(c.skipped, len(instances))
	case !p.config.Quiet:
		p.note("%s; the others run it (--on-ineligible=fail sends nothing instead)", p.explain(ineligible(c.skipped, len(instances))))
	}
	return c, nil
}

// resolver returns a resolver for the sites. The places of its instances are indexes of the sites.
func (fd *finder) resolver(all sites) *target.Resolver {
	r := &target.Resolver{Groups: fd.groups(), PageSize: fd.config.PageSize, Concurrency: fd.config.MaxCalls()}
	for _, s := range all {
		r.Places = append(r.Places, target.Place{API: fd.cached.api(s), RegionId: s.region, Profile: s.site.Profile})
	}
	return r
}

func (s *selection) unchecked(all sites) (*runTargets, error) {
	if all.several() {
		return nil, usagef("--no-check is for one region and one profile: without a lookup, the region of an instance is unknown")
	}
	c := new(runTargets)
	ids, _ := s.IDs()
	for _, id := range ids {
		c.targets = append(c.targets, fleet.Target{InstanceId: id, Site: all[0].site})
	}
	return c, nil
}

// ineligible returns the error that names the first of the skipped instances.
func ineligible(skipped []fleet.Target, total int) error {
	first := skipped[0]
	if len(skipped) == 1 {
		return usagef("%s cannot run it (1 of %d): %s: %s", first.InstanceId, total, first.ErrorCode, first.ErrorInfo)
	}
	return usagef("%d of %d instances cannot run it, the first of them %s: %s: %s",
		len(skipped), total, first.InstanceId, first.ErrorCode, first.ErrorInfo)
}

// instanceIDs returns the ids of selected instances, for a command that only lists. Ids that are named are not looked up: an
// instance may be gone and have invocations still.
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

// among selects from instances with known ids.
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
