package fleet

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"muster/pkg/assist"
)

// observe emits what is new in an invocation, and reports whether the invocation belongs to the run.
func (p *poller) observe(invocation *assist.Invocation) bool {
	event := Event{
		Event: StatusEvent, Site: p.site, InvokeId: invocation.InvokeId, InvocationStatus: invocation.Status(), Periodic: invocation.Periodic(),
	}
	if event.Periodic {
		event.Frequency = invocation.Frequency
	}
	ours, news := false, false
	unknownState := event.InvocationStatus == ""
	p.run.withState(func(s *State) {
		i, ok := s.byInvocation[invocation.InvokeId]
		if !ok {
			return
		}
		ours = true
		known := s.Invocations[i]
		news = known.InvocationStatus != event.InvocationStatus && !known.InvocationStatus.Terminal() || event.Periodic && !known.Periodic
		for _, instance := range invocation.InvokeInstances.InvokeInstance {
			status := instanceStatus(&instance)
			unknownState = unknownState && (status.InvocationStatus == "" || status.InvocationStatus.Terminal())
			t := s.target(invocation.InvokeId, instance.InstanceId)
			if t == nil && known.open || t != nil && t.changedBy(status, event.InvocationStatus) {
				event.Instances = append(event.Instances, status)
			}
		}
		event.Instances = append(event.Instances, p.missingInstances(s, known, event)...)
	})
	p.mu.Lock()
	delete(p.unseen, invocation.InvokeId)
	p.mu.Unlock()
	if ours && (news || len(event.Instances) > 0) {
		_ = p.run.emit(event) // a broken journal ends the sending, and is reported at the end
		if event.ends() {
			p.mu.Lock()
			p.ended = true
			p.mu.Unlock()
		}
	}
	if ours {
		p.giveUpUnknownState(invocation, unknownState)
	}
	return ours
}

// giveUpUnknownState ends the wait for an invocation that has long been in a state unknown to muster, without a running instance.
func (p *poller) giveUpUnknownState(invocation *assist.Invocation, unknownState bool) {
	p.mu.Lock()
	since, before := p.unknownState[invocation.InvokeId]
	switch {
	case !unknownState:
		delete(p.unknownState, invocation.InvokeId)
	case !before:
		p.unknownState[invocation.InvokeId] = time.Now()
	}
	p.mu.Unlock()
	if !unknownState || !before || time.Since(since) < unknownStatePatience*p.run.engine.patience() {
		return
	}
	_ = p.run.emit(Event{
		Event: Forgotten, Site: p.site, InvokeId: invocation.InvokeId, Code: "StateUnknown",
		Message: fmt.Sprintf("the service reports an unknown state: %.40q", cmp.Or(invocation.InvocationStatus, invocation.InvokeStatus)),
	})
}

// unknownStatePatience is how many times longer a state may be unknown than an invocation may be unlisted: a newer service may have
// more states of running invocations.
const unknownStatePatience = 5

// changedBy reports whether a status is new for a target. The end of a periodic invocation is new for all its targets.
func (t *TargetState) changedBy(status TargetStatus, invocation assist.Status) bool {
	return t.Cause == "" && (t.InvocationStatus != status.InvocationStatus || t.Repeats != status.Repeats || invocation.Terminal())
}

// missingInstances returns the instances of a settled invocation that the service has not reported for too long.
func (p *poller) missingInstances(s *State, known InvocationState, event Event) []TargetStatus {
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
			ErrorInfo: "the invocation has ended, and the service has no record of this instance",
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

// ends reports whether a status includes an end: of the invocation, of an instance in it, or of a run of a periodic one.
func (e *Event) ends() bool {
	return e.InvocationStatus.Terminal() || e.Periodic ||
		slices.ContainsFunc(e.Instances, func(i TargetStatus) bool { return i.InvocationStatus.Terminal() })
}
