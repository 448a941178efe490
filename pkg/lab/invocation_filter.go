package lab

import (
	"iter"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
)

// invocationFilter is what DescribeInvocations and DescribeInvocationResults ask for alike.
type invocationFilter struct {
	InvokeId, CommandId, CommandName, InstanceId, ResourceGroupId string
	Tag                                                           []assist.Tag
	Until                                                         time.Time // none that are newer; zero is any
}

// find gives what matches from before a place, newest first, by the shortest list that there is.
func (f invocationFilter) find(s *store, before uint64) iter.Seq[*entry] {
	return func(yield func(*entry) bool) {
		for e := range f.candidates(s, before) {
			if f.matches(s, e) && !yield(e) {
				return
			}
		}
	}
}

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

func (f invocationFilter) lists() []indexKey {
	var lists []indexKey
	for _, list := range []indexKey{{byCommandID, f.CommandId}, {byCommandName, f.CommandName}, {byInstanceID, f.InstanceId}} {
		if list.value != "" {
			lists = append(lists, list)
		}
	}
	return lists
}

// count tells how many invocations and how many results there are, if all of one list are wanted, and else that this is
// unknown.
func (f invocationFilter) count(s *store) (invocations, results int) {
	lists := f.lists()
	if f.InvokeId != "" || f.ResourceGroupId != "" || len(f.Tag) > 0 || !f.Until.IsZero() || len(lists) > 1 {
		return unknown, unknown
	}
	return s.count(append(lists, indexKey{byNothing, ""})[0])
}

func (f invocationFilter) matches(s *store, e *entry) bool {
	return matchesFilter(e.Command.CommandId, f.CommandId) &&
		matchesFilter(e.Command.Name, f.CommandName) &&
		matchesFilter(e.ResourceGroupId, f.ResourceGroupId) &&
		hasTags(e.Tags, f.Tag) && (f.Until.IsZero() || !e.Created.After(f.Until)) &&
		(f.InstanceId == "" || s.isOn(e, f.InstanceId))
}

// until is how new an invocation may be to be shown in a list.
func (c call) visibleUntil(action string) time.Time {
	if armed := c.faults.trigger(action, faultHideRecent); armed != nil {
		return c.clock.Now().Add(-armed.delay)
	}
	return time.Time{}
}

// isOn tells whether one of an invocation's tasks is an instance's.
func isOn(tasks []*task, instanceID string) bool {
	return slices.ContainsFunc(tasks, func(t *task) bool { return t.InstanceId == instanceID })
}

// checkStatusFilter refuses what is no state's name in either generation.
func checkStatusFilter(name, value string) error {
	if value == "" || assist.ParseStatus(value) != "" {
		return nil
	}
	return assist.InvalidParameter("InvalidParameter."+name, name, value)
}

// sameStatus compares a filter with the words of both generations.
func matchesStatus(filter, newer, older string) bool {
	return filter == "" || strings.EqualFold(filter, newer) || strings.EqualFold(filter, older)
}
