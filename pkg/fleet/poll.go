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
	rhythm    rhythm

	mu      sync.Mutex
	calls   int                  // of the round
	changed bool                 // something did, in the round
	missing map[string]time.Time // since when a settled invocation has lacked an instance
	fetches map[string]int       // how often an invocation's results were fetched
}

func newPoller(r *run, regionID, name, commandID string) *poller {
	return &poller{
		run: r, regionID: regionID, name: name, commandID: commandID,
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
		if t := s.target(invocation.InvokeId, id); t.Cause == "" || t.Cause.started() && !t.HasResult {
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
	request := assist.DescribeInvocationsRequest{RegionId: p.regionID, CommandName: p.name, CommandId: p.commandID}
	request.MaxResults = int64(size)
	for range pages {
		p.calls++
		page, err := p.run.engine.API.DescribeInvocations(ctx, &request)
		if err != nil {
			return err
		}
		for i := range page.Invocations.Invocation {
			if invocation := &page.Invocations.Invocation[i]; p.observe(invocation) {
				told[invocation.InvokeId] = true
			}
		}
		if request.NextToken = page.NextToken; request.NextToken == "" {
			break
		}
	}
	return nil
}

func (p *poller) byId(ctx context.Context, invokeID string) (*assist.Invocation, error) {
	p.mu.Lock()
	p.calls++
	p.mu.Unlock()
	request := assist.DescribeInvocationsRequest{RegionId: p.regionID, InvokeId: invokeID}
	request.MaxResults = 1
	page, err := p.run.engine.API.DescribeInvocations(ctx, &request)
	if err != nil {
		return nil, err
	}
	for i := range page.Invocations.Invocation {
		if invocation := &page.Invocations.Invocation[i]; invocation.InvokeId == invokeID {
			p.observe(invocation)
			return invocation, nil
		}
	}
	return nil, nil
}

// observe tells what of an invocation is news, and whether the invocation is one of the run's at all.
func (p *poller) observe(invocation *assist.Invocation) bool {
	event := Event{Event: StatusEvent, InvokeId: invocation.InvokeId, InvocationStatus: invocation.Status()}
	ours, news := false, false
	p.run.look(func(s *State) {
		i, ok := s.byInvocation[invocation.InvokeId]
		if !ok {
			return
		}
		ours = true
		known := s.Invocations[i]
		news = known.InvocationStatus != event.InvocationStatus && !known.InvocationStatus.Terminal()
		for _, instance := range invocation.InvokeInstances.InvokeInstance {
			status := instanceStatus(&instance)
			if t := s.target(invocation.InvokeId, instance.InstanceId); t != nil && t.Cause == "" && t.InvocationStatus != status.InvocationStatus {
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
		ErrorInfo: i.ErrorInfo, StartTime: i.StartTime, FinishTime: i.FinishTime, Dropped: i.Dropped,
	}
}

// discover finds invocations that were submitted elsewhere, and takes their instances for targets.
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
	planned := Event{Event: Planned, RegionId: p.regionID}
	for _, id := range invokeIDs {
		for _, instance := range found[id].InvokeInstances.InvokeInstance {
			planned.Targets = append(planned.Targets, Target{InstanceId: instance.InstanceId, InvokeId: id})
		}
	}
	p.run.emit(planned)
	for _, id := range invokeIDs {
		submitted := Event{Event: Submitted, InvokeId: id, CommandId: found[id].CommandId}
		for _, instance := range found[id].InvokeInstances.InvokeInstance {
			submitted.InstanceIds = append(submitted.InstanceIds, instance.InstanceId)
		}
		p.run.emit(submitted)
		p.observe(found[id])
	}
	return nil
}
