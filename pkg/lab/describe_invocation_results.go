package lab

import (
	"cmp"
	"iter"
	"math"

	"muster/pkg/assist"
)

// result is a task of an invocation, or an earlier run of a task.
type result struct {
	record
	index int
	task  *task
}

// matches reports whether a result matches the filters that concern a single instance.
func (item result) matches(r *assist.DescribeInvocationResultsRequest) bool {
	t := item.task
	return !t.Lost && matchesFilter(t.InstanceId, r.InstanceId) && matchesResultStatus(r.InvokeRecordStatus, t.Status)
}

// matchesResultStatus reports whether a result's state matches a filter, which may be the newer or the older name of a state.
func matchesResultStatus(filter string, status assist.Status) bool {
	return matchesStatus(filter, string(status), status.OlderRecord())
}

// countResults returns the number of results with a state, or of all results if status is empty. It returns unknown if it would
// have to look at every result.
func (f invocationFilter) countResults(s *store, status string) int {
	_, total := f.count(s)
	switch {
	case total == unknown || status == "":
		return total
	case f.InstanceId != "":
		return unknown
	}
	total = 0
	for e := range f.find(s, math.MaxUint64) {
		total += s.resultsOf(e, "", status)
	}
	return total
}

func describeInvocationResults(c call, r *assist.DescribeInvocationResultsRequest) (*assist.DescribeInvocationResultsResponse, error) {
	list := "results"
	if r.IncludeHistory {
		list = "history"
	}
	p, err := readPage(list, r.Page, c.limits.PageSize)
	if err != nil {
		return nil, err
	}
	if err := checkStatusFilter("InvokeRecordStatus", r.InvokeRecordStatus); err != nil {
		return nil, err
	}
	filter := invocationFilter{
		InvokeId: r.InvokeId, CommandId: r.CommandId, InstanceId: r.InstanceId, ResourceGroupId: r.ResourceGroupId, Tag: r.Tag,
		Until: visibleUntil(c, r.Action()),
	}
	total := unknown
	if !r.IncludeHistory && p.number > 0 { // a page by token has no total
		total = filter.countResults(c.store, r.InvokeRecordStatus)
	}
	var results iter.Seq2[position, result] = func(yield func(position, result) bool) {
		skip := p.offset(total)
		for e := range filter.find(c.store, p.beforeOrAt()) {
			if n := c.store.resultsOf(e, r.InstanceId, r.InvokeRecordStatus); skip >= n {
				skip -= n
				continue
			}
			inv := c.store.read(e)
			for i, t := range inv.Tasks {
				at, item := position{inv.Sequence, i}, result{inv, i, t}
				if p.seen(at) || !item.matches(r) {
					continue
				}
				if skip > 0 {
					skip--
				} else if !yield(at, item) {
					return
				}
			}
		}
	}
	if r.IncludeHistory {
		if results, err = c.history(r, filter, p); err != nil {
			return nil, err
		}
	}
	response := new(assist.DescribeInvocationResultsResponse)
	wrapper := &response.Invocation
	var items []result
	items, wrapper.Paged = paginate(p, total, results)
	encoding := assist.Encoding(r.ContentEncoding, assist.Base64)
	wrapper.InvocationResults.InvocationResult = make([]assist.InvocationResult, 0, len(items))
	for _, item := range items {
		wrapper.InvocationResults.InvocationResult = append(wrapper.InvocationResults.InvocationResult, apiResult(c.agents, item, encoding))
	}
	return response, nil
}

// apiResult returns a result as DescribeInvocationResults shows it.
func apiResult(a *agents, item result, encoding string) assist.InvocationResult {
	t := item.task
	kept, dropped := a.outputOf(item.invocation, item.index, t)
	converted := assist.InvocationResult{
		CommandId: cmp.Or(t.CommandId, item.Command.CommandId), InvokeId: item.InvokeId, InstanceId: t.InstanceId,
		InvocationStatus: string(t.Status), InvokeRecordStatus: t.Status.OlderRecord(),
		ExitCode: t.ExitCode, Output: assist.EncodeContent(kept, encoding), Dropped: dropped, Repeats: t.Repeats,
		StartTime: assist.FormatTime(t.Started), FinishedTime: assist.FormatTime(t.Finished), StopTime: assist.FormatTime(t.Stopped),
		ErrorCode: t.ErrorCode, ErrorInfo: t.ErrorInfo, Username: item.Username, ContainerId: item.ContainerId,
		ContainerName: item.ContainerName, TerminationMode: item.TerminationMode, Launcher: item.Launcher,
		OssOutputDelivery: item.OssOutputDelivery,
	}
	converted.Tags.Tag = item.Tags
	return converted
}
