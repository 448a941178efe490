package lab

import (
	"iter"
	"net/http"
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

// find gives what may match from before a place, newest first, by the shortest list that there is.
func (f invocationFilter) find(s *store, before uint64) iter.Seq[record] {
	return func(yield func(record) bool) {
		for r := range f.candidates(s, before) {
			if f.wants(r) && !yield(r) {
				return
			}
		}
	}
}

func (f invocationFilter) candidates(s *store, before uint64) iter.Seq[record] {
	if f.InvokeId != "" {
		return func(yield func(record) bool) {
			if r, ok := s.invocation(f.InvokeId); ok && r.Sequence < before {
				yield(r)
			}
		}
	}
	var lists []indexKey
	for kind, value := range map[string]string{byCommandID: f.CommandId, byCommandName: f.CommandName, byInstanceID: f.InstanceId} {
		if value != "" {
			lists = append(lists, indexKey{kind, value})
		}
	}
	return s.newest(before, lists...)
}

func (f invocationFilter) wants(r record) bool {
	return orAny(r.Command.CommandId, f.CommandId) &&
		orAny(r.Command.Name, f.CommandName) &&
		orAny(r.ResourceGroupId, f.ResourceGroupId) &&
		(f.InstanceId == "" || r.has(f.InstanceId)) &&
		bears(r.Tags, f.Tag, orAny) && (f.Until.IsZero() || !r.Created.After(f.Until))
}

// until is how new an invocation may be to be shown in a list.
func (c call) until(action string) time.Time {
	if armed := c.faults.fire(action, hides); armed != nil {
		return c.clock.Now().Add(-armed.delay)
	}
	return time.Time{}
}

func (r record) has(instanceID string) bool {
	for _, t := range r.Tasks {
		if t.InstanceId == instanceID {
			return true
		}
	}
	return false
}

// status gives the sum of the tasks, in the API's newer and older words.
func (r record) status() (newer, older string) {
	all := make([]assist.Status, len(r.Tasks))
	for i, t := range r.Tasks {
		all[i] = t.Status
	}
	return string(assist.AddUp(all...)), assist.OlderInvocation(all...)
}

// checkStatusFilter refuses what is no state's name in either generation.
func checkStatusFilter(name, value string) error {
	if value == "" || assist.ParseStatus(value) != "" {
		return nil
	}
	return refusal(http.StatusBadRequest, "InvalidParameter."+name, "The specified parameter "+name+" is not valid: "+value+".")
}

// sameStatus compares a filter with the words of both generations.
func sameStatus(filter, newer, older string) bool {
	return filter == "" || strings.EqualFold(filter, newer) || strings.EqualFold(filter, older)
}
