package lab

import (
	"cmp"
	"iter"
	"strings"

	"muster/pkg/assist"
)

func describeInvocations(c call, r *assist.DescribeInvocationsRequest) (*assist.DescribeInvocationsResponse, error) {
	p, err := readPage("invocations", r.Page, c.limits.PageSize)
	if err != nil {
		return nil, err
	}
	if err := checkStatusFilter("InvokeStatus", r.InvokeStatus); err != nil {
		return nil, err
	}
	if r.IncludeOutput && r.InvokeId == "" && r.InstanceId == "" {
		return nil, assist.MissingParameter("InvokeId")
	}
	filter := invocationFilter{
		InvokeId: r.InvokeId, CommandId: r.CommandId, CommandName: r.CommandName, InstanceId: r.InstanceId,
		ResourceGroupId: r.ResourceGroupId, Tag: r.Tag, Until: c.visibleUntil(r.Action()),
	}
	if r.InstanceId != "" {
		filter.CommandName = ""
	}
	wants := invocationMatcher(r)
	total := unknown
	if wants == nil {
		wants = func(*invocation, sum) bool { return true }
		total, _ = filter.count(c.store)
	}
	var invocations iter.Seq2[position, record] = func(yield func(position, record) bool) {
		skip := p.offset(total)
		for e := range filter.find(c.store, p.before()) {
			if skip > 0 {
				skip--
				continue
			}
			if inv, wanted := c.store.readIf(e, wants); wanted && !yield(position{Sequence: inv.Sequence}, inv) {
				return
			}
		}
	}
	response := new(assist.DescribeInvocationsResponse)
	var items []record
	items, response.Paged = paginate(p, total, invocations)
	show := invocationBuilder{call: c, request: r}
	tasks := 0
	for _, inv := range items {
		tasks += len(inv.Tasks)
	}
	show.room = c.buffers.borrow(tasks, c.reply)
	response.Invocations.Invocation = make([]assist.Invocation, 0, len(items))
	for _, inv := range items {
		response.Invocations.Invocation = append(response.Invocations.Invocation, show.invocation(inv))
	}
	return response, nil
}

// invocationWanted judges by what is in no index; it is nil where there is nothing to judge. Without Timed, all are shown:
// the documents call false the default, but their own example asks without it and is shown both.
func invocationMatcher(r *assist.DescribeInvocationsRequest) func(*invocation, sum) bool {
	kind, mode := cmp.Or(r.CommandType, r.Type), r.RepeatMode
	if r.InstanceId != "" {
		mode = ""
	}
	if kind == "" && mode == "" && r.InvokeStatus == "" && r.Timed == nil {
		return nil
	}
	return func(inv *invocation, is sum) bool {
		periodic := inv.repeats() && !assist.ParseStatus(is.newer).Terminal()
		return matchesFilter(inv.Command.Type, kind) && matchesStatus(r.InvokeStatus, is.newer, is.older) &&
			(mode == "" || strings.EqualFold(mode, inv.RepeatMode)) && (r.Timed == nil || *r.Timed == periodic)
	}
}

// invocationShow makes an answer's invocations.
type invocationBuilder struct {
	call
	request *assist.DescribeInvocationsRequest
	times   timeFormatter
	room    []assist.InvokeInstance // what is left of it
}

func (s *invocationBuilder) invocation(inv record) assist.Invocation {
	c, r := s.call, s.request
	encoding := assist.Encoding(r.ContentEncoding, assist.Base64)
	shown := assist.Invocation{
		InvokeId: inv.InvokeId, CommandId: inv.Command.CommandId, CommandName: inv.Command.Name, CommandType: inv.Command.Type,
		CommandDescription: inv.Command.Description, CommandContent: assist.EncodeContent(inv.Command.Content, encoding),
		Parameters: assist.JSONMap(inv.Parameters).Text(), Frequency: inv.FrequencyText, RepeatMode: inv.RepeatMode,
		Timed: inv.repeats(), Timeout: inv.Timeout, WorkingDir: inv.WorkingDir, Username: inv.Username, ContainerId: inv.ContainerId, ContainerName: inv.ContainerName,
		TerminationMode: inv.TerminationMode, Launcher: inv.Launcher, OssOutputDelivery: inv.OssOutputDelivery,
		CreationTime: s.times.format(inv.Created), InvokeStatus: inv.sum.older, InvocationStatus: inv.sum.newer,
	}
	shown.Tags.Tag = inv.Tags
	n := len(inv.Tasks)
	shown.InvokeInstances.InvokeInstance, s.room = s.room[:0:n], s.room[n:]
	for i, t := range inv.Tasks {
		if r.InstanceId != "" && t.InstanceId != r.InstanceId {
			continue
		}
		instance := s.task(t)
		instance.Timed = shown.Timed
		if r.IncludeOutput {
			kept, dropped := c.agents.outputOf(inv.invocation, i, t)
			instance.Output, instance.Dropped = assist.EncodeContent(kept, encoding), dropped
		}
		shown.InvokeInstances.InvokeInstance = append(shown.InvokeInstances.InvokeInstance, instance)
	}
	return shown
}

func (s *invocationBuilder) task(t *task) assist.InvokeInstance {
	return assist.InvokeInstance{
		InstanceId: t.InstanceId, InstanceInvokeStatus: t.Status.OlderInstance(), InvocationStatus: string(t.Status),
		ExitCode: t.ExitCode, ErrorCode: t.ErrorCode, ErrorInfo: t.ErrorInfo, Dropped: t.Dropped, Repeats: t.Repeats,
		CreationTime: s.times.format(t.Created), StartTime: s.times.format(t.Started),
		FinishTime: s.times.format(t.Finished), StopTime: s.times.format(t.Stopped), UpdateTime: s.times.format(t.Updated),
	}
}
