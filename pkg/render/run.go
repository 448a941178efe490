package render

import (
	"bytes"
	"fmt"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// Run is a run, or a watch, as it ended.
type Run struct {
	RunId       string
	Action      string
	RegionId    string
	Status      string
	Counts      Counts
	Invocations []RunInvocation
	Instances   []RunInstance
	Calls       map[string]int // the API calls it took, by action

	took      time.Duration
	periodic  bool
	submitted bool   // it was not waited for
	noun      string // what is counted; instances when empty
}

// Counts are Total, and one figure a cause, always all of them.
type Counts map[string]int

// MarshalJSON keeps the causes' order.
func (c Counts) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"Total":%d`, c["Total"])
	for _, cause := range fleet.Causes() {
		fmt.Fprintf(&b, `,%q:%d`, cause, c[string(cause)])
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// RunInvocation is one call of a run.
type RunInvocation struct {
	InvokeId         string
	CommandId        string
	RequestId        string `json:",omitempty"` // of the call that made it
	InvocationStatus assist.Status
	InstanceCount    int
	Frequency        string `json:",omitempty"` // of a periodic one
	NextTime         string `json:",omitempty"` // when a periodic one runs next, RFC 3339
}

// RunInstance is how one target ended.
type RunInstance struct {
	InstanceId       string
	InstanceName     string
	InvokeId         string
	InvocationStatus assist.Status
	Cause            fleet.Cause
	ExitCode         *int64 // null where the script did not run to an end
	Text
	Dropped    int64
	ErrorCode  string
	ErrorInfo  string
	StartTime  string
	FinishTime string
	Repeats    int64 `json:",omitempty"` // how often a periodic one has run; the rest is of its latest run

	lost bool
}

// Text is an output: as Output where it is text, else as OutputBase64.
type Text struct {
	Output       string
	OutputBase64 []byte `json:",omitempty"`
}

func textOf(output fleet.Output) Text {
	if text, ok := output.Text(); ok {
		return Text{Output: text}
	}
	return Text{OutputBase64: []byte(output)}
}

// String is the output, whatever it is.
func (t Text) String() string {
	if t.OutputBase64 != nil {
		return string(t.OutputBase64)
	}
	return t.Output
}

// NewRun makes the document of a state, and of the calls that led to it.
func NewRun(s *fleet.State, calls map[string]int) *Run {
	run := &Run{
		RunId: s.RunId, Action: s.Action, RegionId: s.RegionId, Status: string(s.Status()), Counts: s.Counts(),
		Invocations: []RunInvocation{}, Instances: make([]RunInstance, 0, len(s.Targets)), Calls: calls,
		took: s.Finished.Sub(s.Started),
	}
	for _, i := range s.Invocations {
		run.Invocations = append(run.Invocations, RunInvocation{
			InvokeId: i.InvokeId, CommandId: i.CommandId, RequestId: i.RequestId, InvocationStatus: i.InvocationStatus,
			InstanceCount: len(i.InstanceIds), Frequency: i.Frequency,
		})
		run.periodic = run.periodic || i.Periodic
	}
	for i := range s.Targets {
		run.Instances = append(run.Instances, newRunInstance(&s.Targets[i], s.Action != "SendFile"))
	}
	return run
}

// NewSubmitted makes the document of a state that was not waited for.
func NewSubmitted(s *fleet.State, calls map[string]int) *Run {
	run := NewRun(s, calls)
	run.submitted = true
	return run
}

// newRunInstance leaves the exit code out where nothing was executed.
func newRunInstance(t *fleet.TargetState, executed bool) RunInstance {
	i := RunInstance{
		InstanceId: t.InstanceId, InstanceName: t.InstanceName, InvokeId: t.InvokeId, InvocationStatus: t.InvocationStatus,
		Cause: t.Cause, Text: textOf(t.Output), Dropped: t.Dropped, ErrorCode: t.ErrorCode, ErrorInfo: t.ErrorInfo,
		StartTime: t.StartTime, FinishTime: t.FinishTime, Repeats: t.Repeats, lost: t.OutputLost,
	}
	if t.Repeats > 0 && t.FinishTime != "" {
		i.ExitCode = &t.ExitCode
	}
	if code, ok := t.Exited(); ok && executed {
		i.ExitCode = &code
	}
	return i
}

// Records are the instances.
func (r *Run) Records() []any { return Records(r.Instances) }

// Records makes the lines of NDJSON of a list.
func Records[T any](list []T) []any {
	all := make([]any, 0, len(list))
	for _, item := range list {
		all = append(all, item)
	}
	return all
}
