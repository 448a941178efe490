package lab

import (
	"iter"
	"slices"
	"sync"

	"muster/pkg/assist"
)

// instanceIndex finds ECS instances by filters. The cost of a search depends on how many instances its narrowest filter finds. A
// facet of the instances, such as the zone, is indexed at the first search for it and kept up to date from then on. All lists
// contain indexes in the inventory, in ascending order. The zero instanceIndex is empty.
type instanceIndex struct {
	mu        sync.RWMutex
	instances []*Instance // by index; nil for managed instances
	all       []int       // the ECS instances
	facets    map[string]*postings
	names     *nameIndex // nil before the first search by name, and after a name has changed
}

// search describes the instances to find: all conditions must hold, the name must match, and filter must return true.
type search struct {
	conditions []condition
	name       string               // a pattern with *; empty for any name
	filter     func(*Instance) bool // nil for any instance
}

// condition holds for the instances that have one of the values in a facet.
type condition struct {
	facet  string
	oneOf  []string
	values func(*Instance) []string // returns the values of an instance in the facet
}

// postings lists the instances with each value of a facet.
type postings struct {
	values func(*Instance) []string
	lists  map[string][]int
}

// add appends an instance and returns its index. All ECS instances must be added before the first search.
func (x *instanceIndex) add(it *Instance) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	index := len(x.instances)
	if it.Managed != nil {
		it = nil
	} else {
		x.all = append(x.all, index)
	}
	x.instances = append(x.instances, it)
	return index
}

// replace replaces an instance that has changed.
func (x *instanceIndex) replace(index int, next *Instance) {
	x.mu.Lock()
	defer x.mu.Unlock()
	before := x.instances[index]
	if before == nil {
		return
	}
	x.instances[index] = next
	for _, p := range x.facets {
		p.update(index, p.values(before), p.values(next))
	}
	if before.InstanceName != next.InstanceName {
		x.names = nil
	}
}

// page returns a page of the instances that s finds. If among is not nil, it finds only instances at indexes in among.
func (x *instanceIndex) page(p page, s search, among []int) ([]*Instance, assist.Paged) {
	x.prepare(s)
	x.mu.RLock()
	defer x.mu.RUnlock()
	first := 0
	if p.after != nil {
		first = min(p.after.Index, len(x.instances)) + 1
	}
	lists := x.lists(s, among, first)
	total := unknown
	if len(lists) == 1 && s.name == "" && s.filter == nil {
		total = len(lists[0])
		lists[0] = lists[0][p.offset(total):]
	}
	return paginate(p, total, x.intersect(lists, s))
}

// prepare indexes the facets of a search that are not indexed yet. It stops at a condition that no instance meets, so that
// requests for values that do not exist add no facets.
func (x *instanceIndex) prepare(s search) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range s.conditions {
		p := x.facets[c.facet]
		if p == nil {
			p = &postings{c.values, map[string][]int{}}
			for _, index := range x.all {
				p.update(index, nil, c.values(x.instances[index]))
			}
			if x.facets == nil {
				x.facets = map[string]*postings{}
			}
			x.facets[c.facet] = p
		}
		if len(x.union(c)) == 0 {
			return
		}
	}
	if s.name != "" && x.names == nil {
		x.names = newNameIndex(x.all, x.instances)
	}
}

// lists returns lists whose intersection contains all instances that s finds at the index first or later. The shortest list
// comes first. x.mu is held.
func (x *instanceIndex) lists(s search, among []int, first int) [][]int {
	var lists [][]int
	if among != nil {
		lists = append(lists, seek(among, first))
	}
	for _, c := range s.conditions {
		lists = append(lists, seek(x.union(c), first))
	}
	if len(lists) == 0 {
		lists = append(lists, seek(x.all, first))
	}
	slices.SortFunc(lists, func(a, b []int) int { return len(a) - len(b) })
	if s.name != "" && x.names != nil {
		if named := x.names.find(s.name); len(named) < len(lists[0]) {
			lists = slices.Insert(lists, 0, sortedIndexes(named, first, len(x.instances)))
		}
	}
	return lists
}

// intersect yields the instances that are in all of the lists and match the name and the filter of s. x.mu is held.
func (x *instanceIndex) intersect(lists [][]int, s search) iter.Seq2[position, *Instance] {
	return func(yield func(position, *Instance) bool) {
		for _, index := range lists[0] {
			it := x.instances[index]
			if inAll(lists[1:], index) && (s.name == "" || matchesPattern(it.InstanceName, s.name)) && (s.filter == nil || s.filter(it)) &&
				!yield(position{Index: index}, it) {
				return
			}
		}
	}
}

// inAll reports whether all lists contain an index. It removes lower indexes from the lists.
func inAll(lists [][]int, index int) bool {
	for n := range lists {
		if lists[n] = seek(lists[n], index); len(lists[n]) == 0 || lists[n][0] != index {
			return false
		}
	}
	return true
}

// seek returns the part of a list from an index on. It is a galloping search: the closer the index is to the beginning, the
// fewer steps it takes.
func seek(list []int, index int) []int {
	step := 1
	for step < len(list) && list[step] < index {
		step *= 2
	}
	list = list[step/2:]
	n, _ := slices.BinarySearch(list[:min(step+1, len(list))], index)
	return list[n:]
}

// update changes the values of an instance from before to next.
func (p *postings) update(index int, before, next []string) {
	for _, value := range before {
		if n, found := slices.BinarySearch(p.lists[value], index); found && !slices.Contains(next, value) {
			if p.lists[value] = slices.Delete(p.lists[value], n, n+1); len(p.lists[value]) == 0 {
				delete(p.lists, value)
			}
		}
	}
	for _, value := range next {
		if n, found := slices.BinarySearch(p.lists[value], index); !found {
			p.lists[value] = slices.Insert(p.lists[value], n, index)
		}
	}
}

// union returns the indexes of the instances that meet a condition: none if prepare has not indexed the facet. x.mu is held.
func (x *instanceIndex) union(c condition) []int {
	p := x.facets[c.facet]
	switch {
	case p == nil:
		return nil
	case len(c.oneOf) == 1:
		return p.lists[c.oneOf[0]]
	}
	var all []int
	for _, value := range c.oneOf {
		all = append(all, p.lists[value]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
