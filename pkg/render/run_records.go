package render

import (
	"cmp"
	"errors"
	"iter"

	"github.com/go-json-experiment/json/jsontext"

	"muster/pkg/fleet"
)

// Parts returns the run's parts, with the instances as its list.
func (r *Run) Parts() Parts {
	return Parts{
		Before: []any{&r.runHead}, Name: "Instances", List: r.spliced(0),
		After: []any{struct{ Calls map[string]int }{r.Calls}},
	}
}

// MarshalJSON always fails, because it would omit the instances: [Write] writes the parts.
func (r *Run) MarshalJSON() ([]byte, error) { return nil, errors.New("a run is written by its parts") }

// Records returns the instances.
func (r *Run) Records() iter.Seq2[any, error] { return r.records(0) }

// records returns the instances of a wave, or all for wave 0.
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

// Record returns an instance without values.
func (r *Run) Record() any { return RunInstance{} }

// jsonOutputs returns outputs as JSON strings.
type jsonOutputs interface {
	// OutputJSON returns the output of a key, or nil if it is not text. The string may be in the given buffer, which is returned
	// for the next call.
	OutputJSON(key fleet.OutputKey, room []byte) (literal jsontext.Value, _ []byte, err error)
}

// spliced returns the instances, with outputs as they are stored if that is JSON, because decoding and encoding them again
// would take most of the time. Each item is a *[Spliced], and valid until the next one.
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

// splice returns the output to insert into an instance, or nil if the instance already has it.
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

// text returns the output of a target for documents. An output that cannot be read is unknown.
func (r *Run) text(t *fleet.TargetState, output fleet.Output, err error) Text {
	if err != nil {
		return Text{OutputError: err.Error()}
	}
	text := textOf(output)
	text.OutputError = r.state.OutputError(t)
	return text
}

// InstanceNames returns the shown name of each target.
func (r *Run) InstanceNames() []string {
	names := make([]string, 0, len(r.state.Targets))
	for n := range r.numbers(0) {
		names = append(names, r.state.NameOf(&r.state.Targets[n]))
	}
	return names
}

// readOutput reads an output by its key. The zero key is the empty output and needs no lookup.
func readOutput(outputs fleet.Outputs, key fleet.OutputKey) (fleet.Output, error) {
	if key == (fleet.OutputKey{}) {
		return "", nil
	}
	return outputs.Output(key)
}

// instance returns a target without its output.
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

// exitCode returns the exit code of a target, or nil if nothing was executed.
func (r *Run) exitCode(t *fleet.TargetState) *int64 {
	if _, ok := t.Exited(); ok && r.state.Action != "SendFile" || !t.Cause.Ran() && t.Repeats > 0 && t.FinishTime != "" {
		return &t.ExitCode
	}
	return nil
}

// outcomes returns the outcomes of the run's targets.
func (r *Run) outcomes() outcomes {
	targets := r.state.Targets
	return outcomes{
		outputs: r.outputs, earlier: r.earlier,
		name:      func(n int32) string { return r.state.NameOf(&targets[n]) },
		called:    func(n int32) string { return cmp.Or(targets[n].InstanceName, targets[n].InstanceId) },
		instances: r.instances,
		of: func(n int32) outcome {
			t := &targets[n]
			e := outcome{cause: t.Cause, output: t.Output, dropped: t.Dropped, delivery: t.Delivery}
			if t.Cause != "" && t.Cause != fleet.CauseUnknown {
				e.missing = r.state.OutputError(t)
			}
			if r.seen != nil && r.seen(t) {
				if e.dropped == 0 || Delivery(t.Delivery) == "" {
					return outcome{}
				}
				e.output, e.seen = fleet.OutputKey{}, true // the location of the whole output has not been shown
			}
			e.before, e.compared = r.before[instanceOf(t)]
			if code := r.exitCode(t); code != nil {
				e.exit, e.exited = *code, true
			}
			return e
		},
	}
}

// instances returns the number of distinct instances among some targets. In a watch, an instance may be a target of several
// invocations.
func (r *Run) instances(numbers []int32) int {
	if r.state.RunId != "" {
		return len(numbers)
	}
	distinct := map[instanceAt]struct{}{}
	for _, n := range numbers {
		distinct[instanceOf(&r.state.Targets[n])] = struct{}{}
	}
	return len(distinct)
}

// numbers returns the numbers of a wave's targets that are shown, or of all for wave 0.
func (r *Run) numbers(wave int) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for n := range r.state.Targets {
			t := &r.state.Targets[n]
			if (wave == 0 || t.Wave == wave) && (r.shown == nil || r.shown(t)) && !yield(int32(n)) {
				return
			}
		}
	}
}
