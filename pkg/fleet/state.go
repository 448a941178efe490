package fleet

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
)

// State is all that is known of a run but the texts of its outputs, of which it has the keys. Apply is the one function
// that moves it.
type State struct {
	RunId       string
	Action      string
	Name        string
	Sites       []Site
	Fanout      int // how many instances run it at a time at most; 0: any number
	Started     time.Time
	Finished    time.Time // zero while it lasts
	Interrupted string    // why the wait ended early; empty when it did not
	Message     string    // of the error that ended it
	Gate        string    // why nothing more was sent; empty when it was not so
	GateReason  string    // the same in words
	PausedUntil time.Time // when the next wave goes out; zero while nothing pauses
	Warnings    []Warning
	Targets     []TargetState
	Invocations []InvocationState

	index        targetIndex
	byInvocation map[string]int
	texts        map[string]string      // of targets, each by itself
	batches      map[string]*batchState // by client token
	counts       map[Cause]int
	failed       []int32 // the places of targets whose ends count as failures, in the order of their ends
	waves        []waveState
	passed       int  // the last wave that was let through a gate
	unsettled    int  // invocations
	running      int  // targets in an invocation that have not ended
	noOutput     bool // outputs are not asked for
	names        *Names
	named        int // how many targets names knows of
}

// TargetState is one target of a run.
type TargetState struct {
	TargetStatus
	InstanceName string
	Site         Site
	Wave         int
	InvokeId     string
	Cause        Cause // empty while it is under way
	Output       OutputKey
	HasResult    bool      // the output has been fetched, or is lost
	OutputLost   bool      // the service gave no output for a script that ran
	Delivery     *Delivery // nil where there is none
}

// InvocationState is one call of a run that the service took.
type InvocationState struct {
	InvokeId         string
	CommandId        string
	RequestId        string // of the call that made it; empty in a watch
	Site             Site
	InvocationStatus assist.Status
	InstanceIds      []string
	Frequency        string // of a periodic one
	Periodic         bool   // it stays under way until it is stopped

	open    bool // its targets are the service's to tell
	partial bool // its targets are some of its instances, so that it need not end with them
	gone    bool // the service has no record of it any more
	waits   int  // for so many targets to end, or for their outputs
	counted bool // among the unsettled
}

// settled means by the aggregate and by every instance, with the output of each that ran; or that nobody will tell.
func (i *InvocationState) settled() bool {
	return i.gone || (i.InvocationStatus.Terminal() || i.partial) && i.waits == 0
}

// ended tells an invocation of whose instances the service has nothing more to tell but their outputs.
func (s *State) ended(invokeID string) bool {
	invocation := &s.Invocations[s.byInvocation[invokeID]]
	return (invocation.InvocationStatus.Terminal() || invocation.partial) &&
		!slices.ContainsFunc(invocation.InstanceIds, func(id string) bool { return s.target(invokeID, id).Cause == "" })
}

// batchState is what became of a batch. One that was neither taken nor refused may have been sent or not.
type batchState struct {
	Batch
	first, last time.Time // when it was about to be sent
	taken       bool
	refused     bool
	final       bool   // it was refused, and its targets are not tried again
	open        bool   // a call was announced, and what became of it is not known
	doubted     bool   // so it was of a call before that
	unsent      bool   // no call was carried out
	code        string // why
	message     string
	unclear     bool // whether it was taken cannot be found out
}

// inDoubt reports whether the batch may have been taken, and may be looked for.
func (b *batchState) inDoubt() bool { return !b.taken && !b.refused && !b.unsent && !b.unclear }

type waveState struct{ targets, open int }

// NewState is the state before anything has happened.
func NewState() *State {
	return &State{
		byInvocation: map[string]int{}, texts: map[string]string{}, batches: map[string]*batchState{}, counts: map[Cause]int{},
	}
}

// Apply moves the state by one event. A target's end is final: no later event changes its cause. Being given up is no
// end: a resumed run takes it back.
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
		s.takeBack()
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
		s.giveUp() // what is in doubt, and was not sent again because nothing more was
	}
}

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
		site = s.Sites[i] // whose texts are shared
	}
	s.Targets = append(s.Targets, TargetState{
		TargetStatus: TargetStatus{InstanceId: target.InstanceId}, InstanceName: target.InstanceName, Site: site,
		Wave: target.Wave, InvokeId: target.InvokeId,
	})
	s.enter(len(s.Targets) - 1)
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
	open := e.ClientToken == "" && !e.Partial // of a watch
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
			continue // no target, or in an invocation already
		}
		claimed = append(claimed, id)
		t := &s.Targets[i]
		t.InvokeId = e.InvokeId
		s.enter(i)
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
	for _, target := range e.Targets { // of a watch
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

// complete tells a target that has ended, and whose output is here.
func (s *State) complete(t *TargetState) bool { return t.Cause != "" && !s.lacksOutput(t) }

// recount follows a target that was complete before, or not, into its invocation.
func (s *State) recount(t *TargetState, before bool) {
	i, ok := s.byInvocation[t.InvokeId]
	if after := s.complete(t); ok && before != after {
		if after {
			s.Invocations[i].waits--
		} else {
			s.Invocations[i].waits++
		}
		s.count(&s.Invocations[i])
	}
}

// count has an invocation among the unsettled when it is not settled.
func (s *State) count(invocation *InvocationState) {
	switch unsettled := !invocation.settled(); {
	case unsettled && !invocation.counted:
		s.unsettled++
	case !unsettled && invocation.counted:
		s.unsettled--
	}
	invocation.counted = !invocation.settled()
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

// unclear gives up a batch, until the run is resumed.
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
		if invocation.open {
			s.join(invocation, instance.InstanceId, "")
		}
		s.move(e.InvokeId, instance)
	}
	s.count(invocation)
}

// forgotten gives up what an invocation has not told.
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

// target finds a target in an invocation; nil when there is none.
func (s *State) target(invokeID, instanceID string) *TargetState {
	if in, ok := s.byInvocation[invokeID]; ok {
		if i, ok := s.find(in, Site{}, instanceID); ok {
			return &s.Targets[i]
		}
	}
	return nil
}

// end ends a target that is in no invocation.
func (s *State) end(site Site, id string, cause Cause, code, info string) {
	i, ok := s.find(unsent, site, id)
	if !ok || s.Targets[i].Cause != "" {
		return
	}
	t := &s.Targets[i]
	t.ErrorCode, t.ErrorInfo = code, info
	s.settle(t, cause)
}

func (s *State) move(invokeID string, status TargetStatus) {
	if t := s.target(invokeID, status.InstanceId); t != nil && t.Cause == "" {
		status.InstanceId, status.InvocationStatus = t.InstanceId, assist.ParseStatus(string(status.InvocationStatus)) // shared texts
		status.StartTime, status.FinishTime = s.shared(status.StartTime), s.shared(status.FinishTime)
		status.ErrorCode, status.ErrorInfo = s.shared(status.ErrorCode), s.shared(status.ErrorInfo)
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

// mostTexts is how many texts of targets are looked for again. Times are to the second.
const mostTexts = 256

// shared returns a text that another target has as well, so that it takes room once.
func (s *State) shared(text string) string {
	if known, ok := s.texts[text]; ok {
		return known
	}
	if len(s.texts) == mostTexts {
		clear(s.texts)
	}
	s.texts[text] = text
	return text
}

func (s *State) settle(t *TargetState, cause Cause) {
	if cause == "" {
		return
	}
	before := s.complete(t)
	t.Cause = cause
	s.recount(t, before)
	s.counts[cause]++
	if t.InvokeId != "" {
		s.running--
	}
	if cause.failure() {
		i, _ := s.find(s.invocationOf(t), t.Site, t.InstanceId)
		s.failed = append(s.failed, int32(i)) //nolint:gosec // far fewer
	}
	if t.Wave > 0 {
		s.waves[t.Wave-1].open--
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

// sendsFiles tells a run that puts files on instances, which gives no output.
func (s *State) sendsFiles() bool { return s.Action == (*assist.SendFileRequest)(nil).Action() }

// lacksOutput tells a target that has ended, and whose output is still to be fetched.
func (s *State) lacksOutput(t *TargetState) bool {
	return t.Cause.started() && !t.HasResult && !s.sendsFiles() && !s.noOutput
}

// OutputError returns why the output of a target is not known. It is empty if the output is known, or if there is none
// because the script was never started.
func (s *State) OutputError(t *TargetState) string {
	switch {
	case s.sendsFiles():
		return ""
	case t.OutputLost:
		return "the service returned no output"
	case s.noOutput && t.Cause.started():
		return "not asked for"
	case s.lacksOutput(t) && s.Message != "":
		return "not fetched: " + s.Message
	case s.lacksOutput(t):
		return "not fetched"
	case t.Cause == CauseUnknown:
		return "not settled when the wait ended"
	case t.Cause == "":
		return "not waited for"
	}
	return ""
}

// MissingOutputs returns how many outputs were asked for and are not known, of scripts that have ended.
func (s *State) MissingOutputs() int {
	missing := 0
	for i := range s.Targets {
		if t := &s.Targets[i]; t.OutputLost || s.lacksOutput(t) {
			missing++
		}
	}
	return missing
}

// giveUp names what is not settled: unsent if no call was carried out, else unknown.
func (s *State) giveUp() {
	s.giveUpUnsent()
	for i := range s.Targets {
		t := &s.Targets[i]
		if t.Cause != "" {
			continue
		}
		if t.InvokeId == "" {
			t.ErrorCode, t.ErrorInfo = CodeInDoubt, "the answer to the call is lost, and whether the service took it is not known"
		}
		s.settle(t, CauseUnknown)
	}
}

// CodeInDoubt is the ErrorCode of a target whose call may have been taken, or not.
const CodeInDoubt = "AnswerLost"

// giveUpUnsent names what no call was carried out for, with the reason if there is one.
func (s *State) giveUpUnsent() {
	if !slices.ContainsFunc(s.Targets, func(t TargetState) bool { return t.Cause == "" && t.InvokeId == "" }) {
		return
	}
	sent, refused := map[instanceKey]bool{}, map[instanceKey]*batchState{}
	for _, b := range s.batches {
		for _, id := range b.InstanceIds {
			switch {
			case b.unsent:
				refused[instanceKey{b.Site, id}] = b
			case !b.refused:
				sent[instanceKey{b.Site, id}] = true
			}
		}
	}
	for i := range s.Targets {
		t := &s.Targets[i]
		key := instanceKey{t.Site, t.InstanceId}
		if t.Cause != "" || t.InvokeId != "" || sent[key] {
			continue
		}
		if b := refused[key]; b != nil {
			t.ErrorCode, t.ErrorInfo = b.code, b.message
		}
		s.settle(t, CauseUnsent)
	}
}

// takeBack opens what was given up.
func (s *State) takeBack() {
	for _, b := range s.batches {
		b.unclear = false
	}
	for i := range s.Invocations {
		s.Invocations[i].gone = false
		s.count(&s.Invocations[i])
	}
	for i := range s.Targets {
		t := &s.Targets[i]
		if t.OutputLost {
			before := s.complete(t)
			t.HasResult, t.OutputLost = false, false
			s.recount(t, before)
		}
		if t.Cause != CauseUnknown && t.Cause != CauseUnsent {
			continue
		}
		s.counts[t.Cause]--
		before := s.complete(t)
		t.Cause, t.ErrorCode, t.ErrorInfo = "", "", ""
		s.recount(t, before)
		if t.InvokeId != "" {
			s.running++
		}
		if t.Wave > 0 {
			s.waves[t.Wave-1].open++
		}
	}
}

// Waves is how many waves the targets are sent in.
func (s *State) Waves() int { return len(s.waves) }

// CurrentWave returns the last wave that was let through, from 1 on.
func (s *State) CurrentWave() int { return max(1, min(s.passed, len(s.waves))) }

// upTo counts the targets of the waves up to one, and those of them that have not ended.
func (s *State) upTo(wave int) (targets, open int) {
	for _, w := range s.waves[:min(wave, len(s.waves))] {
		targets += w.targets
		open += w.open
	}
	return targets, open
}

// sentTo returns how many targets have been sent to so far, those that were refused among them.
func (s *State) sentTo() int {
	return s.running + s.Ended() - s.counts[CauseSkipped] - s.counts[CauseUnsent]
}

// isHalf reports whether a token is that of a half of a batch.
func (s *State) isHalf(token string) bool {
	whole := strings.TrimRight(token, "ab")
	return whole != token && s.batches[whole] != nil
}

// toSend returns how many targets of a batch are in no invocation and have not ended.
func (s *State) toSend(b *Batch) int {
	n := 0
	for _, id := range b.InstanceIds {
		if i, ok := s.find(unsent, b.Site, id); ok && s.Targets[i].Cause == "" {
			n++
		}
	}
	return n
}

// failures are the targets that ended without success, but for those that were left out. Of an unknown end nobody can say
// that it was one.
func (s *State) failures() int {
	return s.Ended() - s.counts[CauseSuccess] - s.counts[CauseSkipped] - s.counts[CauseUnsent]
}

// LatestFailures are the targets that failed last, at most n, the latest first. What was given up is not among them.
func (s *State) LatestFailures(n int) []*TargetState {
	latest := make([]*TargetState, 0, min(n, len(s.failed)))
	for _, i := range slices.Backward(s.failed) {
		if len(latest) == n {
			break
		}
		latest = append(latest, &s.Targets[i])
	}
	return latest
}

// InDoubt are the targets of calls whose answer never came, so that nobody knows yet whether the service took them.
func (s *State) InDoubt() int {
	n := 0
	for _, b := range s.batches {
		if b.inDoubt() {
			n += len(b.InstanceIds)
		}
	}
	return n
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

// Unsettled reports whether there is something left to send, to find out or to wait for.
func (s *State) Unsettled() bool {
	return s.Ended()-s.counts[CauseUnknown]-s.counts[CauseUnsent] < len(s.Targets) || s.unsettled > 0 || s.MissingOutputs() > 0
}

// Concluded tells that the run was waited for to its end, and that there is nothing left to find out. There may be
// something left to send.
func (s *State) Concluded() bool {
	return !s.Finished.IsZero() && s.Interrupted == "" && s.Ended()-s.counts[CauseUnknown] == len(s.Targets) && s.unsettled == 0 && s.MissingOutputs() == 0
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
