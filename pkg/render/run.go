package render

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// Run is the outcome of a run or a watch. It reads its instances from the state, and their outputs from where they are stored,
// while it is written.
type Run struct {
	runHead
	Calls map[string]int // the number of API calls, by action

	state             *fleet.State
	outputs           fleet.Outputs
	regions, profiles int
	waves             int
	periodic          bool
	submitted         bool // it was not waited for

	before  map[instanceAt]fleet.OutputKey // the outputs of an earlier run
	earlier fleet.Outputs

	seen  func(*fleet.TargetState) bool // reports whether an output has been seen; nil: none has
	shown func(*fleet.TargetState) bool // reports whether an instance is written; nil: all are
}

// instanceAt identifies an instance among those of all sites.
type instanceAt struct {
	site fleet.Site
	id   string
}

func instanceOf(t *fleet.TargetState) instanceAt { return instanceAt{t.Site, t.InstanceId} }

// Against makes tables show what has changed since an earlier run, instead of the outputs of instances that were in both.
func (r *Run) Against(earlier *fleet.State, outputs fleet.Outputs) {
	r.before, r.earlier = map[instanceAt]fleet.OutputKey{}, outputs
	for i := range earlier.Targets {
		if t := &earlier.Targets[i]; t.HasResult && !t.OutputLost {
			r.before[instanceOf(t)] = t.Output
		}
	}
}

// LeaveOut omits from tables the outputs for which seen returns true.
func (r *Run) LeaveOut(seen func(*fleet.TargetState) bool) { r.seen = seen }

// Narrow omits from tables and documents the instances for which shown returns false. What describes the whole run, such as its
// counts, is unchanged.
func (r *Run) Narrow(shown func(*fleet.TargetState) bool) { r.shown = shown }

// runHead has the keys before the instances.
type runHead struct {
	RunId       string
	Action      string
	RegionId    string // several are joined by commas, like profiles
	Profile     string `json:",omitempty"`
	Status      string
	Gate        string `json:",omitempty"` // why nothing more was sent
	GateReason  string `json:",omitempty"` // the same in words
	Fanout      int    `json:",omitempty"` // the largest number of instances that run it at a time
	Counts      Counts
	Invocations []RunInvocation
	Warnings    []fleet.Warning // of the script and the agents, from before anything was sent
}

// Counts are Total and one figure per cause, including zeros.
type Counts map[string]int

// MarshalJSON writes the causes in their order.
func (c Counts) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"Total":%d`, c["Total"])
	for _, cause := range fleet.Causes() {
		fmt.Fprintf(&b, `,%q:%d`, cause, c[string(cause)])
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// RunInvocation is a call of a run.
type RunInvocation struct {
	InvokeId         string
	CommandId        string
	RequestId        string `json:",omitempty"` // of the call that submitted it
	RegionId         string `json:",omitempty"` // if the run has several
	InvocationStatus assist.Status
	InstanceCount    int
	Frequency        string `json:",omitempty"` // of a periodic one
	NextTime         string `json:",omitempty"` // when a periodic one runs next, RFC 3339
}

// RunInstance is the outcome of a target.
type RunInstance struct {
	InstanceId       string
	InstanceName     string
	RegionId         string
	Profile          string `json:",omitempty"`
	Wave             int    `json:",omitempty"` // if the run has several
	InvokeId         string
	InvocationStatus assist.Status
	Cause            fleet.Cause
	ExitCode         *int64 // null if the script did not run to its end
	Text
	Dropped    int64
	ErrorCode  string
	ErrorInfo  string
	StartTime  string
	FinishTime string
	Repeats    int64 `json:",omitempty"` // the number of runs of a periodic one; the other keys are of its latest run
	fleet.Delivery
}

// NewRun returns the document of a state, the outputs that it has the keys of, and the calls that led to it. The state must not
// change until the document has been written.
func NewRun(s *fleet.State, outputs fleet.Outputs, calls map[string]int) *Run {
	if calls == nil {
		calls = map[string]int{}
	}
	var regions, profiles []string
	for _, site := range s.Sites {
		regions, profiles = appendNew(regions, site.RegionId), appendNew(profiles, site.Profile)
	}
	run := &Run{
		runHead: runHead{
			RunId: s.RunId, Action: s.Action, RegionId: strings.Join(regions, ","), Profile: strings.Join(profiles, ","),
			Status: string(s.Status()), Gate: s.Gate, GateReason: s.GateReason, Fanout: s.Fanout, Warnings: notNil(s.Warnings), Counts: s.Counts(), Invocations: []RunInvocation{},
		},
		Calls: calls, state: s, outputs: outputs, regions: len(regions), profiles: len(profiles),
	}
	for i := range s.Invocations {
		n := &s.Invocations[i]
		invocation := RunInvocation{
			InvokeId: n.InvokeId, CommandId: n.CommandId, RequestId: n.RequestId, InvocationStatus: n.InvocationStatus,
			InstanceCount: len(n.InstanceIds), Frequency: n.Frequency,
		}
		if run.regions > 1 {
			invocation.RegionId = n.Site.RegionId
		}
		run.Invocations = append(run.Invocations, invocation)
		run.periodic = run.periodic || n.Periodic
	}
	for i := range s.Targets {
		run.waves = max(run.waves, s.Targets[i].Wave)
	}
	return run
}

func appendNew(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// NewSubmitted returns the document of a state that was not waited for.
func NewSubmitted(s *fleet.State, calls map[string]int) *Run {
	run := NewRun(s, nil, calls)
	run.submitted = true
	return run
}

// RunShape has the keys of a [Run].
type RunShape struct {
	runHead
	Instances []RunInstance
	Calls     map[string]int
}

// Shape returns a [RunShape].
func (r *Run) Shape() any { return RunShape{} }
