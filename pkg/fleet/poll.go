package fleet

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

const (
	// byIdAtMost bounds the questions for single invocations in one round.
	byIdAtMost = 10
	// unknownFor is how long an invocation that is watched may be missing from the service's answers: a Describe right
	// after a submit may find nothing yet.
	unknownFor = 10 * time.Second
	// missingFor is how long the service may leave an instance out of an invocation that it calls settled.
	missingFor = 20 * time.Second
)

// poller asks how invocations stand, until all are settled. One page of the run's name tells of many invocations; what
// such pages do not tell of is asked for by its InvokeId.
type poller struct {
	run       *run
	regionID  string
	name      string // of the run's commands; empty when it has none of its own
	commandID string // of a saved command that the run invokes
	files     bool   // files were sent, and the records are of another action
	rhythm    rhythm

	mu      sync.Mutex
	calls   int                  // of the round
	changed bool                 // something did, in the round
	missing map[string]time.Time // since when a settled invocation has lacked an instance
	fetches map[string]int       // how often an invocation's results were fetched
}

func newPoller(r *run, regionID string) *poller {
	return &poller{
		run: r, regionID: regionID,
		rhythm: rhythm{started: time.Now()}, missing: map[string]time.Time{}, fetches: map[string]int{},
	}
}

// untilSettled returns nil when everything that was submitted has settled and nothing more is to be submitted.
func (p *poller) untilSettled(ctx context.Context) error {
	for {
		var open []string
		var done bool
		p.run.look(func(s *State) {
			open = s.open()
			done = !p.run.submitting && len(open) == 0
		})
		if done {
			return nil
		}
		if len(open) == 0 {
			select {
			case <-p.run.wake:
				continue
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if err := p.round(ctx, open); err != nil {
			return err
		}
		p.run.look(func(s *State) { done = !p.run.submitting && len(s.open()) == 0 })
		if done {
			return nil
		}
		if err := pause(ctx, p.rhythm.next(p.changed, p.calls)); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// open are the invocations that are not settled, or whose results have not been fetched.
func (s *State) open() []string {
	var open []string
	for _, invocation := range s.Invocations {
		if !s.settled(invocation) {
			open = append(open, invocation.InvokeId)
		}
	}
	return open
}

// settled means by the aggregate and by every instance, with the output of each that ran.
func (s *State) settled(invocation InvocationState) bool {
	if !invocation.InvocationStatus.Terminal() {
		return false
	}
	for _, id := range invocation.InstanceIds {
		if t := s.target(invocation.InvokeId, id); t.Cause == "" || s.lacksOutput(t) {
			return false
		}
	}
	return true
}

// round asks once for all that is open, and fetches the results of what has settled.
func (p *poller) round(ctx context.Context, open []string) error {
	p.calls, p.changed = 0, false
	told := map[string]bool{}
	if err := p.byName(ctx, open, told); err != nil {
		return err
	}
	untold := slices.DeleteFunc(slices.Clone(open), func(id string) bool { return told[id] })
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(max(p.run.engine.Concurrency, 1))
	for _, id := range untold[:min(len(untold), byIdAtMost)] {
		group.Go(func() error {
			_, err := p.byId(groupCtx, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return p.fetchSettled(ctx, open)
}

// byName walks the pages of the run's shared name, or of its saved command, newest first, for as long as that is cheaper
// than single questions.
func (p *poller) byName(ctx context.Context, open []string, told map[string]bool) error {
	total := 0
	p.run.look(func(s *State) { total = len(s.Invocations) })
	size := p.run.engine.PageSize
	pages := (total + size - 1) / size
	if p.name == "" && p.commandID == "" || len(open) <= pages {
		return nil
	}
	token := ""
	for range pages {
		p.calls++
		page, next, err := p.page(ctx, "", token, size)
		if err != nil {
			return err
		}
		for i := range page {
			if p.observe(&page[i]) {
				told[page[i].InvokeId] = true
			}
		}
		if token = next; token == "" {
			break
		}
	}
	return nil
}

func (p *poller) byId(ctx context.Context, invokeID string) (*assist.Invocation, error) {
	p.mu.Lock()
	p.calls++
	p.mu.Unlock()
	page, _, err := p.page(ctx, invokeID, "", 1)
	if err != nil {
		return nil, err
	}
	for i := range page {
		if page[i].InvokeId == invokeID {
			p.observe(&page[i])
			return &page[i], nil
		}
	}
	return nil, nil
}

// page asks for one page of records: of one invocation, or of those that share the run's name.
func (p *poller) page(ctx context.Context, invokeID, token string, size int) (page []assist.Invocation, next string, err error) {
	if p.files {
		request := &assist.DescribeSendFileResultsRequest{RegionId: p.regionID, InvokeId: invokeID}
		if invokeID == "" {
			request.Name = p.name
		}
		request.MaxResults, request.NextToken = int64(size), token
		answer, err := p.run.engine.API.DescribeSendFileResults(ctx, request)
		if err != nil {
			return nil, "", err
		}
		for i := range answer.Invocations.Invocation {
			page = append(page, fileInvocation(&answer.Invocations.Invocation[i]))
		}
		return page, answer.NextToken, nil
	}
	request := &assist.DescribeInvocationsRequest{RegionId: p.regionID, InvokeId: invokeID}
	if invokeID == "" {
		request.CommandName, request.CommandId = p.name, p.commandID
	}
	request.MaxResults, request.NextToken = int64(size), token
	answer, err := p.run.engine.API.DescribeInvocations(ctx, request)
	if err != nil {
		return nil, "", err
	}
	return answer.Invocations.Invocation, answer.NextToken, nil
}

// fileInvocation reads the record of a file as that of a command.
func fileInvocation(f *assist.FileInvocation) assist.Invocation {
	invocation := assist.Invocation{InvokeId: f.InvokeId, CommandName: f.Name, InvocationStatus: f.InvocationStatus}
	for _, i := range f.InvokeInstances.InvokeInstance {
		invocation.InvokeInstances.InvokeInstance = append(invocation.InvokeInstances.InvokeInstance, assist.InvokeInstance{
			InstanceId: i.InstanceId, InvocationStatus: i.InvocationStatus, ErrorCode: i.ErrorCode, ErrorInfo: i.ErrorInfo,
			StartTime: i.StartTime, FinishTime: i.FinishTime,
		})
	}
	return invocation
}

// observe tells what of an invocation is news, and whether the invocation is one of the run's at all.
func (p *poller) observe(invocation *assist.Invocation) bool {
	event := Event{
		Event: StatusEvent, InvokeId: invocation.InvokeId, InvocationStatus: invocation.Status(), Periodic: invocation.Periodic(),
	}
	if event.Periodic {
		event.Frequency = invocation.Frequency
	}
	ours, news := false, false
	p.run.look(func(s *State) {
		i, ok := s.byInvocation[invocation.InvokeId]
		if !ok {
			return
		}
		ours = true
		known := s.Invocations[i]
		news = known.InvocationStatus != event.InvocationStatus && !known.InvocationStatus.Terminal() || event.Periodic && !known.Periodic
		for _, instance := range invocation.InvokeInstances.InvokeInstance {
			status := instanceStatus(&instance)
			t := s.target(invocation.InvokeId, instance.InstanceId)
			if t == nil && known.open || t != nil && t.changedBy(status, event.InvocationStatus) {
				event.Instances = append(event.Instances, status)
			}
		}
		event.Instances = append(event.Instances, p.lost(s, known, event)...)
	})
	if ours && (news || len(event.Instances) > 0) {
		p.run.emit(event)
		p.mu.Lock()
		p.changed = true
		p.mu.Unlock()
	}
	return ours
}

// changedBy tells whether a status is news of a target. The end of a periodic invocation is news of all its targets.
func (t *TargetState) changedBy(status TargetStatus, invocation assist.Status) bool {
	return t.Cause == "" && (t.InvocationStatus != status.InvocationStatus || t.Repeats != status.Repeats || invocation.Terminal())
}

// lost are the instances of a settled invocation of which the service has said nothing for too long.
func (p *poller) lost(s *State, known InvocationState, event Event) []TargetStatus {
	if !event.InvocationStatus.Terminal() {
		return nil
	}
	told := map[string]bool{}
	for _, instance := range event.Instances {
		told[instance.InstanceId] = true
	}
	var lost []TargetStatus
	for _, id := range known.InstanceIds {
		if t := s.target(known.InvokeId, id); t.Cause != "" || told[id] {
			continue
		}
		lost = append(lost, TargetStatus{
			InstanceId: id, InvocationStatus: assist.StatusError, ErrorCode: "ResultMissing",
			ErrorInfo: "the service ended the invocation and has no record of this instance",
		})
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if since, ok := p.missing[known.InvokeId]; len(lost) > 0 && ok && time.Since(since) > missingFor {
		return lost
	} else if len(lost) > 0 && !ok {
		p.missing[known.InvokeId] = time.Now()
	}
	return nil
}

func instanceStatus(i *assist.InvokeInstance) TargetStatus {
	return TargetStatus{
		InstanceId: i.InstanceId, InvocationStatus: i.Status(), ExitCode: i.ExitCode, ErrorCode: i.ErrorCode,
		ErrorInfo: i.ErrorInfo, StartTime: i.StartTime, FinishTime: i.FinishTime, Dropped: i.Dropped, Repeats: i.Repeats,
	}
}

// discover finds invocations that were submitted elsewhere; their instances become the targets.
func (p *poller) discover(ctx context.Context, invokeIDs []string) error {
	started := time.Now()
	found := map[string]*assist.Invocation{}
	for {
		for _, id := range invokeIDs {
			if found[id] != nil {
				continue
			}
			invocation, err := p.byId(ctx, id)
			if err != nil {
				return err
			}
			if invocation != nil {
				found[id] = invocation
			} else if time.Since(started) > unknownFor {
				return &UnknownInvocationError{InvokeId: id, RegionId: p.regionID}
			}
		}
		if len(found) == len(invokeIDs) {
			break
		}
		if err := pause(ctx, p.rhythm.next(false, p.calls)); err != nil {
			return err
		}
	}
	p.run.emit(Event{Event: Planned, RegionId: p.regionID})
	for _, id := range invokeIDs {
		p.run.emit(Event{Event: Submitted, InvokeId: id, CommandId: found[id].CommandId})
		p.observe(found[id])
	}
	return nil
}
