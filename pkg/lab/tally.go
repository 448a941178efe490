package lab

import (
	"maps"
	"slices"

	"muster/pkg/assist"
)

// tally is how many of an invocation's tasks are in each state. It is kept up as they change, so that a list which is
// filtered by a state does not look at every task that is kept.
type tally struct {
	counts map[assist.Status]int
	sum    sum
}

// sum is what the states of an invocation's tasks add up to, in the API's newer and older words. How many tasks are in a
// state makes no difference to it.
type sum struct{ newer, older string }

func newTally(tasks []*task) tally {
	t := tally{counts: map[assist.Status]int{}}
	for _, one := range tasks {
		t.counts[one.Status]++
	}
	t.add()
	return t
}

// move takes a task from one state into another.
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
		t.add()
	}
}

func (t *tally) add() {
	states := slices.Collect(maps.Keys(t.counts))
	t.sum = sum{string(assist.AddUp(states...)), assist.OlderInvocation(states...)}
}

// results is how many tasks are in a state that a filter names, in either generation's words; the empty one names all.
func (t *tally) results(filter string) int {
	n := 0
	for status, count := range t.counts {
		if matchesResultStatus(filter, status) {
			n += count
		}
	}
	return n
}
