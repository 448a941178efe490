package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/journal"
)

// sites are the sessions of a command that uses several regions or profiles.
type sites []*session

// connectSites connects to every region of every profile of the settings.
func (cn *connector) connectSites(ctx context.Context, allRegions bool) (all sites, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, all.close())
		}
	}()
	for _, c := range cn.configs() {
		if err := cn.checkCallable(c, append(c.Regions(), labRegion)[0]); err != nil {
			return all, err // before the first connection
		}
	}
	for _, c := range cn.configs() {
		regions := c.Regions()
		if allRegions {
			if regions, err = cn.listRegions(ctx, c); err != nil {
				return all, err
			}
		}
		if len(regions) == 0 {
			regions = []string{""}
		}
		for _, region := range regions {
			s, err := cn.connectAs(ctx, c, region)
			if err != nil {
				return all, err
			}
			if len(cn.profiles) > 1 {
				s.site.Profile = c.Profile
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// listRegions asks the service for its regions.
func (cn *connector) listRegions(ctx context.Context, c *config.Config) ([]string, error) {
	first := append(c.Regions(), labRegion)[0]
	s, err := cn.connectAs(ctx, c, first)
	if err != nil {
		return nil, err
	}
	regions, err := s.regionIDs(ctx)
	if err = errors.Join(err, s.close()); err != nil {
		return nil, fmt.Errorf("list the regions: %w", err)
	}
	return regions, nil
}

// regionIDs asks the service for its regions, and returns their ids in order.
func (s *session) regionIDs(ctx context.Context) ([]string, error) {
	response, err := s.client.DescribeRegions(ctx, new(assist.DescribeRegionsRequest))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, region := range response.Regions.Region {
		ids = append(ids, region.RegionId)
	}
	slices.Sort(ids)
	return ids, nil
}

// useSites calls do with sessions, and closes them.
func (cn *connector) useSites(ctx context.Context, all sites, do func(sites) error) (err error) {
	defer func() { err = errors.Join(err, all.close()) }()
	if cn.config.Verbose {
		cn.noteIdentities(ctx, all)
	}
	err = do(all)
	if cn.config.Verbose {
		for _, line := range callLines(all.calls()) {
			cn.note("%s", line)
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

// calls returns the numbers of calls by action.
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

func (all sites) limiters() map[fleet.Site]*assist.ConcurrencyLimiter {
	limiters := make(map[fleet.Site]*assist.ConcurrencyLimiter, len(all))
	for _, s := range all {
		limiters[s.site] = s.limiter
	}
	return limiters
}

// throwaway reports whether what they connect to ends with them.
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

// flags returns the flags that select this session's region and profile.
func (s *session) flags() string {
	text := "--region " + s.region + " "
	if s.site.Profile != "" {
		text += "--profile " + s.site.Profile + " "
	}
	return text
}

// several reports whether there is more than one site.
func (all sites) several() bool { return len(all) > 1 }

// inParallel calls list for each id, at most limit at a time, and returns the results in the order of the ids.
func inParallel[T any](ctx context.Context, limit int, ids []string, list func(ctx context.Context, id string) ([]T, error)) ([]T, error) {
	lists := make([][]T, len(ids))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(limit)
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

// reconnect connects to the sites of a run. It returns an error if that would be with another access key.
func (cn *connector) reconnect(ctx context.Context, h journal.Header) (all sites, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, all.close())
		}
	}()
	if err := cn.loadAs(h); err != nil {
		return nil, err
	}
	for _, site := range h.Sites {
		c := cn.config
		for _, other := range cn.others {
			if other.Profile == site.Profile {
				c = other
			}
		}
		s, err := cn.connectAs(ctx, c, site.RegionId)
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
