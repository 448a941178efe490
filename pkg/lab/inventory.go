package lab

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"sync"

	"muster/pkg/assist"
)

// fleet is the instances of a region, in the order in which they were given.
type inventory struct {
	hosts   []*host // all of them
	ecs     []*host
	managed []*host
	byID    map[string]*host
	index   instanceIndex
}

// instanceID is what may be an instance's id, which is a directory's name too.
var instanceID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) })

func newInventory(region string, instances []Instance, seeds seeds) (*inventory, error) {
	f := &inventory{byID: make(map[string]*host, len(instances))}
	var all []*Instance
	for i, it := range instances {
		id := it.InstanceId
		switch {
		case !instanceID().MatchString(id):
			return nil, fmt.Errorf("instance %q: its id is not one", id)
		case f.byID[id] != nil:
			return nil, fmt.Errorf("instance %q: there are two of them", id)
		case it.RegionId != "" && it.RegionId != region:
			return nil, fmt.Errorf("instance %q: it is in %s, the lab in %s", id, it.RegionId, region)
		case ManagedID(id) != (it.Managed != nil):
			return nil, fmt.Errorf("instance %q: the ids of managed instances, and no others, begin with %s", id, managedPrefix)
		}
		it.RegionId = region
		if it.Managed == nil {
			it.ZoneId = cmp.Or(it.ZoneId, region+"-"+string(rune('a'+i%3)))
			it.Status = cmp.Or(it.Status, "Running")
		}
		it.InstanceName = cmp.Or(it.InstanceName, id)
		it.HostName = cmp.Or(it.HostName, it.InstanceName)
		it.OSType = cmp.Or(it.OSType, "linux")
		it.Simulation = seeds.assign(it.Simulation)
		h := newHost(&f.index, it)
		all = append(all, h.instance)
		f.hosts = append(f.hosts, h)
		f.byID[id] = h
		if it.Managed == nil {
			f.ecs = append(f.ecs, h)
		} else {
			f.managed = append(f.managed, h)
		}
	}
	assist.FillLists(&all) // now, for answers share what is inside of them
	return f, nil
}

// resolve gives the hosts of a call: those that are named, each once, or those that bear all of the tags.
func (f *inventory) resolve(ids []string, tags []assist.Tag, most int) ([]*host, error) {
	if len(tags) > 0 {
		return f.tagged(tags, most)
	}
	var hosts []*host
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		h, ok := f.byID[id]
		if !ok {
			return nil, unknownInstance(id)
		}
		hosts = append(hosts, h)
	}
	return hosts, nil
}

// tagged takes an empty value literally, unlike the filters of the Describe actions: a script should rather reach too few
// instances than too many. It finds ECS instances only: whether the service's ResourceTag finds managed instances is unknown.
func (f *inventory) tagged(tags []assist.Tag, most int) ([]*host, error) {
	var s search
	for _, tag := range tags {
		s.conditions = append(s.conditions, tagConditions(assist.TagFilter{Key: tag.Key, Value: &tag.Value})...)
	}
	found, paged := f.index.page(page{size: most, number: 1}, s, nil)
	switch {
	case len(found) == 0:
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidResourceTag.InstanceNotFound", "InstanceIds are not found by the specified ResourceTag.")
	case paged.TotalCount > int64(most):
		return nil, assist.Refusal(http.StatusForbidden, "InstanceIds.ExceedLimit", fmt.Sprintf(
			"The number of instance IDs exceeds the upper limit: the specified ResourceTag finds %d, at most %d.", paged.TotalCount, most))
	}
	hosts := make([]*host, len(found))
	for i, it := range found {
		hosts[i] = f.byID[it.InstanceId]
	}
	return hosts, nil
}

func unknownInstance(id string) error {
	return assist.Refusal(http.StatusNotFound, "InvalidInstance.NotFound", "The specified instance does not exist: "+id+".")
}
