package lab

import (
	"iter"
	"slices"
	"sync"

	"muster/pkg/assist"
)

// inventory finds ECS instances by filters, at the cost of what the narrowest filter finds. A facet of the instances, such as their
// zone, is indexed when it is first asked for and kept up to date from then on. All lists have indexes in the fleet, in ascending
// order. The zero inventory is empty.
type instanceIndex struct {
	mu        sync.RWMutex
	instances []*Instance // as they are now; nil for managed instances
	everyone  []int
	facets    map[string]*postings
	names     *nameIndex // nil until it is asked for, and after a name has changed
}

// search is what instances are looked for by: all conditions must hold, the name must match and wanted must report true.
type search struct {
	conditions []condition
	name       string               // a pattern with *; empty for any name
	wanted     func(*Instance) bool // nil for any instance
}

// condition holds for instances that have one of the values in a facet.
type condition struct {
	facet  string
	oneOf  []string
	values func(*Instance) []string // an instance's values in the facet
}

// postings lists the instances with each value of a facet.
type postings struct {
	values func(*Instance) []string
	lists  map[string][]int
}

// add appends an instance and returns its index. All are added before the first search.
func (v *instanceIndex) add(it *Instance) int {
	index := len(v.instances)
	if it.Managed != nil {
		it = nil
	} else {
		v.everyone = append(v.everyone, index)
	}
	v.instances = append(v.instances, it)
	return index
}

// replace updates the inventory after an instance has changed.
func (v *instanceIndex) replace(index int, next *Instance) {
	v.mu.Lock()
	defer v.mu.Unlock()
	before := v.instances[index]
	if before == nil {
		return
	}
	v.instances[index] = next
	for _, p := range v.facets {
		p.move(index, p.values(before), p.values(next))
	}
	if before.InstanceName != next.InstanceName {
		v.names = nil
	}
}

// page returns a page of the instances that s finds. If among is not nil, it finds only instances in among.
func (v *instanceIndex) page(p page, s search, among []int) ([]*Instance, assist.Paged) {
	v.prepare(s)
	v.mu.RLock()
	defer v.mu.RUnlock()
	first := 0
	if p.after != nil {
		first = min(p.after.Index, len(v.instances)) + 1
	}
	lists := v.lists(s, among, first)
	total := unknown
	if len(lists) == 1 && s.name == "" && s.wanted == nil {
		total = len(lists[0])
		lists[0] = lists[0][p.offset(total):]
	}
	return paginate(p, total, v.common(lists, s))
}

// prepare indexes the facets of a search that are not indexed yet. It stops at a condition that nothing meets, so that requests
// for what does not exist add no facets.
func (v *instanceIndex) prepare(s search) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range s.conditions {
		p := v.facets[c.facet]
		if p == nil {
			p = &postings{c.values, map[string][]int{}}
			for _, index := range v.everyone {
				p.move(index, nil, c.values(v.instances[index]))
			}
			if v.facets == nil {
				v.facets = map[string]*postings{}
			}
			v.facets[c.facet] = p
		}
		if len(v.union(c)) == 0 {
			return
		}
	}
	if s.name != "" && v.names == nil {
		v.names = newNameIndex(v.everyone, v.instances)
	}
}

// lists returns lists that have everything in common that s finds from the index first on, the shortest one first. v.mu is held.
func (v *instanceIndex) lists(s search, among []int, first int) [][]int {
	var lists [][]int
	if among != nil {
		lists = append(lists, from(among, first))
	}
	for _, c := range s.conditions {
		lists = append(lists, from(v.union(c), first))
	}
	if len(lists) == 0 {
		lists = append(lists, from(v.everyone, first))
	}
	slices.SortFunc(lists, func(a, b []int) int { return len(a) - len(b) })
	if s.name != "" && v.names != nil {
		if named := v.names.find(s.name); len(named) < len(lists[0]) {
			lists = slices.Insert(lists, 0, inOrder(named, first, len(v.instances)))
		}
	}
	return lists
}

// common yields what is in all of the lists, as far as s finds it. v.mu is held.
func (v *instanceIndex) common(lists [][]int, s search) iter.Seq2[position, *Instance] {
	return func(yield func(position, *Instance) bool) {
		for _, index := range lists[0] {
			it := v.instances[index]
			if inAll(lists[1:], index) && (s.name == "" || matchesPattern(it.InstanceName, s.name)) && (s.wanted == nil || s.wanted(it)) &&
				!yield(position{Index: index}, it) {
				return
			}
		}
	}
}

// inAll reports whether all lists have an index, and drops from them what comes before it.
func inAll(lists [][]int, index int) bool {
	for n := range lists {
		if lists[n] = from(lists[n], index); len(lists[n]) == 0 || lists[n][0] != index {
			return false
		}
	}
	return true
}

// from returns the part of a list from an index on. It takes fewer steps the closer to the beginning that is.
func from(list []int, index int) []int {
	step := 1
	for step < len(list) && list[step] < index {
		step *= 2
	}
	list = list[step/2:]
	n, _ := slices.BinarySearch(list[:min(step+1, len(list))], index)
	return list[n:]
}

// move changes the values of an instance.
func (p *postings) move(index int, before, next []string) {
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

// union returns the instances that meet a condition. None do in a facet that prepare left out. v.mu is held.
func (v *instanceIndex) union(c condition) []int {
	p := v.facets[c.facet]
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
