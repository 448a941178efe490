package render

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// Run is a run, or a watch, as it ended. It reads its instances from the state, and their outputs from where these are,
// while it is written.
type Run struct {
	runHead
	Calls map[string]int // the API calls it took, by action

	state             *fleet.State
	outputs           fleet.Outputs
	regions, profiles int
	waves             int
	periodic          bool
	submitted         bool // it was not waited for

	before  map[instanceAt]fleet.OutputKey // the outputs of an earlier run
	earlier fleet.Outputs

	told  func(*fleet.TargetState) bool // whose outputs have been seen; nil: nobody's
	shown func(*fleet.TargetState) bool // who is written; nil: everybody
}

// instanceAt names an instance among those of all sites.
type instanceAt struct {
	site fleet.Site
	id   string
}

func instanceOf(t *fleet.TargetState) instanceAt { return instanceAt{t.Site, t.InstanceId} }

// Against has the tables show what has changed since an earlier run, in place of the outputs of the instances that were in
// both.
func (r *Run) Against(earlier *fleet.State, outputs fleet.Outputs) {
	r.before, r.earlier = map[instanceAt]fleet.OutputKey{}, outputs
	for i := range earlier.Targets {
		if t := &earlier.Targets[i]; t.HasResult && !t.OutputLost {
			r.before[instanceOf(t)] = t.Output
		}
	}
}

// LeaveOut has the tables not repeat the outputs that have been seen.
func (r *Run) LeaveOut(told func(*fleet.TargetState) bool) { r.told = told }

// Narrow leaves out of tables and documents the instances that it returns false for. What is said of the run as a whole, its
// counts included, stays.
func (r *Run) Narrow(shown func(*fleet.TargetState) bool) { r.shown = shown }

// runHead is what stands before the instances.
type runHead struct {
	RunId       string
	Action      string
	RegionId    string // several are joined by commas, as are profiles
	Profile     string `json:",omitempty"`
	Status      string
	Gate        string `json:",omitempty"` // why nothing more was sent
	GateReason  string `json:",omitempty"` // the same in words
	Fanout      int    `json:",omitempty"` // how many instances run it at a time at most
	Counts      Counts
	Invocations []RunInvocation
	Warnings    []fleet.Warning // of the script and the agents, from before anything was sent
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
	RegionId         string `json:",omitempty"` // where the run has several
	InvocationStatus assist.Status
	InstanceCount    int
	Frequency        string `json:",omitempty"` // of a periodic one
	NextTime         string `json:",omitempty"` // when a periodic one runs next, RFC 3339
}

// RunInstance is how one target ended.
type RunInstance struct {
	InstanceId       string
	InstanceName     string
	RegionId         string
	Profile          string `json:",omitempty"`
	Wave             int    `json:",omitempty"` // where the run has several
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
	fleet.Delivery
}

// NewRun makes the document of a state, of the outputs that it has the keys of, and of the calls that led to it. The
// state is not to be moved until the document has been written.
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

// NewSubmitted makes the document of a state that was not waited for.
func NewSubmitted(s *fleet.State, calls map[string]int) *Run {
	run := NewRun(s, nil, calls)
	run.submitted = true
	return run
}

// Parts are the run's, with the instances as its list.
func (r *Run) Parts() Parts {
	return Parts{
		Before: []any{&r.runHead}, Name: "Instances", List: r.spliced(0),
		After: []any{struct{ Calls map[string]int }{r.Calls}},
	}
}

// MarshalJSON refuses what would leave the instances out: Write goes by the parts.
func (r *Run) MarshalJSON() ([]byte, error) { return nil, errors.New("a run is written by its parts") }

// Records are the instances.
func (r *Run) Records() iter.Seq2[any, error] { return r.records(0) }

// records are the instances of a wave, or all for the wave 0.
func (r *Run) records(wave int) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for n := range r.numbers(wave) {
			t := &r.state.Targets[n]
			instance := r.instance(t)
			output, err := readOutput(r.outputs, t.Output)
			instance.Text = r.text(t, output, err)
			if !yield(instance, nil) {
				return
			}
		}
	}
}

// jsonOutputs has outputs as JSON strings.
type jsonOutputs interface {
	// OutputJSON returns the output of a key; nil if it is not text. The string may be in the room that is given, which is
	// returned for the next one.
	OutputJSON(key fleet.OutputKey, room []byte) (literal jsontext.Value, _ []byte, err error)
}

// spliced returns the instances, with outputs as they are kept if that is JSON, since decoding and encoding them again would be most
// of the work. Each is a *Spliced, and good until the next one.
func (r *Run) spliced(wave int) iter.Seq2[any, error] {
	kept, ok := r.outputs.(jsonOutputs)
	if !ok {
		return r.records(wave)
	}
	return func(yield func(any, error) bool) {
		var room []byte
		var instance RunInstance
		spliced := Spliced{Value: &instance, Key: "Output"}
		for n := range r.numbers(wave) {
			t := &r.state.Targets[n]
			instance = r.instance(t)
			if spliced.With, room = r.splice(&instance, t, kept, room); !yield(&spliced, nil) {
				return
			}
		}
	}
}

// splice returns the output that an instance is to have. The instance has it already where that is nil.
func (r *Run) splice(instance *RunInstance, t *fleet.TargetState, kept jsonOutputs, room []byte) (jsontext.Value, []byte) {
	var output fleet.Output
	var err error
	if t.Output != (fleet.OutputKey{}) {
		var literal jsontext.Value
		if literal, room, err = kept.OutputJSON(t.Output, room); literal != nil && err == nil {
			return literal, room
		}
		if err == nil {
			output, err = r.outputs.Output(t.Output)
		}
	}
	instance.Text = r.text(t, output, err)
	return nil, room
}

// text returns the output of a target as documents have it. An output that cannot be read back is unknown.
func (r *Run) text(t *fleet.TargetState, output fleet.Output, err error) Text {
	if err != nil {
		return Text{OutputError: err.Error()}
	}
	text := textOf(output)
	text.OutputError = r.state.OutputError(t)
	return text
}

// Record returns an instance without values.
func (r *Run) Record() any { return RunInstance{} }

// InstanceNames returns what each target is shown as.
func (r *Run) InstanceNames() []string {
	names := make([]string, 0, len(r.state.Targets))
	for n := range r.numbers(0) {
		names = append(names, r.state.NameOf(&r.state.Targets[n]))
	}
	return names
}

// readOutput leaves whoever has the outputs alone where there is none.
func readOutput(outputs fleet.Outputs, key fleet.OutputKey) (fleet.Output, error) {
	if key == (fleet.OutputKey{}) {
		return "", nil
	}
	return outputs.Output(key)
}

// instance is a target without its output.
func (r *Run) instance(t *fleet.TargetState) RunInstance {
	i := RunInstance{
		InstanceId: t.InstanceId, InstanceName: t.InstanceName, RegionId: t.Site.RegionId, Profile: t.Site.Profile,
		InvokeId: t.InvokeId, InvocationStatus: t.InvocationStatus, Cause: t.Cause, ExitCode: r.exitCode(t),
		Dropped: t.Dropped, ErrorCode: t.ErrorCode, ErrorInfo: t.ErrorInfo, StartTime: t.StartTime, FinishTime: t.FinishTime,
		Repeats: t.Repeats,
	}
	if r.waves > 1 {
		i.Wave = t.Wave
	}
	if t.Delivery != nil {
		i.Delivery = *t.Delivery
	}
	return i
}

// exitCode is nil where nothing was executed.
func (r *Run) exitCode(t *fleet.TargetState) *int64 {
	if _, ok := t.Exited(); ok && r.state.Action != "SendFile" || t.Repeats > 0 && t.FinishTime != "" {
		return &t.ExitCode
	}
	return nil
}

// took is how long it lasted; nothing while it lasts.
func (r *Run) took() time.Duration { return max(0, r.state.Finished.Sub(r.state.Started)) }
