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
	Submitting  EventKind = "submitting"  // a batch is about to be sent
	Submitted   EventKind = "submitted"   // the service took it
	Rejected    EventKind = "rejected"    // the service refused it; smaller batches of the same targets may follow
	StatusEvent EventKind = "status"      // an invocation, or instances in it, changed
	OutputEvent EventKind = "output"      // what one instance gave back
	Interrupted EventKind = "interrupted" // the wait ended before all was settled; nothing was stopped
	Settled     EventKind = "settled"     // every target has come to an end
)

// Event is one thing that happened in a run. Which fields are set follows from the kind.
type Event struct {
	Event EventKind
	Time  time.Time

	RunId    string   `json:",omitempty"` // planned
	Action   string   `json:",omitempty"` // planned
	Name     string   `json:",omitempty"` // planned
	RegionId string   `json:",omitempty"` // planned
	Targets  []Target `json:",omitempty"` // planned, skipped

	ClientToken string   `json:",omitempty"` // submitting, submitted, rejected: which batch
	InstanceIds []string `json:",omitempty"` // submitting

	InvokeId  string `json:",omitempty"` // submitted, status, output
	CommandId string `json:",omitempty"` // submitted
	RequestId string `json:",omitempty"` // submitted: what the service's people want to know of a call

	Code    string `json:",omitempty"` // rejected: the API's code; interrupted: why
	Message string `json:",omitempty"` // rejected
	Final   bool   `json:",omitempty"` // rejected: these targets are not tried again

	InvocationStatus assist.Status  `json:",omitempty"` // status
	Instances        []TargetStatus `json:",omitempty"` // status: those that changed
	Periodic         bool           `json:",omitempty"` // status: it runs again and again, and never settles by itself
	Frequency        string         `json:",omitempty"` // status: when a periodic one runs

	Result *Result        `json:",omitempty"` // output
	Status assist.Status  `json:",omitempty"` // settled, interrupted
	Counts map[string]int `json:",omitempty"` // settled, interrupted
}

// Target is an instance that a run goes to.
type Target struct {
	InstanceId   string
	InstanceName string `json:",omitempty"`
	InvokeId     string `json:",omitempty"` // of a watch: an instance may stand in several invocations
	ErrorCode    string `json:",omitempty"` // why it was skipped
	ErrorInfo    string `json:",omitempty"`
}

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
	Output Output
	Lost   bool `json:",omitempty"` // the service gave no output for a script that ran
}
