package lab

import (
	"slices"
	"time"

	"muster/pkg/assist"
)

// results adds the instances of an invocation with the outcome of the first one, and the outcomes that differ from it.
func (d *dumper) results(r record, dumped *InvocationDump) error {
	var order []OutcomeDump
	byOutcome := map[OutcomeDump][]string{}
	for i, t := range r.Tasks {
		if d.reader.instances[t.InstanceId] == nil {
			d.gone++
			continue
		}
		o, output := d.outcome(r, i, t)
		if err := d.grow(output); err != nil {
			return err
		}
		if byOutcome[o] == nil {
			order = append(order, o)
		}
		byOutcome[o] = append(byOutcome[o], t.InstanceId)
		dumped.Instances = append(dumped.Instances, t.InstanceId)
	}
	for i, o := range order {
		if i == 0 {
			dumped.OutcomeDump = o
			continue
		}
		dumped.Results = append(dumped.Results, ResultDump{Instances: byOutcome[o], OutcomeDump: o})
	}
	return nil
}

// outcome returns how a task has ended, or how the dump ends it, and the size of its output.
func (d *dumper) outcome(r record, index int, t *task) (o OutcomeDump, size int) {
	if t.Lost {
		d.lost++
	}
	status := t.Status
	active := t.inProgress()
	switch {
	case r.repeats() && !status.Terminal():
		d.earlier += len(t.History)
		if active {
			t = t.beforeRun()
			d.interrupted++
		}
		if status != assist.StatusStopping {
			status = assist.StatusScheduled
		} else {
			status = assist.StatusCancelled
			o.Stopped = d.time(d.now)
		}
	case active:
		d.interrupted++
		next := *t
		interrupted().put(&next)
		next.Output, next.Dropped = d.agents.outputOf(r.invocation, index, t)
		next.Finished, next.Updated = d.now, d.now
		t, status = &next, next.Status
	case !status.Terminal():
		d.cancelled++
		return OutcomeDump{Status: assist.StatusCancelled, Stopped: d.time(d.now)}, 0
	default:
		d.earlier += len(t.History)
	}
	if o.Stopped == "" && status != assist.StatusScheduled {
		o.Stopped = d.time(t.Stopped)
	}
	if status != assist.StatusSuccess || r.repeats() {
		o.Status = status
	}
	d.putFailure(&o, t)
	if last := slices.MaxFunc([]time.Time{r.Created, t.Finished, t.Stopped}, time.Time.Compare); assist.FormatTime(last) != assist.FormatTime(t.Updated) {
		o.Updated = d.time(t.Updated)
	}
	if t.Repeats == 0 {
		return o, 0
	}
	if r.repeats() {
		o.Repeats = t.Repeats
	}
	o.Started, o.Finished = d.time(t.Started), d.time(t.Finished)
	if status == assist.StatusSuccess || status == assist.StatusFailed || r.repeats() && (status == assist.StatusScheduled || status == assist.StatusCancelled) {
		o.Exit = t.ExitCode
	}
	output := t.Output
	if t.Simulated {
		output, _ = d.agents.outputOf(r.invocation, index, t)
	}
	o.Output, o.OutputBase64 = dumpedText(output)
	o.Dropped = t.Dropped
	return o, len(output)
}

// beforeRun returns a repeated task as it was before the run that is in progress.
func (t *task) beforeRun() *task {
	if n := len(t.History); n > 0 {
		return t.History[n-1]
	}
	return &task{InstanceId: t.InstanceId}
}

// putFailure sets the error code and its explanation, unless the fleet file implies them.
func (d *dumper) putFailure(o *OutcomeDump, t *task) {
	switch t.ErrorCode {
	case "", "ExitCodeNonzero":
		return
	case "ExecutionTimeout":
		if o.Status == assist.StatusTimeout {
			return
		}
	}
	info, seen := d.infos[t.ErrorCode]
	if !seen {
		a := &armedFault{Fault: Fault{Action: targetTask, Code: t.ErrorCode}}
		if a.readCode() == nil {
			info = a.failure.info
		}
		d.infos[t.ErrorCode] = info
	}
	if o.ErrorCode = t.ErrorCode; t.ErrorInfo != info {
		o.ErrorInfo = t.ErrorInfo
	}
}
