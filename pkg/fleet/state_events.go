package fleet

import (
	"slices"
	"time"

	"muster/pkg/assist"
)

func (s *State) planned(e Event) {
	s.RunId, s.Action, s.Name, s.Sites, s.Started, s.noOutput = e.RunId, e.Action, e.Name, e.Sites, e.Time, e.NoOutput
	s.Fanout = e.Fanout
	s.Warnings = e.Warnings
	if len(s.Sites) == 0 {
		s.Sites = []Site{e.Site}
	}
	s.Targets = slices.Grow(s.Targets, len(e.Targets))
	for _, target := range e.Targets {
		s.add(target)
	}
}

func (s *State) add(target Target) {
	in, ok := s.byInvocation[target.InvokeId]
	if !ok {
		in = unsent
	}
	if _, ok := s.find(in, target.Site, target.InstanceId); ok {
		return
	}
	site := target.Site
	if i := slices.Index(s.Sites, site); i >= 0 {
		site = s.Sites[i] // to share its strings
	}
	s.Targets = append(s.Targets, TargetState{
		TargetStatus: TargetStatus{InstanceId: target.InstanceId}, InstanceName: target.InstanceName, Site: site,
		Wave: target.Wave, InvokeId: target.InvokeId,
	})
	s.addToIndex(len(s.Targets) - 1)
	for len(s.waves) < target.Wave {
		s.waves = append(s.waves, waveState{})
	}
	if target.Wave > 0 {
		s.waves[target.Wave-1].targets++
		s.waves[target.Wave-1].open++
	}
}

func (s *State) submitting(e Event) {
	b := s.batches[e.ClientToken]
	if b == nil {
		b = &batchState{Batch: Batch{ClientToken: e.ClientToken, Site: e.Site, InstanceIds: e.InstanceIds}, first: e.Time}
		s.batches[e.ClientToken] = b
	}
	b.doubted = b.doubted || b.open
	b.last, b.open, b.unsent = e.Time, true, false
}

func (s *State) submitted(e Event) {
	if _, twice := s.byInvocation[e.InvokeId]; twice {
		return
	}
	var ids []string
	open := e.ClientToken == "" && !e.Partial // in a watch
	if b := s.batches[e.ClientToken]; b != nil {
		b.taken = true
		ids, open = b.InstanceIds, len(b.InstanceIds) == 0
	}
	s.byInvocation[e.InvokeId] = len(s.Invocations)
	s.Invocations = append(s.Invocations, InvocationState{
		InvokeId: e.InvokeId, CommandId: e.CommandId, RequestId: e.RequestId, Site: e.Site,
		InvocationStatus: assist.StatusPending, InstanceIds: ids, open: open, partial: e.Partial,
	})
	invocation := &s.Invocations[len(s.Invocations)-1]
	claimed := make([]string, 0, len(ids))
	for _, id := range ids {
		i, ok := s.find(unsent, e.Site, id)
		if !ok {
			continue // not a target, or already in an invocation
		}
		claimed = append(claimed, id)
		t := &s.Targets[i]
		t.InvokeId = e.InvokeId
		s.addToIndex(i)
		if t.Cause == "" {
			t.InvocationStatus = assist.StatusPending
			s.running++
		}
		if !s.complete(t) {
			invocation.waits++
		}
	}
	if len(claimed) < len(ids) {
		invocation.InstanceIds = claimed
	}
	for _, target := range e.Targets { // in a watch
		s.join(invocation, target.InstanceId, target.InstanceName)
	}
	s.count(invocation)
}

// join adds a target to an invocation whose targets were not planned, unless it has it already.
func (s *State) join(invocation *InvocationState, id, name string) {
	if s.target(invocation.InvokeId, id) != nil {
		return
	}
	s.add(Target{InstanceId: id, InstanceName: name, Site: invocation.Site, InvokeId: invocation.InvokeId})
	invocation.InstanceIds = append(invocation.InstanceIds, id)
	invocation.waits++
	s.running++
}

func (s *State) rejected(e Event) {
	b := s.batches[e.ClientToken]
	if b == nil || b.taken {
		return
	}
	b.refused, b.final = true, e.Final
	if e.Final {
		for _, id := range b.InstanceIds {
			s.end(b.Site, id, CauseRejected, e.Code, e.Message)
		}
	}
}

// unsentAfterAll marks a batch as never sent, unless an earlier call of it is in doubt.
func (s *State) unsentAfterAll(e Event) {
	if b := s.batches[e.ClientToken]; b != nil && !b.taken && !b.refused {
		b.open, b.unsent = false, !b.doubted
		b.code, b.message = e.Code, e.Message
	}
}

// unclear marks a batch as in doubt until the run is resumed.
func (s *State) unclear(e Event) {
	b := s.batches[e.ClientToken]
	if b == nil || b.taken || b.refused {
		return
	}
	b.unclear = true
	for _, id := range b.InstanceIds {
		s.end(b.Site, id, CauseUnknown, e.Code, e.Message)
	}
}

func (s *State) gate(e Event) {
	s.PausedUntil = time.Time{}
	if e.Code == "" {
		s.passed = e.Wave
		return
	}
	s.Gate, s.GateReason = e.Code, e.Message
	s.giveUpUnsent()
}

// status updates an invocation and its instances. An invocation whose targets were not known when it was submitted gets them
// here.
func (s *State) status(e Event) {
	i, ok := s.byInvocation[e.InvokeId]
	if !ok {
		return
	}
	invocation := &s.Invocations[i]
	if !invocation.InvocationStatus.Terminal() {
		invocation.InvocationStatus = e.InvocationStatus
	}
	if e.Periodic {
		invocation.Periodic, invocation.Frequency = true, e.Frequency
	}
	for _, instance := range e.Instances {
		if invocation.open {
			s.join(invocation, instance.InstanceId, "")
		}
		s.move(e.InvokeId, instance)
	}
	s.count(invocation)
}

// forgotten marks the targets and outputs of an invocation as unknown, because the service no longer knows it.
func (s *State) forgotten(e Event) {
	i, ok := s.byInvocation[e.InvokeId]
	if !ok {
		return
	}
	s.Invocations[i].gone = true
	s.count(&s.Invocations[i])
	for _, id := range s.Invocations[i].InstanceIds {
		t := s.target(e.InvokeId, id)
		t.OutputLost = s.lacksOutput(t)
		if t.Cause == "" {
			t.ErrorCode, t.ErrorInfo = e.Code, e.Message
			s.settle(t, CauseUnknown)
		}
	}
}

func (s *State) move(invokeID string, status TargetStatus) {
	if t := s.target(invokeID, status.InstanceId); t != nil && t.Cause == "" {
		status.InstanceId, status.InvocationStatus = t.InstanceId, assist.ParseStatus(string(status.InvocationStatus)) // share constant strings
		status.StartTime, status.FinishTime = s.intern(status.StartTime), s.intern(status.FinishTime)
		status.ErrorCode, status.ErrorInfo = s.intern(status.ErrorCode), s.intern(status.ErrorInfo)
		t.TargetStatus = status
		if invocation := s.Invocations[s.byInvocation[invokeID]]; !invocation.Periodic || invocation.InvocationStatus.Terminal() {
			cause := CauseOf(status.InvocationStatus)
			if cause == CauseExit && s.sendsFiles() {
				cause = CauseError // a file has no exit code
			}
			s.settle(t, cause)
		}
	}
}

func (s *State) result(invokeID string, r Result) {
	if _, ok := s.byInvocation[invokeID]; !ok {
		return
	}
	s.move(invokeID, r.TargetStatus)
	if t := s.target(invokeID, r.InstanceId); t != nil && t.Cause != "" {
		before := s.complete(t)
		t.Dropped, t.HasResult, t.OutputLost, t.Output = r.Dropped, true, r.Lost, r.OutputKey()
		if delivery := r.Delivery; delivery != (Delivery{}) {
			t.Delivery = &delivery
		}
		s.recount(t, before)
	}
}
