package fleet

import (
	"time"

	"muster/pkg/assist"
)

// State is all that is known of a run. Apply is the one function that moves it.
type State struct {
	RunId       string
	Action      string
	Name        string
	RegionId    string
	Started     time.Time
	Finished    time.Time // zero while it lasts
	Interrupted string    // why the wait ended early; empty when it did not
	Targets     []TargetState
	Invocations []InvocationState

	byTarget     map[targetKey]int
	byInvocation map[string]int
	batches      map[string][]string // instance ids by client token
	outputs      map[Output]Output   // each distinct output once
	counts       map[Cause]int
}

// targetKey names a target: by its instance alone until it is submitted, then in its invocation too.
type targetKey struct{ invokeID, instanceID string }

// TargetState is one target of a run.
type TargetState struct {
	TargetStatus
	InstanceName string
	InvokeId     string
	Cause        Cause // empty while it is under way
	Output       Output
	HasResult    bool // the output has been fetched, or is lost
	OutputLost   bool // the service gave no output for a script that ran
}

// InvocationState is one call of a run that the service took.
type InvocationState struct {
	InvokeId         string
	CommandId        string
	RequestId        string // of the call that made it; empty in a watch
	InvocationStatus assist.Status
	InstanceIds      []string
	Frequency        string // of a periodic one
	Periodic         bool   // it stays under way until it is stopped

	open bool // its targets are the service's to tell
}

// NewState is the state before anything has happened.
func NewState() *State {
	return &State{
		byTarget: map[targetKey]int{}, byInvocation: map[string]int{}, batches: map[string][]string{}, outputs: map[Output]Output{},
		counts: map[Cause]int{},
	}
}

// Apply moves the state by one event. A target's end is final: no later event changes its cause.
func (s *State) Apply(e Event) {
	switch e.Event {
	case Planned:
		s.RunId, s.Action, s.Name, s.RegionId, s.Started = e.RunId, e.Action, e.Name, e.RegionId, e.Time
		for _, target := range e.Targets {
			s.add(target)
		}
	case Skipped:
		for _, target := range e.Targets {
			s.end(target.InstanceId, CauseSkipped, target.ErrorCode, target.ErrorInfo)
		}
	case Submitting:
		s.batches[e.ClientToken] = e.InstanceIds
	case Submitted:
		s.submitted(e)
	case Rejected:
		if e.Final {
			for _, id := range s.batches[e.ClientToken] {
				s.end(id, CauseRejected, e.Code, e.Message)
			}
		}
	case StatusEvent:
		s.status(e)
	case OutputEvent:
		s.result(e.InvokeId, *e.Result)
	case Interrupted:
		s.Interrupted, s.Finished = e.Code, e.Time
		s.giveUp()
	case Settled:
		s.Finished = e.Time
	}
}

func (s *State) add(target Target) {
	key := targetKey{target.InvokeId, target.InstanceId}
	if _, ok := s.byTarget[key]; ok {
		return
	}
	s.byTarget[key] = len(s.Targets)
	s.Targets = append(s.Targets, TargetState{
		TargetStatus: TargetStatus{InstanceId: target.InstanceId}, InstanceName: target.InstanceName, InvokeId: target.InvokeId,
	})
}

func (s *State) submitted(e Event) {
	ids, open := e.InstanceIds, len(e.InstanceIds) == 0
	if e.ClientToken != "" {
		var known bool
		ids, known = s.batches[e.ClientToken]
		open = known && len(ids) == 0
	}
	s.byInvocation[e.InvokeId] = len(s.Invocations)
	s.Invocations = append(s.Invocations, InvocationState{
		InvokeId: e.InvokeId, CommandId: e.CommandId, RequestId: e.RequestId, InvocationStatus: assist.StatusPending, InstanceIds: ids, open: open,
	})
	for _, id := range ids {
		if i, ok := s.byTarget[targetKey{"", id}]; ok {
			s.byTarget[targetKey{e.InvokeId, id}] = i
		}
		if t := s.target(e.InvokeId, id); t != nil && t.Cause == "" {
			t.InvokeId, t.InvocationStatus = e.InvokeId, assist.StatusPending
		}
	}
}

// status moves an invocation and its instances. One whose targets were not known when it was submitted gets them here.
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
		if invocation.open && s.target(e.InvokeId, instance.InstanceId) == nil {
			s.add(Target{InstanceId: instance.InstanceId, InvokeId: e.InvokeId})
			invocation.InstanceIds = append(invocation.InstanceIds, instance.InstanceId)
		}
		s.move(e.InvokeId, instance)
	}
}

// target finds a target in an invocation, or before any with an empty invokeID; nil when there is none.
func (s *State) target(invokeID, instanceID string) *TargetState {
	if i, ok := s.byTarget[targetKey{invokeID, instanceID}]; ok {
		return &s.Targets[i]
	}
	return nil
}

func (s *State) end(id string, cause Cause, code, info string) {
	if t := s.target("", id); t != nil && t.Cause == "" {
		t.ErrorCode, t.ErrorInfo = code, info
		s.settle(t, cause)
	}
}

func (s *State) move(invokeID string, status TargetStatus) {
	if t := s.target(invokeID, status.InstanceId); t != nil && t.Cause == "" {
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

func (s *State) settle(t *TargetState, cause Cause) {
	if t.Cause = cause; cause != "" {
		s.counts[cause]++
	}
}

func (s *State) result(invokeID string, r Result) {
	if _, ok := s.byInvocation[invokeID]; !ok {
		return
	}
	s.move(invokeID, r.TargetStatus)
	t := s.target(invokeID, r.InstanceId)
	if t == nil || t.Cause == "" {
		return
	}
	t.Dropped, t.HasResult, t.OutputLost = r.Dropped, true, r.Lost
	if same, ok := s.outputs[r.Output]; ok {
		t.Output = same
		return
	}
	s.outputs[r.Output] = r.Output
	t.Output = r.Output
}

// sendsFiles tells a run that puts files on instances, which gives no output.
func (s *State) sendsFiles() bool { return s.Action == (*assist.SendFileRequest)(nil).Action() }

// lacksOutput tells a target that has ended, and whose output is still to be fetched.
func (s *State) lacksOutput(t *TargetState) bool {
	return t.Cause.started() && !t.HasResult && !s.sendsFiles()
}

// giveUp names what is not settled: unsent where no call went out, else unknown.
func (s *State) giveUp() {
	sent := map[string]bool{}
	for _, ids := range s.batches {
		for _, id := range ids {
			sent[id] = true
		}
	}
	for i := range s.Targets {
		t := &s.Targets[i]
		switch {
		case t.Cause != "":
		case sent[t.InstanceId] || t.InvokeId != "":
			s.settle(t, CauseUnknown)
		default:
			s.settle(t, CauseUnsent)
		}
	}
}

// Counts are the figures of a run: Total, and one a cause. A target that is under way is in Total alone.
func (s *State) Counts() map[string]int {
	counts := map[string]int{"Total": len(s.Targets)}
	for _, cause := range Causes() {
		counts[string(cause)] = s.counts[cause]
	}
	return counts
}

// Status is the run's aggregate state. A target that was never sent, or refused, counts as failed; one that was given up
// counts as what it was last seen to be.
func (s *State) Status() assist.Status {
	all := make([]assist.Status, 0, len(s.Targets))
	for i := range s.Targets {
		t := &s.Targets[i]
		switch t.Cause {
		case CauseRejected, CauseSkipped, CauseUnsent:
			all = append(all, assist.StatusFailed)
		default:
			status := t.InvocationStatus
			if status == "" {
				status = assist.StatusPending
			}
			all = append(all, status)
		}
	}
	return assist.AddUp(all...)
}

// Ended is how many targets have come to an end of any kind.
func (s *State) Ended() int {
	ended := 0
	for _, n := range s.counts {
		ended += n
	}
	return ended
}

// Succeeded tells that every target succeeded.
func (s *State) Succeeded() bool { return s.counts[CauseSuccess] == len(s.Targets) }

// LastStart is when an invocation last started on any instance; the zero time when it has not.
func (s *State) LastStart(invokeID string) time.Time {
	var last time.Time
	for i := range s.Targets {
		if t := &s.Targets[i]; t.InvokeId == invokeID {
			if start := assist.ParseTime(t.StartTime); start.After(last) {
				last = start
			}
		}
	}
	return last
}

// Exited is the script's exit code; ok is false where it did not run to an end.
func (t *TargetState) Exited() (code int64, ok bool) { return t.ExitCode, t.Cause.Ran() }
