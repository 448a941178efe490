package fleet

import (
	"time"

	"muster/pkg/assist"
)

// EventKind says what happened.
type EventKind string

// The kinds of events.
const (
	Planned     EventKind = "planned"     // a run, or a watch, of these targets begins
	Skipped     EventKind = "skipped"     // targets were left out because they are not eligible
	Resumed     EventKind = "resumed"     // an interrupted run goes on: what was given up is open again
	Submitting  EventKind = "submitting"  // a batch is about to be sent
	Submitted   EventKind = "submitted"   // the service took it
	Rejected    EventKind = "rejected"    // the service refused it; smaller batches of the same targets may follow
	Unsent      EventKind = "unsent"      // it was not carried out after all: each try was refused for a time, or never arrived
	Unclear     EventKind = "unclear"     // whether the service took it cannot be found out
	StatusEvent EventKind = "status"      // an invocation, or instances in it, changed
	LinesEvent  EventKind = "lines"       // what a script has written since, while it runs; the output has it again
	OutputEvent EventKind = "output"      // what one instance gave back
	Forgotten   EventKind = "forgotten"   // the service has no record of an invocation any more: how it ended stays unknown
	Pausing     EventKind = "pausing"     // the next wave waits until a time
	GateEvent   EventKind = "gate"        // the next wave was let through, or, with a Code, nothing more is sent
	Stopping    EventKind = "stopping"    // nothing more is sent, and what was sent is being stopped
	Interrupted EventKind = "interrupted" // the wait ended before all was settled; nothing was stopped
	Settled     EventKind = "settled"     // every target has come to an end
)

// EventKinds returns all of them.
func EventKinds() []EventKind {
	return []EventKind{
		Planned, Skipped, Resumed, Submitting, Submitted, Rejected, Unsent, Unclear, StatusEvent, LinesEvent, OutputEvent, Forgotten, Pausing, GateEvent,
		Stopping, Interrupted, Settled,
	}
}

// kept tells an event that moves the state, and that a journal has.
func (k EventKind) kept() bool { return k != LinesEvent }

// Why a gate is closed, as the event's Code.
const (
	GateMaxFailures = "max-failures" // more targets failed than are tolerated
	GateDeclined    = "declined"     // somebody was asked, and said no
	GateCommand     = "gate"         // the gate command did not end with 0
)

// Event is one thing that happened in a run. Which fields are set follows from the kind.
type Event struct {
	Event EventKind
	Time  time.Time

	RunId    string    `json:",omitempty"` // planned
	Action   string    `json:",omitempty"` // planned
	Name     string    `json:",omitempty"` // planned
	NoOutput bool      `json:",omitempty"` // planned, resumed: outputs are not asked for
	Site               // planned, where there is one; submitting, submitted, rejected, status, lines, output, forgotten
	Fanout   int       `json:",omitempty"` // planned, resumed: how many instances run it at a time at most; 0: any number
	Sites    []Site    `json:",omitempty"` // planned, where there are several
	Targets  []Target  `json:",omitempty"` // planned, skipped; submitted, in a watch: all that are known
	Wave     int       `json:",omitempty"` // gate, pausing: the one that is behind it; closed, the first that is not sent whole
	Until    time.Time `json:",omitzero"`  // pausing
	Warnings []Warning `json:",omitempty"` // planned: what is likely to go wrong

	ClientToken string   `json:",omitempty"` // submitting, submitted, rejected: which batch
	InstanceIds []string `json:",omitempty"` // submitting

	InvokeId  string `json:",omitempty"` // submitted, status, lines, output, forgotten
	CommandId string `json:",omitempty"` // submitted
	Partial   bool   `json:",omitempty"` // submitted, of a watch: Targets are some of the invocation's instances, and the others do not matter
	RequestId string `json:",omitempty"` // submitted: what the service's people want to know of a call
	Found     bool   `json:",omitempty"` // submitted: found among the service's records, not told by an answer

	Code    string `json:",omitempty"` // rejected: the API's code; interrupted, gate, forgotten: why
	Message string `json:",omitempty"` // rejected, interrupted, gate, forgotten
	Final   bool   `json:",omitempty"` // rejected: these targets are not tried again

	InvocationStatus assist.Status  `json:",omitempty"` // status
	Instances        []TargetStatus `json:",omitempty"` // status: those that changed
	Periodic         bool           `json:",omitempty"` // status: it runs again and again, and never settles by itself
	Frequency        string         `json:",omitempty"` // status: when a periodic one runs

	InstanceId    string `json:",omitempty"` // lines
	Output        Output `json:",omitempty"` // lines: whole ones, but at the end, before what is missing, and of one that is very long
	Dropped       int64  `json:",omitempty"` // lines: bytes that are missing before Output, as more was written between two looks than is kept
	DroppedWithin int64  `json:",omitempty"` // lines: they may as well be missing anywhere in so many bytes from there on

	Result *Result        `json:",omitempty"` // output
	Status assist.Status  `json:",omitempty"` // settled, interrupted
	Counts map[string]int `json:",omitempty"` // settled, interrupted
}

// Target is an instance that a run goes to.
type Target struct {
	InstanceId   string
	InstanceName string `json:",omitempty"`
	Site
	Wave      int    `json:",omitempty"` // which it is sent in, from 1 on
	InvokeId  string `json:",omitempty"` // of a watch: an instance may stand in several invocations
	ErrorCode string `json:",omitempty"` // why it was skipped
	ErrorInfo string `json:",omitempty"`
}

// instanceKey names an instance among those of all sites.
type instanceKey struct {
	site Site
	id   string
}

func (t *Target) key() instanceKey { return instanceKey{t.Site, t.InstanceId} }

// TargetStatus is how an invocation stands on one instance.
type TargetStatus struct {
	InstanceId       string
	InvocationStatus assist.Status
	ExitCode         int64  `json:",omitempty"`
	ErrorCode        string `json:",omitempty"`
	ErrorInfo        string `json:",omitempty"`
	StartTime        string `json:",omitempty"`
	FinishTime       string `json:",omitempty"`
	Dropped          int64  `json:",omitempty"`
	Repeats          int64  `json:",omitempty"` // how often a periodic one has run
}

// Result is an instance's end, and its output as it came, at most 24 KB of any bytes.
type Result struct {
	TargetStatus
	Output Output    `json:",omitempty"`
	Key    OutputKey `json:",omitzero"`  // in place of an Output that an earlier event of the run has told
	Lost   bool      `json:",omitempty"` // the service gave no output for a script that ran
	Delivery

	hashed OutputKey // that of Output, once somebody has asked for it
}

// OutputKey is that of the output, whether it is here or elsewhere.
func (r *Result) OutputKey() OutputKey {
	if r.Output == "" {
		return r.Key
	}
	if r.hashed == (OutputKey{}) {
		r.hashed = r.Output.Key()
	}
	return r.hashed
}
