package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/journal"
)

// sites are the connections of a command that goes to several regions, perhaps of several profiles.
type sites []*session

// connectSites connects to every region of every profile that was asked for.
func (a *app) connectSites(ctx context.Context, allRegions bool) (all sites, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, all.close())
		}
	}()
	for _, c := range a.configs() {
		if err := a.mayCall(c, append(c.Regions(), labRegion)[0]); err != nil {
			return all, err // before any other connection is made
		}
	}
	for _, c := range a.configs() {
		regions := c.Regions()
		if allRegions {
			if regions, err = a.listRegions(ctx, c); err != nil {
				return all, err
			}
		}
		if len(regions) == 0 {
			regions = []string{""}
		}
		for _, region := range regions {
			s, err := a.connectAs(ctx, c, region)
			if err != nil {
				return all, err
			}
			if len(a.profiles) > 1 {
				s.site.Profile = c.Profile
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// listRegions asks the service which regions there are.
func (a *app) listRegions(ctx context.Context, c *config.Config) ([]string, error) {
	first := append(c.Regions(), labRegion)[0]
	s, err := a.connectAs(ctx, c, first)
	if err != nil {
		return nil, err
	}
	answer, err := s.client.DescribeRegions(ctx, new(assist.DescribeRegionsRequest))
	if err = errors.Join(err, s.close()); err != nil {
		return nil, fmt.Errorf("list the regions: %w", err)
	}
	var regions []string
	for _, region := range answer.Regions.Region {
		regions = append(regions, region.RegionId)
	}
	slices.Sort(regions)
	return regions, nil
}

// useSites runs something with connections that it then ends.
func (a *app) useSites(ctx context.Context, all sites, do func(sites) error) (err error) {
	defer func() { err = errors.Join(err, all.close()) }()
	if a.config.Verbose {
		a.sayWho(ctx, all)
	}
	err = do(all)
	if a.config.Verbose {
		for _, line := range callLines(all.calls()) {
			a.note("%s", line)
		}
	}
	return err
}

func (all sites) close() error {
	var errs []error
	for _, s := range all {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// calls counts the calls of all by action.
func (all sites) calls() map[string]int {
	counts := map[string]int{}
	for _, s := range all {
		for action, n := range s.calls.Counts() {
			counts[action] += n
		}
	}
	return counts
}

func (all sites) apis() map[fleet.Site]fleet.API {
	apis := map[fleet.Site]fleet.API{}
	for _, s := range all {
		apis[s.site] = s.client
	}
	return apis
}

func (all sites) flights() map[fleet.Site]*assist.Flights {
	flights := make(map[fleet.Site]*assist.Flights, len(all))
	for _, s := range all {
		flights[s.site] = s.flying
	}
	return flights
}

// throwaway tells that what they connect to ends with them.
func (all sites) throwaway() bool {
	return slices.ContainsFunc(all, func(s *session) bool { return s.lab })
}

func (all sites) list() []fleet.Site {
	list := make([]fleet.Site, len(all))
	for i, s := range all {
		list[i] = s.site
	}
	return list
}

// flags choose the one connection of several, for a command that is about one.
func (s *session) flags() string {
	text := "--region " + s.region + " "
	if s.site.Profile != "" {
		text += "--profile " + s.site.Profile + " "
	}
	return text
}

// several tells whether it matters which of them something is at.
func (all sites) several() bool { return len(all) > 1 }

// ofEachInstance lists something of several instances, some at a time, in the order of the ids: the API takes one instance a call.
func ofEachInstance[T any](ctx context.Context, a *app, ids []string, list func(ctx context.Context, id string) ([]T, error)) ([]T, error) {
	lists := make([][]T, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(a.config.MaxCalls())
	for i, id := range ids {
		group.Go(func() (err error) {
			lists[i], err = list(ctx, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return slices.Concat(lists...), nil
}

// reconnect connects to a run's sites as the run did, and makes sure that it is as the same account.
func (a *app) reconnect(ctx context.Context, h journal.Header) (all sites, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, all.close())
		}
	}()
	if err := a.loadAs(h); err != nil {
		return nil, err
	}
	for _, site := range h.Sites {
		c := a.config
		for _, other := range a.others {
			if other.Profile == site.Profile {
				c = other
			}
		}
		s, err := a.connectAs(ctx, c, site.RegionId)
		if err != nil {
			return all, err
		}
		s.site = site.Site
		all = append(all, s)
		if mark := s.fingerprint(ctx); site.Fingerprint != "" && mark != "" && mark != site.Fingerprint {
			return all, usagef("run %s was sent to %s with another access key: choose the profile or the keys that it was started with", h.RunId, site.Site)
		}
	}
	return all, nil
}

// loadAs resolves the settings with the run's regions, profiles and endpoint, which a flag may repeat and not change.
func (a *app) loadAs(h journal.Header) error {
	instead := map[string]string{"region": strings.Join(h.Regions(), ",")}
	if len(h.Profiles) > 0 {
		instead["profile"] = strings.Join(h.Profiles, ",")
	}
	if h.Endpoint != "" {
		instead["endpoint"] = h.Endpoint
	}
	for name, value := range instead {
		if flag := a.flags.Lookup(name); flag.Changed && flag.Value.String() != value {
			return usagef("run %s has the %s %s, and cannot go on with %s", h.RunId, name, value, flag.Value)
		}
	}
	if a.labSize > 0 {
		return usagef("run %s did not go to this lab: leave --lab out", h.RunId)
	}
	return a.load(instead)
}
