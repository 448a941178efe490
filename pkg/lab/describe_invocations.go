package lab

import (
	"cmp"
	"iter"
	"strings"
	"sync"

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
		ResourceGroupId: r.ResourceGroupId, Tag: r.Tag, Until: visibleUntil(c, r.Action()),
	}
	if r.InstanceId != "" {
		filter.CommandName = ""
	}
	matches := invocationMatcher(r)
	total := unknown
	if matches == nil {
		matches = func(*invocation, sum) bool { return true }
		total, _ = filter.count(c.store)
	}
	var invocations iter.Seq2[position, record] = func(yield func(position, record) bool) {
		skip := p.offset(total)
		for e := range filter.find(c.store, p.before()) {
			if skip > 0 {
				skip--
				continue
			}
			if inv, ok := c.store.readIf(e, matches); ok && !yield(position{Sequence: inv.Sequence}, inv) {
				return
			}
		}
	}
	response := new(assist.DescribeInvocationsResponse)
	var items []record
	items, response.Paged = paginate(p, total, invocations)
	build := invocationBuilder{call: c, request: r}
	tasks := 0
	for _, inv := range items {
		tasks += len(inv.Tasks)
	}
	build.buffer = c.buffers.borrow(tasks, c.reply)
	response.Invocations.Invocation = make([]assist.Invocation, 0, len(items))
	for _, inv := range items {
		response.Invocations.Invocation = append(response.Invocations.Invocation, build.invocation(inv))
	}
	return response, nil
}

// invocationMatcher returns a function for the filters that have no index, or nil if none is set. Without Timed, all invocations
// match: the API documents say that the default is false, but their example has no Timed and shows both kinds.
func invocationMatcher(r *assist.DescribeInvocationsRequest) func(*invocation, sum) bool {
	commandType, mode := cmp.Or(r.CommandType, r.Type), r.RepeatMode
	if r.InstanceId != "" {
		mode = ""
	}
	if commandType == "" && mode == "" && r.InvokeStatus == "" && r.Timed == nil {
		return nil
	}
	return func(inv *invocation, status sum) bool {
		periodic := inv.repeats() && !assist.ParseStatus(status.newer).Terminal()
		return matchesFilter(inv.Command.Type, commandType) && matchesStatus(r.InvokeStatus, status.newer, status.older) &&
			(mode == "" || strings.EqualFold(mode, inv.RepeatMode)) && (r.Timed == nil || *r.Timed == periodic)
	}
}

// invocationBuilder builds the invocations of a response.
type invocationBuilder struct {
	call
	request *assist.DescribeInvocationsRequest
	times   timeFormatter
	buffer  []assist.InvokeInstance // the unused rest
}

// invocation returns an invocation as DescribeInvocations shows it. Its instances use the buffer.
func (b *invocationBuilder) invocation(inv record) assist.Invocation {
	c, r := b.call, b.request
	encoding := assist.Encoding(r.ContentEncoding, assist.Base64)
	converted := assist.Invocation{
		InvokeId: inv.InvokeId, CommandId: inv.Command.CommandId, CommandName: inv.Command.Name, CommandType: inv.Command.Type,
		CommandDescription: inv.Command.Description, CommandContent: assist.EncodeContent(inv.Command.Content, encoding),
		Parameters: assist.JSONMap(inv.Parameters).Text(), Frequency: inv.FrequencyText, RepeatMode: inv.RepeatMode,
		Timed: inv.repeats(), Timeout: inv.Timeout, WorkingDir: inv.WorkingDir, Username: inv.Username, ContainerId: inv.ContainerId, ContainerName: inv.ContainerName,
		TerminationMode: inv.TerminationMode, Launcher: inv.Launcher, OssOutputDelivery: inv.OssOutputDelivery,
		CreationTime: b.times.format(inv.Created), InvokeStatus: inv.sum.older, InvocationStatus: inv.sum.newer,
	}
	converted.Tags.Tag = inv.Tags
	n := len(inv.Tasks)
	converted.InvokeInstances.InvokeInstance, b.buffer = b.buffer[:0:n], b.buffer[n:]
	for i, t := range inv.Tasks {
		if r.InstanceId != "" && t.InstanceId != r.InstanceId {
			continue
		}
		instance := b.instance(t)
		instance.Timed = converted.Timed
		if r.IncludeOutput {
			kept, dropped := c.agents.outputOf(inv.invocation, i, t)
			instance.Output, instance.Dropped = assist.EncodeContent(kept, encoding), dropped
		}
		converted.InvokeInstances.InvokeInstance = append(converted.InvokeInstances.InvokeInstance, instance)
	}
	return converted
}

func (b *invocationBuilder) instance(t *task) assist.InvokeInstance {
	return assist.InvokeInstance{
		InstanceId: t.InstanceId, InstanceInvokeStatus: t.Status.OlderInstance(), InvocationStatus: string(t.Status),
		ExitCode: t.ExitCode, ErrorCode: t.ErrorCode, ErrorInfo: t.ErrorInfo, Dropped: t.Dropped, Repeats: t.Repeats,
		CreationTime: b.times.format(t.Created), StartTime: b.times.format(t.Started),
		FinishTime: b.times.format(t.Finished), StopTime: b.times.format(t.Stopped), UpdateTime: b.times.format(t.Updated),
	}
}

// buffers pools the slices that DescribeInvocations builds its responses in. A page of invocations can have thousands of
// instances, which are garbage as soon as it has been sent. In a lab of 100,000 instances, collecting that garbage takes most of
// the time.
type buffers struct{ pool sync.Pool }

// borrow returns a slice of n instances with arbitrary content. It returns to the pool when the reply is released.
func (b *buffers) borrow(n int, until *reply) []assist.InvokeInstance {
	slice, _ := b.pool.Get().(*[]assist.InvokeInstance)
	if slice == nil || cap(*slice) < n {
		slice = new(make([]assist.InvokeInstance, n))
	}
	until.releases = append(until.releases, func() { b.pool.Put(slice) })
	return (*slice)[:n]
}
