package fleet

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"muster/pkg/assist"
)

// observe tells what of an invocation is news, and whether the invocation is one of the run's at all.
func (p *poller) observe(invocation *assist.Invocation) bool {
	event := Event{
		Event: StatusEvent, Site: p.site, InvokeId: invocation.InvokeId, InvocationStatus: invocation.Status(), Periodic: invocation.Periodic(),
	}
	if event.Periodic {
		event.Frequency = invocation.Frequency
	}
	ours, news := false, false
	strange := event.InvocationStatus == ""
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
			strange = strange && (status.InvocationStatus == "" || status.InvocationStatus.Terminal())
			t := s.target(invocation.InvokeId, instance.InstanceId)
			if t == nil && known.open || t != nil && t.changedBy(status, event.InvocationStatus) {
				event.Instances = append(event.Instances, status)
			}
		}
		event.Instances = append(event.Instances, p.lost(s, known, event)...)
	})
	p.mu.Lock()
	delete(p.unseen, invocation.InvokeId)
	p.mu.Unlock()
	if ours && (news || len(event.Instances) > 0) {
		_ = p.run.emit(event) // a journal that is broken ends the sending, and is told in the end
		if event.ends() {
			p.mu.Lock()
			p.ended = true
			p.mu.Unlock()
		}
	}
	if ours {
		p.giveUpStrange(invocation, strange)
	}
	return ours
}

// giveUpStrange ends the wait for an invocation that has been in a state unknown to muster for long, with no instance under
// way.
func (p *poller) giveUpStrange(invocation *assist.Invocation, strange bool) {
	p.mu.Lock()
	since, before := p.strange[invocation.InvokeId]
	switch {
	case !strange:
		delete(p.strange, invocation.InvokeId)
	case !before:
		p.strange[invocation.InvokeId] = time.Now()
	}
	p.mu.Unlock()
	if !strange || !before || time.Since(since) < strangePatience*p.run.engine.patience() {
		return
	}
	_ = p.run.emit(Event{
		Event: Forgotten, Site: p.site, InvokeId: invocation.InvokeId, Code: "StateUnknown",
		Message: fmt.Sprintf("the service reports a state that this muster does not know: %.40q", cmp.Or(invocation.InvocationStatus, invocation.InvokeStatus)),
	})
}

// strangePatience is how many times longer a state may be unknown than an invocation may be unlisted: a newer service may have
// more states in which something is under way.
const strangePatience = 5

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

// ends reports whether a status tells of an end: of the invocation, of an instance in it, or of a run of a periodic one.
func (e *Event) ends() bool {
	return e.InvocationStatus.Terminal() || e.Periodic ||
		slices.ContainsFunc(e.Instances, func(i TargetStatus) bool { return i.InvocationStatus.Terminal() })
}
