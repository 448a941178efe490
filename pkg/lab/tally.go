package lab

import (
	"maps"
	"slices"

	"muster/pkg/assist"
)

// tally counts the tasks of an invocation by state. It is updated when a task changes, so that lists filtered by a state need not
// read every stored task.
type tally struct {
	counts map[assist.Status]int
	sum    sum
}

// sum is the state of an invocation that follows from the states of its tasks, by its newer and older name. It does not depend on
// how many tasks are in a state.
type sum struct{ newer, older string }

// newTally returns the tally of the given tasks.
func newTally(tasks []*task) tally {
	t := tally{counts: map[assist.Status]int{}}
	for _, task := range tasks {
		t.counts[task.Status]++
	}
	t.updateSum()
	return t
}

// move counts a task that has changed from one state to another.
func (t *tally) move(from, to assist.Status) {
	if from == to {
		return
	}
	before := len(t.counts)
	t.counts[to]++
	after := len(t.counts)
	if t.counts[from]--; t.counts[from] == 0 {
		delete(t.counts, from)
	}
	if after > before || len(t.counts) < after {
		t.updateSum()
	}
}

// updateSum sets the sum after the set of states has changed.
func (t *tally) updateSum() {
	states := slices.Collect(maps.Keys(t.counts))
	t.sum = sum{string(assist.Aggregate(states...)), assist.OlderInvocation(states...)}
}

// results returns the number of tasks in the state that a filter names, by its newer or older name, or of all tasks if filter is
// empty.
func (t *tally) results(filter string) int {
	n := 0
	for status, count := range t.counts {
		if matchesResultStatus(filter, status) {
			n += count
		}
	}
	return n
}
