package lab

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"sync"

	"muster/pkg/assist"
	"muster/pkg/lab/keep"
)

// inventory has the instances of a region, in the order in which they were added. ECS instances are those of its beginning; managed ones
// may join and leave at any time.
type inventory struct {
	ecs   []*host
	index instanceIndex

	mu      sync.RWMutex
	hosts   []*host // all of them; appended to, or replaced
	managed []*host // appended to, or replaced
	byID    map[string]*host
	former  map[string]*host // simulated ones that have left, whose outputs are generated when they are read
}

// host returns the instance with an id, or nil.
func (inv *inventory) host(id string) *host {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	return inv.byID[id]
}

// all returns all instances as they are now.
func (inv *inventory) all() []*host {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	return inv.hosts
}

// allManaged returns the managed instances as they are now.
func (inv *inventory) allManaged() []*host {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	return inv.managed
}

// hostOrFormer is like host, and also returns a simulated instance that has left since the lab was started.
func (inv *inventory) hostOrFormer(id string) *host {
	inv.mu.RLock()
	defer inv.mu.RUnlock()
	if h := inv.byID[id]; h != nil {
		return h
	}
	return inv.former[id]
}

// join adds a managed instance. Calls see it only after prepare has returned.
func (inv *inventory) join(it Instance, storage keep.Storage, prepare func(*host)) (*host, error) {
	if !instanceIDPattern().MatchString(it.InstanceId) || !ManagedID(it.InstanceId) {
		return nil, fmt.Errorf("invalid id of a managed instance %q", it.InstanceId)
	}
	assist.FillLists(&it.Instance)
	inv.mu.Lock()
	defer inv.mu.Unlock()
	if inv.byID[it.InstanceId] != nil {
		return nil, fmt.Errorf("duplicate instance id %q", it.InstanceId)
	}
	h := newHost(&inv.index, it)
	h.storage = storage
	prepare(h)
	h.storage.Write(h.kept())
	inv.hosts = append(inv.hosts, h)
	inv.managed = append(inv.managed, h)
	inv.byID[it.InstanceId] = h
	return h, nil
}

// leave removes a managed instance from all lists and from the storage. It reports false if it is not there any more.
func (inv *inventory) leave(h *host) bool {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	id := h.get().InstanceId
	if inv.byID[id] != h {
		return false
	}
	delete(inv.byID, id)
	if h.get().Simulation != nil {
		if inv.former == nil {
			inv.former = map[string]*host{}
		}
		inv.former[id] = h
	}
	without := func(list []*host) []*host {
		return slices.DeleteFunc(slices.Clone(list), func(other *host) bool { return other == h })
	}
	inv.hosts, inv.managed = without(inv.hosts), without(inv.managed)
	h.forget()
	return true
}

// instanceIDPattern matches the ids that instances may have. They also serve as directory names.
var instanceIDPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`) })

func newInventory(region string, instances []Instance, seeds seeds) (*inventory, error) {
	inv := &inventory{byID: make(map[string]*host, len(instances))}
	var all []*Instance
	for i, it := range instances {
		id := it.InstanceId
		switch {
		case !instanceIDPattern().MatchString(id):
			return nil, fmt.Errorf("invalid instance id %q", id)
		case inv.byID[id] != nil:
			return nil, fmt.Errorf("duplicate instance id %q", id)
		case it.RegionId != "" && it.RegionId != region:
			return nil, fmt.Errorf("instance %q is in %s, but the lab is in %s", id, it.RegionId, region)
		case ManagedID(id) != (it.Managed != nil):
			return nil, fmt.Errorf("invalid instance id %q: ids begin with %s if, and only if, the instance is managed", id, managedPrefix)
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
		h := newHost(&inv.index, it)
		all = append(all, h.instance)
		inv.hosts = append(inv.hosts, h)
		inv.byID[id] = h
		if it.Managed == nil {
			inv.ecs = append(inv.ecs, h)
		} else {
			inv.managed = append(inv.managed, h)
		}
	}
	assist.FillLists(&all) // now, because responses share these lists
	return inv, nil
}

// resolve returns the hosts that a call is for: those with the given ids, without duplicates, or those that have all of the
// tags.
func (inv *inventory) resolve(ids []string, tags []assist.Tag, limit int) ([]*host, error) {
	if len(tags) > 0 {
		return inv.tagged(tags, limit)
	}
	var hosts []*host
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		h := inv.host(id)
		if h == nil {
			return nil, unknownInstance(id)
		}
		hosts = append(hosts, h)
	}
	return hosts, nil
}

// tagged returns the hosts with all of the tags. An empty value matches only an empty value, unlike in the filters of the
// Describe actions: running a script on too few instances is better than on too many. Only ECS instances are found: whether the
// ResourceTag of the service matches managed instances is unknown.
func (inv *inventory) tagged(tags []assist.Tag, limit int) ([]*host, error) {
	var s search
	for _, tag := range tags {
		s.conditions = append(s.conditions, tagConditions(assist.TagFilter{Key: tag.Key, Value: &tag.Value})...)
	}
	found, paged := inv.index.page(page{size: limit, number: 1}, s, nil)
	switch {
	case len(found) == 0:
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidResourceTag.InstanceNotFound", "InstanceIds are not found by the specified ResourceTag.")
	case paged.TotalCount > int64(limit):
		return nil, assist.Refusal(http.StatusForbidden, "InstanceIds.ExceedLimit", fmt.Sprintf(
			"The number of instance IDs exceeds the upper limit: the specified ResourceTag finds %d, at most %d.", paged.TotalCount, limit))
	}
	hosts := make([]*host, len(found))
	for i, it := range found {
		hosts[i] = inv.host(it.InstanceId)
	}
	return hosts, nil
}

func unknownInstance(id string) error {
	return assist.Refusal(http.StatusNotFound, "InvalidInstance.NotFound", "The specified instance does not exist: "+id+".")
}
