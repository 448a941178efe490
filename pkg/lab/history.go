package lab

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"

	"muster/pkg/assist"
)

// maxRuns is how many runs of a task are remembered, the latest of them: how many the service does is not documented.
const maxRuns = 100

// begin makes place for a run: the one before it becomes history. order is higher for every run that begins.
func (t *task) startRun(order uint64) {
	if t.Repeats > 0 {
		earlier := t.latestRun()
		t.History = append(t.History[max(len(t.History)-maxRuns+2, 0):], earlier)
	}
	*t = task{
		InstanceId: t.InstanceId, Turn: t.Turn, Status: t.Status, Created: t.Created,
		Repeats: t.Repeats + 1, Order: order, History: t.History,
	}
}

// latest gives the latest run alone, with its own state in place of the task's.
func (t *task) latestRun() *task {
	run := *t
	run.History = nil
	if t.Status != assist.StatusRunning && t.Status != assist.StatusStopping {
		run.Status = t.Outcome
		if t.Outcome != assist.StatusTerminated {
			run.Stopped = time.Time{} // it was waiting for the next one
		}
	}
	return &run
}

// runs gives all runs that are remembered.
func (t *task) runs() []*task {
	if t.Repeats == 0 {
		return nil
	}
	return append(slices.Clip(t.History), t.latestRun())
}

// history gives the runs of one repeated invocation, newest first, on whichever instance they were.
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
