package lab

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"muster/pkg/lab/keep"
)

// site is the lab's part of one region.
type site struct {
	region    string
	inventory *inventory
	store     *store
	files     *fileStore

	activations *activations
}

// sites are the parts of several regions.
type sites []site

// makeSites sets up the sites of all regions, without instances. Their records share one sequence of numbers.
func makeSites(l *Lab, last *counters) {
	l.served, l.left = nil, nil
	for _, region := range l.identity.regions() {
		l.served = append(l.served, newSite(l, region, last))
	}
	for _, region := range l.identity.leftRegions() {
		l.left = append(l.left, newSite(l, region, last))
	}
	l.own = l.served[0]
}

// newSite returns a site without anything in it. Records of the first region do not name it, as in the data directories of labs that
// had only one.
func newSite(l *Lab, region string, last *counters) site {
	s := site{region: region, inventory: &inventory{}, store: newStore(), files: newFileStore(), activations: newActivations()}
	s.store.counters, s.files.counters, s.activations.counters = last, last, last
	if region != l.identity.Region {
		s.store.region, s.files.region, s.activations.region = region, region, region
	}
	return s
}

// setInstances sets up the inventories. Instances without a region are in the first one.
func setInstances(l *Lab, all []Instance, seeds seeds) error {
	here := l.everywhere()
	regions, ids := map[string][]Instance{}, map[string]bool{}
	for _, it := range all {
		region := cmp.Or(it.RegionId, l.own.region)
		if !slices.ContainsFunc(here, func(s site) bool { return s.region == region }) {
			return fmt.Errorf("instance %q is in %s, but the lab is in %s", it.InstanceId, region, strings.Join(l.identity.regions(), ", "))
		}
		if len(here) > 1 && ids[it.InstanceId] {
			return fmt.Errorf("duplicate instance id %q", it.InstanceId)
		}
		ids[it.InstanceId] = true
		regions[region] = append(regions[region], it)
	}
	for _, list := range []sites{l.served, l.left} {
		for i := range list {
			var err error
			if list[i].inventory, err = newInventory(list[i].region, regions[list[i].region], seeds); err != nil {
				return err
			}
		}
	}
	l.own = l.served[0]
	return nil
}

// takeInventories continues to use the instances and activations of an activity with the same regions.
func takeInventories(l *Lab, before activity) {
	for i, s := range before.served {
		l.served[i].inventory, l.served[i].activations = s.inventory, s.activations
	}
	for i, s := range before.left {
		l.left[i].inventory, l.left[i].activations = s.inventory, s.activations
	}
	l.own = l.served[0]
}

// setStorage makes everything that calls bring about durable in a storage.
func setStorage(l *Lab, storage keep.Storage) {
	l.storage, l.tokens.storage = storage, storage
	for _, s := range l.everywhere() {
		s.store.storage, s.files.storage, s.activations.storage = storage, storage, storage
	}
}

// addPreset adds a preset, unless the lab has had commands or invocations before.
func addPreset(l *Lab, p Preset) {
	if l.own.store.counters.records.Load() > 0 {
		return
	}
	for _, s := range l.served {
		s.store.addPreset(p.in(s.region, s.region == l.own.region))
	}
}

// regionsOfLab returns the regions that the lab serves, for errors.
func regionsOfLab(l *Lab) string {
	regions := l.Regions()
	if len(regions) == 1 {
		return "the region of the lab is " + regions[0]
	}
	return "the regions of the lab are " + strings.Join(regions, ", ")
}

// everywhere returns the sites of all regions that the lab has records of, served or not.
func (a *activity) everywhere() sites { return slices.Concat(a.served, a.left) }

// siteAt returns the lab's part of a region. What is stored in a region that it does not serve is lost.
func siteAt(l *Lab, region string) site {
	for _, s := range l.served {
		if s.region == region {
			return s
		}
	}
	return newSite(l, region, new(counters))
}

// servesRegion reports whether the lab serves a region.
func servesRegion(l *Lab, region string) bool {
	return slices.ContainsFunc(l.served, func(s site) bool { return s.region == region })
}

// host returns the instance with an id, or nil.
func (all sites) host(id string) *host {
	for _, s := range all {
		if h := s.inventory.host(id); h != nil {
			return h
		}
	}
	return nil
}

// hostOrFormer is like host, and also returns a simulated instance that has left since the lab was started.
func (all sites) hostOrFormer(id string) *host {
	for _, s := range all {
		if h := s.inventory.hostOrFormer(id); h != nil {
			return h
		}
	}
	return nil
}

// hosts returns all instances.
func (all sites) hosts() []*host {
	if len(all) == 1 {
		return all[0].inventory.all()
	}
	var hosts []*host
	for _, s := range all {
		hosts = append(hosts, s.inventory.all()...)
	}
	return hosts
}

// allManaged returns all managed instances.
func (all sites) allManaged() []*host {
	var hosts []*host
	for _, s := range all {
		hosts = append(hosts, s.inventory.allManaged()...)
	}
	return hosts
}

// stores returns the stores of the sites.
func (all sites) stores() stores {
	var list stores
	for _, s := range all {
		list = append(list, s.store)
	}
	return list
}

// files returns the stores of the files that were sent.
func (all sites) files() fileStores {
	var list fileStores
	for _, s := range all {
		list = append(list, s.files)
	}
	return list
}
