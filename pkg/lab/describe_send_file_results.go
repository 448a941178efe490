package lab

import (
	"iter"
	"strconv"

	"muster/pkg/assist"
)

func describeSendFileResults(c call, r *assist.DescribeSendFileResultsRequest) (*assist.DescribeSendFileResultsResponse, error) {
	p, err := readPage("files", r.Page, c.limits.PageSize)
	if err != nil {
		return nil, err
	}
	if err := checkStatusFilter("InvocationStatus", r.InvocationStatus); err != nil {
		return nil, err
	}
	var files iter.Seq2[position, fileRecord] = func(yield func(position, fileRecord) bool) {
		for sent := range c.files.newest(p.before()) {
			if matchesFile(r, sent) && !yield(position{Sequence: sent.Sequence}, sent) {
				return
			}
		}
	}
	response := new(assist.DescribeSendFileResultsResponse)
	var items []fileRecord
	items, response.Paged = paginate(p, unknown, files)
	for _, sent := range items {
		response.Invocations.Invocation = append(response.Invocations.Invocation, apiFile(sent, r.InstanceId))
	}
	return response, nil
}

// matchesFile reports whether a sent file matches all filters.
func matchesFile(r *assist.DescribeSendFileResultsRequest, sent fileRecord) bool {
	status := string(sent.status())
	return matchesFilter(sent.InvokeId, r.InvokeId) &&
		matchesFilter(sent.Name, r.Name) &&
		matchesFilter(sent.ResourceGroupId, r.ResourceGroupId) &&
		(r.InstanceId == "" || isOn(sent.Tasks, r.InstanceId)) &&
		matchesStatus(r.InvocationStatus, status, status) &&
		hasTags(sent.Tags, r.Tag)
}

// status returns the combined status of all instances.
func (r fileRecord) status() assist.Status {
	all := make([]assist.Status, len(r.Tasks))
	for i, t := range r.Tasks {
		all[i] = t.Status
	}
	return assist.Aggregate(all...)
}

// apiFile returns a sent file as DescribeSendFileResults shows it, with one instance, or with all if instanceID is empty.
func apiFile(sent fileRecord, instanceID string) assist.FileInvocation {
	converted := assist.FileInvocation{
		InvokeId: sent.InvokeId, Name: sent.Name, TargetDir: sent.TargetDir, Content: sent.Text, ContentType: sent.ContentType,
		FileOwner: sent.FileOwner, FileGroup: sent.FileGroup, FileMode: sent.FileMode, Overwrite: strconv.FormatBool(sent.Overwrite),
		Description: sent.Description, CreationTime: assist.FormatTime(sent.Created), VmCount: int64(len(sent.Tasks)),
		InvocationStatus: string(sent.status()),
	}
	converted.Tags.Tag = sent.Tags
	for _, t := range sent.Tasks {
		if matchesFilter(t.InstanceId, instanceID) {
			converted.InvokeInstances.InvokeInstance = append(converted.InvokeInstances.InvokeInstance, assist.FileInstance{
				InstanceId: t.InstanceId, InvocationStatus: string(t.Status), ErrorCode: t.ErrorCode, ErrorInfo: t.ErrorInfo,
				CreationTime: assist.FormatTime(t.Created), StartTime: assist.FormatTime(t.Started),
				FinishTime: assist.FormatTime(t.Finished), UpdateTime: assist.FormatTime(t.Updated),
			})
		}
	}
	return converted
}
