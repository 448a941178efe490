package cmd

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"

	"github.com/spf13/pflag"

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
}

func (f *targetFlags) add(flags *pflag.FlagSet) {
	flags.StringSliceVarP(&f.instances, "instance", "i", nil, "an instance's `id`; repeat it, or separate ids by commas")
	flags.StringArrayVarP(&f.instancesFile, "instances-file", "I", nil, "a `file` of instance ids, one a line, # for comments; - is stdin")
	flags.StringArrayVarP(&f.tags, "tag", "t", nil, "instances with a tag `key=value`, or key for any value; several must all match")
	flags.BoolVar(&f.all, "all", false, "every instance of the region")
	flags.StringSliceVar(&f.exclude, "exclude", nil, "leave out instances whose id or name matches a `pattern`, * for anything")
	flags.StringVar(&f.sample, "sample", "", "take `N` or N% of the instances, by chance")
	flags.StringVar(&f.onIneligible, "on-ineligible", "skip", "with instances that cannot run it now (not running, agent offline, wrong OS): skip them, or fail and send nothing")
	flags.BoolVar(&f.noCheck, "no-check", false, "do not ask first who exists and can run it; for credentials that may not list instances, with -i or -I alone")
}

// selection is the flags, read and found good; nothing has been asked of the service.
type selection struct {
	selector target.Selector
	sample   *target.Sample
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
		sample, err := target.ParseSample(f.sample)
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

// resolve asks the service who is meant and who can run a command of that type now.
func (s *selection) resolve(ctx context.Context, a *app, session *session, commandType string) (*chosen, error) {
	if s.noCheck {
		return s.unchecked(), nil
	}
	instances, err := a.resolver(session).Resolve(ctx, s.selector)
	if err != nil {
		return nil, err
	}
	var eligible []target.Instance
	c := new(chosen)
	for _, instance := range instances {
		why := instance.Check(commandType)
		if why == nil {
			eligible = append(eligible, instance)
			continue
		}
		c.skipped = append(c.skipped, fleet.Target{
			InstanceId: instance.InstanceId, InstanceName: instance.InstanceName, ErrorCode: why.Code, ErrorInfo: why.Info,
		})
	}
	if len(c.skipped) > 0 && (s.fail || len(eligible) == 0) {
		return nil, ineligible(c.skipped, len(instances))
	}
	if s.sample != nil {
		eligible, c.skipped = s.sample.Take(eligible, rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))), nil
		instances = eligible
	}
	for _, instance := range instances {
		c.targets = append(c.targets, fleet.Target{InstanceId: instance.InstanceId, InstanceName: instance.InstanceName})
	}
	if len(c.skipped) > 0 && !a.config.Quiet {
		a.note("%s; the rest runs (--on-ineligible=fail sends nothing instead)", a.explain(ineligible(c.skipped, len(instances))))
	}
	return c, nil
}

// resolver asks who there is, over a session.
func (a *app) resolver(s *session) *target.Resolver {
	return &target.Resolver{API: s.client, RegionId: s.region, PageSize: a.config.PageSize, Concurrency: a.config.Concurrency}
}

func (s *selection) unchecked() *chosen {
	c := new(chosen)
	seen := map[string]bool{}
	for _, id := range s.selector.InstanceIds {
		if !seen[id] {
			c.targets = append(c.targets, fleet.Target{InstanceId: id})
		}
		seen[id] = true
	}
	return c
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
