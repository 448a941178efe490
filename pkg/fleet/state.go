package fleet

import (
	"cmp"
	"slices"
	"time"

	"muster/pkg/assist"
)

// State is all that is known of a run except its outputs, of which it has the keys. Only [State.Apply] changes it.
type State struct {
	RunId       string
	Action      string
	Name        string
	Sites       []Site
	Fanout      int // the largest number of instances that run it at a time; 0: any number
	Started     time.Time
	Finished    time.Time // zero during the run
	Interrupted string    // why the wait ended early; empty if it did not
	Message     string    // the error that ended it
	Gate        string    // why nothing more was sent; empty if a gate is not closed
	GateReason  string    // the same in words
	PausedUntil time.Time // when the next wave is sent; zero without a pause
	Warnings    []Warning
	Targets     []TargetState
	Invocations []InvocationState

	index        targetIndex
	byInvocation map[string]int
	texts        map[string]string      // interned texts of targets
	batches      map[string]*batchState // by client token
	counts       map[Cause]int
	failed       []int32 // the indexes of targets that failed, in the order in which they ended
	waves        []waveState
	passed       int  // the last wave that passed a gate
	unsettled    int  // the number of invocations that are not settled
	running      int  // the number of targets in an invocation that have not ended
	noOutput     bool // outputs are not requested
	names        *Names
	named        int // the number of targets that names covers
}

// TargetState is one target of a run.
type TargetState struct {
	TargetStatus
	InstanceName string
	Site         Site
	Wave         int
	InvokeId     string
	Cause        Cause // empty until it has ended
	Output       OutputKey
	HasResult    bool      // the output has been fetched, or is lost
	OutputLost   bool      // the service returned no output for a script that ran
	Delivery     *Delivery // nil if none was requested
}

// InvocationState is a call of a run that the service accepted.
type InvocationState struct {
	InvokeId         string
	CommandId        string
	RequestId        string // of the call that submitted it; empty in a watch
	Site             Site
	InvocationStatus assist.Status
	InstanceIds      []string
	Frequency        string // of a periodic one
	Periodic         bool   // it runs until it is stopped

	open    bool // the service reports its targets
	partial bool // its targets are only some of its instances, so that it may outlast them
	gone    bool // the service no longer has a record of it
	waits   int  // the number of targets that have not ended or whose output is not known
	counted bool // in State.unsettled
}

// settled reports whether the invocation and every target have ended, and the output of each that ran is known, or whether the
// service has no more to report.
func (i *InvocationState) settled() bool {
	return i.gone || (i.InvocationStatus.Terminal() || i.partial) && i.waits == 0
}

// ended reports whether the service has nothing more to report of an invocation's instances except their outputs.
func (s *State) ended(invokeID string) bool {
	invocation := &s.Invocations[s.byInvocation[invokeID]]
	return (invocation.InvocationStatus.Terminal() || invocation.partial) &&
		!slices.ContainsFunc(invocation.InstanceIds, func(id string) bool { return s.target(invokeID, id).Cause == "" })
}

// batchState is the state of a batch. A batch that was neither accepted nor refused may have been sent or not.
type batchState struct {
	Batch
	first, last time.Time // the times of its first and last call
	taken       bool
	refused     bool
	final       bool   // it was refused, and its targets are not tried again
	open        bool   // a call was announced, and its outcome is not known
	doubted     bool   // the same is true of an earlier call
	unsent      bool   // no call was carried out
	code        string // the reason
	message     string
	unclear     bool // whether it was accepted cannot be determined
}

// inDoubt reports whether the batch may have been accepted, and can be searched for.
func (b *batchState) inDoubt() bool { return !b.taken && !b.refused && !b.unsent && !b.unclear }

type waveState struct{ targets, open int }

// NewState returns the state before anything has happened.
func NewState() *State {
	return &State{
		byInvocation: map[string]int{}, texts: map[string]string{}, batches: map[string]*batchState{}, counts: map[Cause]int{},
	}
}

// Apply changes the state by one event. A target's end is final: no later event changes its cause. A target that was given up
// has not ended, and a resumed run reopens it.
func (s *State) Apply(e Event) {
	switch e.Event {
	case Planned:
		s.planned(e)
	case Skipped:
		for _, target := range e.Targets {
			s.end(target.Site, target.InstanceId, CauseSkipped, target.ErrorCode, target.ErrorInfo)
		}
	case Resumed:
		s.Interrupted, s.Message, s.Gate, s.Finished, s.noOutput = "", "", "", time.Time{}, s.noOutput || e.NoOutput
		s.GateReason, s.PausedUntil, s.Fanout = "", time.Time{}, cmp.Or(e.Fanout, s.Fanout)
		s.reopen()
	case Submitting:
		s.submitting(e)
	case Submitted:
		s.submitted(e)
	case Rejected:
		s.rejected(e)
	case Unsent:
		s.unsentAfterAll(e)
	case Unclear:
		s.unclear(e)
	case StatusEvent:
		s.status(e)
	case OutputEvent:
		s.result(e.InvokeId, *e.Result)
	case Forgotten:
		s.forgotten(e)
	case Pausing:
		s.PausedUntil = e.Until
	case GateEvent:
		s.gate(e)
	case Stopping:
		s.giveUpUnsent()
	case Interrupted:
		s.Interrupted, s.Message, s.Finished = e.Code, e.Message, e.Time
		s.giveUp()
	case Settled:
		s.Finished = e.Time
		s.giveUp() // batches in doubt were not sent again because nothing more was sent
	}
}

// target returns a target in an invocation, or nil.
func (s *State) target(invokeID, instanceID string) *TargetState {
	if in, ok := s.byInvocation[invokeID]; ok {
		if i, ok := s.find(in, Site{}, instanceID); ok {
			return &s.Targets[i]
		}
	}
	return nil
}
