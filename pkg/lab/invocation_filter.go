package lab

import (
	"iter"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
)

// invocationFilter has the filters that DescribeInvocations and DescribeInvocationResults share.
type invocationFilter struct {
	InvokeId, CommandId, CommandName, InstanceId, ResourceGroupId string
	Tag                                                           []assist.Tag
	Until                                                         time.Time // excludes newer invocations; zero: none
}

// find returns the matching invocations with a sequence number below before, newest first. It uses the shortest index.
func (f invocationFilter) find(s *store, before uint64) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for e := range f.candidates(s, before) {
			if f.matches(s, e) && !yield(e) {
				return
			}
		}
	}
}

// candidates returns a superset of what find returns.
func (f invocationFilter) candidates(s *store, before uint64) iter.Seq[*entry] {
	if f.InvokeId != "" {
		return func(yield func(*entry) bool) {
			if e := s.entry(f.InvokeId); e != nil && e.sequence < before {
				yield(e)
			}
		}
	}
	return s.newest(before, f.lists()...)
}

// lists returns the lists of indexes that contain all matching invocations.
func (f invocationFilter) lists() []indexKey {
	var lists []indexKey
	for _, list := range []indexKey{{byCommandID, f.CommandId}, {byCommandName, f.CommandName}, {byInstanceID, f.InstanceId}} {
		if list.value != "" {
			lists = append(lists, list)
		}
	}
	return lists
}

// count returns the number of matching invocations and of their results if the filter selects exactly one list. Otherwise both are
// unknown.
func (f invocationFilter) count(s *store) (invocations, results int) {
	lists := f.lists()
	if f.InvokeId != "" || f.ResourceGroupId != "" || len(f.Tag) > 0 || !f.Until.IsZero() || len(lists) > 1 {
		return unknown, unknown
	}
	return s.count(append(lists, indexKey{byNothing, ""})[0])
}

// matches reports whether an invocation matches all filters.
func (f invocationFilter) matches(s *store, e *entry) bool {
	return matchesFilter(e.Command.CommandId, f.CommandId) &&
		matchesFilter(e.Command.Name, f.CommandName) &&
		matchesFilter(e.ResourceGroupId, f.ResourceGroupId) &&
		hasTags(e.Tags, f.Tag) && (f.Until.IsZero() || !e.Created.After(f.Until)) &&
		(f.InstanceId == "" || s.isOn(e, f.InstanceId))
}

// visibleUntil returns the creation time up to which a list shows invocations, as a fault may demand. Zero means no limit.
func visibleUntil(c call, action string) time.Time {
	if armed := c.faults.trigger(action, faultStale); armed != nil {
		return c.clock.Now().Add(-armed.delay)
	}
	return time.Time{}
}

// isOn reports whether one of the tasks is on an instance.
func isOn(tasks []*task, instanceID string) bool {
	return slices.ContainsFunc(tasks, func(t *task) bool { return t.InstanceId == instanceID })
}

// checkStatusFilter refuses a value that is neither a newer nor an older name of a state.
func checkStatusFilter(name, value string) error {
	if value == "" || assist.ParseStatus(value) != "" {
		return nil
	}
	return assist.InvalidParameter("InvalidParameter."+name, name, value)
}

// matchesStatus reports whether a filter is empty or one of the two names of a state, in any letter case.
func matchesStatus(filter, newer, older string) bool {
	return filter == "" || strings.EqualFold(filter, newer) || strings.EqualFold(filter, older)
}
