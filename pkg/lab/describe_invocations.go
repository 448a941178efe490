package lab

import (
	"cmp"
	"encoding/json"
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
		return nil, missingParameter("InvokeId")
	}
	filter := invocationFilter{
		InvokeId: r.InvokeId, CommandId: r.CommandId, CommandName: r.CommandName, InstanceId: r.InstanceId,
		ResourceGroupId: r.ResourceGroupId, Tag: r.Tag, Until: c.until(r.Action()),
	}
	if r.InstanceId != "" {
		filter.CommandName = ""
	}
	var invocations iter.Seq2[place, record] = func(yield func(place, record) bool) {
		for inv := range filter.find(c.store, p.before()) {
			if wantsInvocation(r, inv) && !yield(place{Sequence: inv.Sequence}, inv) {
				return
			}
		}
	}
	response := new(assist.DescribeInvocationsResponse)
	var items []record
	items, response.Paged = take(p, invocations)
	for _, inv := range items {
		response.Invocations.Invocation = append(response.Invocations.Invocation, c.showInvocation(inv, r))
	}
	return response, nil
}

// wantsInvocation judges by what is in no index. Without Timed, all are shown: the documents call false the default, but
// their own example asks without it and is shown both.
func wantsInvocation(r *assist.DescribeInvocationsRequest, inv record) bool {
	newer, older := inv.status()
	periodic := inv.repeats() && !assist.ParseStatus(newer).Terminal()
	return orAny(inv.Command.Type, cmp.Or(r.CommandType, r.Type)) &&
		sameStatus(r.InvokeStatus, newer, older) &&
		(r.InstanceId != "" || r.RepeatMode == "" || strings.EqualFold(r.RepeatMode, inv.RepeatMode)) &&
		(r.Timed == nil || *r.Timed == periodic)
}

func (c call) showInvocation(inv record, r *assist.DescribeInvocationsRequest) assist.Invocation {
	encoding := assist.Encoding(r.ContentEncoding, assist.Base64)
	newer, older := inv.status()
	shown := assist.Invocation{
		InvokeId: inv.InvokeId, CommandId: inv.Command.CommandId, CommandName: inv.Command.Name, CommandType: inv.Command.Type,
		CommandDescription: inv.Command.Description, CommandContent: assist.EncodeContent(inv.Command.Content, encoding),
		Parameters: "{}", Frequency: inv.FrequencyText, RepeatMode: inv.RepeatMode, Timed: inv.repeats(), Timeout: inv.Timeout, WorkingDir: inv.WorkingDir,
		Username: inv.Username, ContainerId: inv.ContainerId, ContainerName: inv.ContainerName,
		TerminationMode: inv.TerminationMode, Launcher: inv.Launcher, OssOutputDelivery: inv.OssOutputDelivery,
		CreationTime: assist.FormatTime(inv.Created), InvokeStatus: older, InvocationStatus: newer,
	}
	if text, err := json.Marshal(inv.Parameters); err == nil && len(inv.Parameters) > 0 {
		shown.Parameters = string(text)
	}
	shown.Tags.Tag = inv.Tags
	for i, t := range inv.Tasks {
		if r.InstanceId != "" && t.InstanceId != r.InstanceId {
			continue
		}
		instance := showTask(t)
		instance.Timed = shown.Timed
		if r.IncludeOutput {
			kept, dropped := c.agents.outputOf(inv.invocation, i, t)
			instance.Output, instance.Dropped = assist.EncodeContent(kept, encoding), dropped
		}
		shown.InvokeInstances.InvokeInstance = append(shown.InvokeInstances.InvokeInstance, instance)
	}
	return shown
}

func showTask(t *task) assist.InvokeInstance {
	return assist.InvokeInstance{
		InstanceId: t.InstanceId, InstanceInvokeStatus: t.Status.OlderInstance(), InvocationStatus: string(t.Status),
		ExitCode: t.ExitCode, ErrorCode: t.ErrorCode, ErrorInfo: t.ErrorInfo, Dropped: t.Dropped, Repeats: t.Repeats,
		CreationTime: assist.FormatTime(t.Created), StartTime: assist.FormatTime(t.Started),
		FinishTime: assist.FormatTime(t.Finished), StopTime: assist.FormatTime(t.Stopped), UpdateTime: assist.FormatTime(t.Updated),
	}
}
