package lab

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"

	"muster/pkg/assist"
)

// maxRuns is how many runs of a task are kept. How many the service keeps is not documented.
const maxRuns = 100

// startRun makes t a new run and moves the run before it to the history. order must increase with every run.
func (t *task) startRun(order uint64) {
	if t.Repeats > 0 {
		earlier := t.latestRun()
		t.History = append(t.History[max(len(t.History)-maxRuns+2, 0):], earlier)
	}
	*t = task{
		InstanceId: t.InstanceId, Turn: t.Turn, Status: t.Status, Created: t.Created,
		Repeats: t.Repeats + 1, Order: order, History: t.History, Agent: t.Agent,
	}
}

// latestRun returns the latest run without the history, and with the run's own state instead of the task's.
func (t *task) latestRun() *task {
	run := *t
	run.History = nil
	if !t.inProgress() {
		run.Status = t.Outcome
		if t.Outcome != assist.StatusTerminated {
			run.Stopped = time.Time{} // the stop came after the run, before the next one
		}
	}
	return &run
}

// endRun makes the state of the task the outcome of its latest run. Unless that was the last one, the task waits for the next, or is
// Cancelled if it was being stopped.
func (t *task) endRun(last bool) {
	t.Outcome = t.Status
	switch {
	case t.Outcome == assist.StatusTerminated:
	case !t.Stopped.IsZero():
		t.Status = assist.StatusCancelled // the script finished before the stop
	case !last:
		t.Status = assist.StatusScheduled
	}
}

// runs returns all runs that are kept, oldest first.
func (t *task) runs() []*task {
	if t.Repeats == 0 {
		return nil
	}
	return append(slices.Clip(t.History), t.latestRun())
}

// history returns the runs of one repeated invocation on all instances, newest first.
func (c call) history(r *assist.DescribeInvocationResultsRequest, filter invocationFilter, p page) (iter.Seq2[position, result], error) {
	if r.InvokeId == "" {
		return nil, assist.MissingParameter("InvokeId")
	}
	if inv, ok := c.store.invocation(r.InvokeId); ok && inv.RepeatMode != repeatPeriod && inv.RepeatMode != repeatEveryReboot {
		return nil, assist.InvalidParameter("InvalidParameter.IncludeHistory", "IncludeHistory",
			"the invocation's RepeatMode is "+inv.RepeatMode+", not Period or EveryReboot")
	}
	return func(yield func(position, result) bool) {
		for e := range filter.find(c.store, math.MaxUint64) {
			inv := c.store.read(e)
			var all []result
			for i, t := range inv.Tasks {
				for _, run := range t.runs() {
					all = append(all, result{inv, i, run})
				}
			}
			slices.SortFunc(all, func(a, b result) int { return cmp.Compare(b.task.Order, a.task.Order) })
			for _, item := range all {
				at := position{Sequence: item.task.Order}
				if at.Sequence < p.before() && item.matches(r) && !yield(at, item) {
					return
				}
			}
		}
	}, nil
}
