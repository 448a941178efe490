package lab

import (
	"iter"

	"muster/pkg/assist"
)

// result is one task of an invocation, or an earlier run of one.
type result struct {
	record
	index int
	task  *task
}

// wanted judges by what concerns one instance alone.
func (item result) wanted(r *assist.DescribeInvocationResultsRequest) bool {
	t := item.task
	return !t.Lost && orAny(t.InstanceId, r.InstanceId) && sameStatus(r.InvokeRecordStatus, string(t.Status), t.Status.OlderRecord())
}

// results is how many results an invocation has on an instance that it was sent to, or on all.
func (e *entry) results(instanceID string) int {
	if instanceID != "" {
		return 1
	}
	return len(e.tasks)
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
		Until: c.until(r.Action()),
	}
	total := unknown
	if r.InvokeRecordStatus == "" && !r.IncludeHistory {
		_, total = filter.count(c.store)
	}
	var results iter.Seq2[place, result] = func(yield func(place, result) bool) {
		skip := p.past(total)
		for e := range filter.find(c.store, p.beforeNext()) {
			if n := e.results(r.InstanceId); skip >= n {
				skip -= n
				continue
			}
			inv := c.store.read(e)
			for i, t := range inv.Tasks {
				at, item := place{inv.Sequence, i}, result{inv, i, t}
				if p.passed(at) || !item.wanted(r) {
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
	inside := &response.Invocation
	var items []result
	items, inside.Paged = take(p, total, results)
	encoding := assist.Encoding(r.ContentEncoding, assist.Base64)
	inside.InvocationResults.InvocationResult = make([]assist.InvocationResult, 0, len(items))
	for _, item := range items {
		inside.InvocationResults.InvocationResult = append(inside.InvocationResults.InvocationResult, c.showResult(item, encoding))
	}
	return response, nil
}

func (c call) showResult(item result, encoding string) assist.InvocationResult {
	t := item.task
	kept, dropped := c.agents.outputOf(item.invocation, item.index, t)
	shown := assist.InvocationResult{
		CommandId: item.Command.CommandId, InvokeId: item.InvokeId, InstanceId: t.InstanceId,
		InvocationStatus: string(t.Status), InvokeRecordStatus: t.Status.OlderRecord(),
		ExitCode: t.ExitCode, Output: assist.EncodeContent(kept, encoding), Dropped: dropped, Repeats: t.Repeats,
		StartTime: assist.FormatTime(t.Started), FinishedTime: assist.FormatTime(t.Finished), StopTime: assist.FormatTime(t.Stopped),
		ErrorCode: t.ErrorCode, ErrorInfo: t.ErrorInfo, Username: item.Username, ContainerId: item.ContainerId,
		ContainerName: item.ContainerName, TerminationMode: item.TerminationMode, Launcher: item.Launcher,
		OssOutputDelivery: item.OssOutputDelivery,
	}
	shown.Tags.Tag = item.Tags
	return shown
}
