package fleet

import (
	"time"

	"muster/pkg/assist"
)

// EventKind is the kind of an event.
type EventKind string

// The kinds of events.
const (
	Planned     EventKind = "planned"     // a run, or a watch, of these targets has begun
	Skipped     EventKind = "skipped"     // targets were left out because they are not eligible
	Resumed     EventKind = "resumed"     // an interrupted run continues; what was given up is open again
	Submitting  EventKind = "submitting"  // a batch is about to be sent
	Submitted   EventKind = "submitted"   // the service accepted it
	Rejected    EventKind = "rejected"    // the service refused it; smaller batches of the same targets may follow
	Unsent      EventKind = "unsent"      // it was not carried out: each try was refused temporarily, or never arrived
	Unclear     EventKind = "unclear"     // whether the service accepted it cannot be determined
	StatusEvent EventKind = "status"      // an invocation, or instances in it, changed
	LinesEvent  EventKind = "lines"       // what a running script has written since the last such event; the output repeats it
	OutputEvent EventKind = "output"      // the result of one instance
	Forgotten   EventKind = "forgotten"   // the service no longer has a record of an invocation; its outcome stays unknown
	Pausing     EventKind = "pausing"     // the next wave waits until a time
	GateEvent   EventKind = "gate"        // the next wave may be sent, or, with a Code, nothing more is sent
	Stopping    EventKind = "stopping"    // nothing more is sent, and what was sent is being stopped
	Interrupted EventKind = "interrupted" // the wait ended before all was settled; nothing was stopped
	Settled     EventKind = "settled"     // every target has finished
)

// EventKinds returns all kinds of events.
func EventKinds() []EventKind {
	return []EventKind{
		Planned, Skipped, Resumed, Submitting, Submitted, Rejected, Unsent, Unclear, StatusEvent, LinesEvent, OutputEvent, Forgotten, Pausing, GateEvent,
		Stopping, Interrupted, Settled,
	}
}

// journaled reports whether the event changes the state and belongs in a journal.
func (k EventKind) journaled() bool { return k != LinesEvent }

// The codes of a gate that is closed.
const (
	GateMaxFailures = "max-failures" // more targets failed than are tolerated
	GateDeclined    = "declined"     // the user declined the next wave
	GateCommand     = "gate"         // the gate command did not exit with 0
)

// Event is something that happened in a run. Which fields are set depends on the kind.
type Event struct {
	Event EventKind
	Time  time.Time

	RunId    string    `json:",omitempty"` // planned
	Action   string    `json:",omitempty"` // planned
	Name     string    `json:",omitempty"` // planned
	NoOutput bool      `json:",omitempty"` // planned, resumed: outputs are not requested
	Site               // planned, if there is one; submitting, submitted, rejected, status, lines, output, forgotten
	Fanout   int       `json:",omitempty"` // planned, resumed: the largest number of instances that run it at a time; 0: any number
	Sites    []Site    `json:",omitempty"` // planned, if there are several
	Targets  []Target  `json:",omitempty"` // planned, skipped; submitted, in a watch: all known targets
	Wave     int       `json:",omitempty"` // gate, pausing: the wave after it; if closed, the first wave that is not sent completely
	Until    time.Time `json:",omitzero"`  // pausing
	Warnings []Warning `json:",omitempty"` // planned: likely problems

	ClientToken string   `json:",omitempty"` // submitting, submitted, rejected: the batch
	InstanceIds []string `json:",omitempty"` // submitting

	InvokeId  string `json:",omitempty"` // submitted, status, lines, output, forgotten
	CommandId string `json:",omitempty"` // submitted
	Partial   bool   `json:",omitempty"` // submitted, in a watch: only some of the invocation's instances are Targets
	RequestId string `json:",omitempty"` // submitted: identifies the call in support requests
	Found     bool   `json:",omitempty"` // submitted: found in the service's records, not in an answer

	Code    string `json:",omitempty"` // rejected: the API's code; interrupted, gate, forgotten: the reason
	Message string `json:",omitempty"` // rejected, interrupted, gate, forgotten
	Final   bool   `json:",omitempty"` // rejected: these targets are not tried again

	InvocationStatus assist.Status  `json:",omitempty"` // status
	Instances        []TargetStatus `json:",omitempty"` // status: those that changed
	Periodic         bool           `json:",omitempty"` // status: it runs repeatedly, and never settles by itself
	Frequency        string         `json:",omitempty"` // status: the schedule of a periodic one

	InstanceId    string `json:",omitempty"` // lines
	Output        Output `json:",omitempty"` // lines: complete ones, except at the end, before missing bytes, and for a very long line
	Dropped       int64  `json:",omitempty"` // lines: the number of bytes missing before Output, because more was written between two fetches than is kept
	DroppedWithin int64  `json:",omitempty"` // lines: the bytes may be missing anywhere within this number of bytes from there

	Result *Result        `json:",omitempty"` // output
	Status assist.Status  `json:",omitempty"` // settled, interrupted
	Counts map[string]int `json:",omitempty"` // settled, interrupted
}

// Target is an instance that a run is sent to.
type Target struct {
	InstanceId   string
	InstanceName string `json:",omitempty"`
	Site
	Wave      int    `json:",omitempty"` // the wave that it is sent in, from 1
	InvokeId  string `json:",omitempty"` // in a watch: an instance may be in several invocations
	ErrorCode string `json:",omitempty"` // the reason why it was skipped
	ErrorInfo string `json:",omitempty"`
}

// instanceKey identifies an instance among those of all sites.
type instanceKey struct {
	site Site
	id   string
}

func (t *Target) key() instanceKey { return instanceKey{t.Site, t.InstanceId} }

// TargetStatus is the state of an invocation on one instance.
type TargetStatus struct {
	InstanceId       string
	InvocationStatus assist.Status
	ExitCode         int64  `json:",omitempty"`
	ErrorCode        string `json:",omitempty"`
	ErrorInfo        string `json:",omitempty"`
	StartTime        string `json:",omitempty"`
	FinishTime       string `json:",omitempty"`
	Dropped          int64  `json:",omitempty"`
	Repeats          int64  `json:",omitempty"` // the number of runs of a periodic one
}

// Result is the outcome of an instance, and its output as received, at most 24 KB of any bytes.
type Result struct {
	TargetStatus
	Output Output    `json:",omitempty"`
	Key    OutputKey `json:",omitzero"`  // in place of an Output that an earlier event of the run has
	Lost   bool      `json:",omitempty"` // the service returned no output for a script that ran
	Delivery

	hashed OutputKey // the key of Output, computed on demand
}

// OutputKey returns the key of the output, even if only the key is here.
func (r *Result) OutputKey() OutputKey {
	if r.Output == "" {
		return r.Key
	}
	if r.hashed == (OutputKey{}) {
		r.hashed = r.Output.Key()
	}
	return r.hashed
}

// Delivery is the state of an output's delivery to OSS, in the API's names. It is empty if no delivery was requested.
type Delivery struct {
	OssOutputStatus    string `json:",omitempty"` // InProgress, Finished or Failed
	OssOutputUri       string `json:",omitempty"`
	OssOutputErrorCode string `json:",omitempty"`
	OssOutputErrorInfo string `json:",omitempty"`
}
