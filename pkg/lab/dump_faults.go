package lab

import (
	"slices"
	"strconv"
)

// dump returns the faults that are still to occur. Faults of instances are those that were assigned to them; what took an
// instance offline is not needed again.
func (f *faults) dump(known func(instanceID string) bool) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var left []Fault
	for _, a := range f.armed {
		switch {
		case a.target() == targetInstance:
		case a.Times == 0:
			left = append(left, a.Fault)
		case a.left > 0:
			left = appendTimes(left, a.Fault, a.left)
		}
	}
	for _, id := range keysOf(f.instances) {
		a := f.instances[id]
		if !known(id) || a.kind == faultOffline && a.sent >= a.nth {
			continue
		}
		fault := Fault{Action: id, Code: a.Code}
		if a.kind == faultOffline {
			fault.Detail = strconv.Itoa(a.nth - a.sent)
		}
		left = append(left, fault)
	}
	var texts []string
	for _, fault := range left {
		texts = append(texts, fault.String())
	}
	return texts
}

// appendTimes adds a fault that occurs a number of times. Faults that have become the same are added up.
func appendTimes(list []Fault, f Fault, times int) []Fault {
	same := slices.IndexFunc(list, func(other Fault) bool {
		return other.Times > 0 && other.Action == f.Action && other.Code == f.Code && other.Detail == f.Detail && other.Share == f.Share
	})
	if same >= 0 {
		list[same].Times += times
		return list
	}
	f.Times = times
	return append(list, f)
}
