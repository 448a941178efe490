package fleet

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"muster/pkg/assist"
	"muster/pkg/sleep"
)

// service simulates Cloud Assistant in synthetic time, so that nothing can really run: each instance ends after a time of its
// own. All other tests use the lab.
type service struct {
	prefix      string // of its invocations' ids
	leak        string // a text in outputs and in reasons
	mu          sync.Mutex
	calls       map[string]int
	invocations []*sentInvocation
	byToken     map[string]*sentInvocation
	byID        map[string]*sentInvocation

	takes   func(instance string) time.Duration // the duration of the script on an instance
	end     func(instance string) (assist.Status, int64)
	refuse  func(ids []string) error
	latency time.Duration
	stale   time.Duration // how long a new invocation is not listed
	lose    map[string]bool
	ended   map[string]time.Time // invocations that were stopped
	tagged  []string             // the instances with the tags of a call
	every   time.Duration        // invocations are periodic, and run this often for a second
	stopped time.Time            // when periodic invocations were stopped
	asked   []assist.DescribeInvocationResultsRequest
	stops   []assist.StopInvocationRequest
	deliver Delivery                                                                // of every output
	names   map[string]string                                                       // of instances, by their ids
	unnamed error                                                                   // the error of requests for names
	wrote   func(instance string, ran time.Duration) (output string, dropped int64) // nil: a line when it has ended
}

type sentInvocation struct {
	id, name, commandID string
	at                  time.Time
	instances           []string
}

func newService() *service {
	return &service{
		calls: map[string]int{}, byToken: map[string]*sentInvocation{}, byID: map[string]*sentInvocation{}, lose: map[string]bool{}, ended: map[string]time.Time{},
		takes: func(string) time.Duration { return time.Second },
		end:   func(string) (assist.Status, int64) { return assist.StatusSuccess, 0 },
	}
}

func (s *service) arrive(ctx context.Context, action string) error {
	if s.latency > 0 {
		if err := sleep.For(ctx, s.latency); err != nil {
			return err
		}
	}
	s.mu.Lock()
	s.calls[action]++
	s.mu.Unlock()
	return ctx.Err()
}

func (s *service) submit(token, name, commandID string, ids []string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sent := s.byToken[token]; sent != nil {
		return sent.id, nil
	}
	if s.refuse != nil {
		if err := s.refuse(ids); err != nil {
			return "", err
		}
	}
	sent := &sentInvocation{
		id: fmt.Sprintf("t-%s%04d", s.prefix, len(s.invocations)+1), name: name, commandID: commandID, at: time.Now(), instances: slices.Clone(ids),
	}
	s.invocations = append(s.invocations, sent)
	s.byToken[token], s.byID[sent.id] = sent, sent
	return sent.id, nil
}

func (s *service) RunCommand(ctx context.Context, r *assist.RunCommandRequest) (*assist.RunCommandResponse, error) {
	if err := s.arrive(ctx, "RunCommand"); err != nil {
		return nil, err
	}
	ids := r.InstanceId
	if len(r.ResourceTag) > 0 {
		ids = s.tagged
	}
	id, err := s.submit(r.ClientToken, r.Name, "", ids)
	if err != nil {
		return nil, err
	}
	return &assist.RunCommandResponse{InvokeId: id, CommandId: "c-" + id}, nil
}

func (s *service) InvokeCommand(ctx context.Context, r *assist.InvokeCommandRequest) (*assist.InvokeCommandResponse, error) {
	if err := s.arrive(ctx, "InvokeCommand"); err != nil {
		return nil, err
	}
	id, err := s.submit(r.ClientToken, "", r.CommandId, r.InstanceId)
	if err != nil {
		return nil, err
	}
	return &assist.InvokeCommandResponse{InvokeId: id}, nil
}

func (s *service) SendFile(ctx context.Context, r *assist.SendFileRequest) (*assist.SendFileResponse, error) {
	if err := s.arrive(ctx, "SendFile"); err != nil {
		return nil, err
	}
	id, err := s.submit(r.ClientToken, r.Name, "", r.InstanceId)
	if err != nil {
		return nil, err
	}
	return &assist.SendFileResponse{InvokeId: id}, nil
}

func (s *service) StopInvocation(ctx context.Context, r *assist.StopInvocationRequest) (*assist.StopInvocationResponse, error) {
	if err := s.arrive(ctx, "StopInvocation"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended[r.InvokeId] = time.Now()
	s.stops = append(s.stops, *r)
	return new(assist.StopInvocationResponse), nil
}

func (s *service) DescribeSendFileResults(ctx context.Context, r *assist.DescribeSendFileResultsRequest) (*assist.DescribeSendFileResultsResponse, error) {
	if err := s.arrive(ctx, "DescribeSendFileResults"); err != nil {
		return nil, err
	}
	answer := new(assist.DescribeSendFileResultsResponse)
	page, next := s.page(assist.DescribeInvocationsRequest{InvokeId: r.InvokeId, CommandName: r.Name, Page: r.Page})
	answer.NextToken = next
	for _, described := range page {
		file := assist.FileInvocation{
			InvokeId: described.InvokeId, Name: described.CommandName, InvocationStatus: described.InvocationStatus, CreationTime: described.CreationTime,
		}
		for _, i := range described.InvokeInstances.InvokeInstance {
			file.InvokeInstances.InvokeInstance = append(file.InvokeInstances.InvokeInstance,
				assist.FileInstance{InstanceId: i.InstanceId, InvocationStatus: i.InvocationStatus})
		}
		answer.Invocations.Invocation = append(answer.Invocations.Invocation, file)
	}
	return answer, nil
}

func (s *service) status(i *sentInvocation, instance string) (status assist.Status, exit int64) {
	takes := s.takes(instance)
	if ended, ok := s.ended[i.id]; ok && ended.Sub(i.at) < takes {
		return assist.StatusTerminated, 0
	}
	if time.Since(i.at) < takes {
		return assist.StatusRunning, 0
	}
	return s.end(instance)
}

func (s *service) DescribeInvocations(ctx context.Context, r *assist.DescribeInvocationsRequest) (*assist.DescribeInvocationsResponse, error) {
	if err := s.arrive(ctx, "DescribeInvocations"); err != nil {
		return nil, err
	}
	answer := new(assist.DescribeInvocationsResponse)
	answer.Invocations.Invocation, answer.NextToken = s.page(*r)
	return answer, nil
}

func (s *service) page(r assist.DescribeInvocationsRequest) (page []assist.Invocation, next string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*sentInvocation
	for _, sent := range slices.Backward(s.invocations) {
		if time.Since(sent.at) < s.stale ||
			r.InvokeId != "" && sent.id != r.InvokeId ||
			r.CommandName != "" && sent.name != r.CommandName ||
			r.CommandId != "" && sent.commandID != r.CommandId {
			continue
		}
		all = append(all, sent)
	}
	offset, _ := strconv.Atoi(r.NextToken)
	end := min(offset+int(r.MaxResults), len(all))
	for _, sent := range all[min(offset, end):end] {
		page = append(page, s.describe(sent))
	}
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return page, next
}

// describePeriodic makes the instances wait most of the time, and run for a second.
func (s *service) describePeriodic(sent *sentInvocation) assist.Invocation {
	now, status, whole := time.Now(), assist.StatusScheduled, assist.StatusRunning
	if !s.stopped.IsZero() && !now.Before(s.stopped) {
		now, status, whole = s.stopped, assist.StatusCancelled, assist.StatusStopped
	}
	begun := int64(now.Sub(sent.at) / s.every)
	last := sent.at.Add(time.Duration(begun) * s.every)
	ended := begun
	if begun > 0 && now.Sub(last) < time.Second && status == assist.StatusScheduled {
		status, ended = assist.StatusRunning, begun-1
	}
	invocation := assist.Invocation{
		InvokeId: sent.id, CommandName: sent.name, RepeatMode: "Period", Frequency: "rate(" + s.every.String() + ")", Timed: true,
		InvocationStatus: string(whole),
	}
	for _, id := range sent.instances {
		i := assist.InvokeInstance{InstanceId: id, InvocationStatus: string(status), Repeats: ended, Timed: true}
		if ended > 0 {
			i.StartTime = assist.FormatTime(sent.at.Add(time.Duration(ended) * s.every))
			i.FinishTime = i.StartTime
		}
		invocation.InvokeInstances.InvokeInstance = append(invocation.InvokeInstances.InvokeInstance, i)
	}
	return invocation
}

func (s *service) describe(sent *sentInvocation) assist.Invocation {
	if s.every > 0 {
		return s.describePeriodic(sent)
	}
	invocation := assist.Invocation{InvokeId: sent.id, CommandName: sent.name, CommandId: sent.commandID, CreationTime: assist.FormatTime(sent.at)}
	var statuses []assist.Status
	for _, id := range sent.instances {
		status, exit := s.status(sent, id)
		statuses = append(statuses, status)
		if s.lose[id] && status.Terminal() {
			continue
		}
		invocation.InvokeInstances.InvokeInstance = append(invocation.InvokeInstances.InvokeInstance,
			assist.InvokeInstance{InstanceId: id, InvocationStatus: string(status), ExitCode: exit, ErrorInfo: s.leak})
	}
	invocation.InvocationStatus = string(assist.Aggregate(statuses...))
	return invocation
}

func (s *service) AllInvocationResults(ctx context.Context, r assist.DescribeInvocationResultsRequest) iter.Seq2[assist.InvocationResult, error] {
	return func(yield func(assist.InvocationResult, error) bool) {
		if err := s.arrive(ctx, "DescribeInvocationResults"); err != nil {
			yield(assist.InvocationResult{}, err)
			return
		}
		for _, result := range s.results(r) {
			if !yield(result, nil) {
				return
			}
		}
	}
}

func (s *service) AllInstanceSummaries(ctx context.Context, r assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error] {
	return func(yield func(assist.InstanceSummary, error) bool) {
		if err := cmp.Or(s.arrive(ctx, "DescribeInstances"), s.unnamed); err != nil {
			yield(assist.InstanceSummary{}, err)
			return
		}
		for _, id := range r.InstanceIds {
			if name, ok := s.names[id]; ok && !yield(assist.InstanceSummary{InstanceId: id, InstanceName: name}, nil) {
				return
			}
		}
	}
}

func (s *service) AllManagedInstances(ctx context.Context, r assist.DescribeManagedInstancesRequest) iter.Seq2[assist.ManagedInstance, error] {
	return func(yield func(assist.ManagedInstance, error) bool) {
		if err := cmp.Or(s.arrive(ctx, "DescribeManagedInstances"), s.unnamed); err != nil {
			yield(assist.ManagedInstance{}, err)
			return
		}
		for _, id := range r.InstanceId {
			if name, ok := s.names[id]; ok && !yield(assist.ManagedInstance{InstanceId: id, InstanceName: name}, nil) {
				return
			}
		}
	}
}

func (s *service) results(r assist.DescribeInvocationResultsRequest) []assist.InvocationResult {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r)
	var results []assist.InvocationResult
	if sent := s.byID[r.InvokeId]; sent != nil {
		for _, id := range sent.instances {
			status, exit := s.status(sent, id)
			if s.lose[id] || r.InstanceId != "" && r.InstanceId != id || r.InvokeRecordStatus != "" && r.InvokeRecordStatus != string(status) {
				continue
			}
			result := assist.InvocationResult{
				InvokeId: sent.id, InstanceId: id, InvocationStatus: string(status), ExitCode: exit, ErrorInfo: s.leak,
				OssOutputStatus: s.deliver.OssOutputStatus, OssOutputUri: s.deliver.OssOutputUri,
				OssOutputErrorCode: s.deliver.OssOutputErrorCode, OssOutputErrorInfo: s.deliver.OssOutputErrorInfo,
			}
			output := "out of " + id + "\n" + s.leak
			if s.wrote != nil {
				output, result.Dropped = s.wrote(id, min(time.Since(sent.at), s.takes(id)))
				result.StartTime = assist.FormatTime(time.Now()) // not known for a command that runs once
			}
			result.Output = base64.StdEncoding.EncodeToString([]byte(output))
			results = append(results, result)
		}
	}
	return results
}

func refusedFor(code string) *assist.Error {
	return &assist.Error{Action: "RunCommand", Code: code, HTTPStatus: http.StatusBadRequest}
}
