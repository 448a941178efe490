package fleet

import (
	"fmt"
	"slices"

	"muster/pkg/assist"
)

// Plan is a run before it begins: what is sent, and which targets go into which call.
type Plan struct {
	RunId    string
	Command  Command
	Targets  []Target // in the order in which they were given or resolved
	Skipped  []Target // those of them that are not sent to
	Batches  []Batch
	RegionId string
}

// Batch is one call's targets. Its token makes a repeated call the same call.
type Batch struct {
	ClientToken string
	InstanceIds []string
}

// Command is what every batch of a run sends: a RunCommand, or an InvokeCommand of a saved command.
type Command struct {
	Run    *assist.RunCommandRequest
	Invoke *assist.InvokeCommandRequest
}

// Action is the API's name for the call.
func (c Command) Action() string {
	if c.Invoke != nil {
		return c.Invoke.Action()
	}
	return c.Run.Action()
}

// NewPlan cuts the targets into batches of at most size. The run's id makes the tokens, so that the same plan made again
// sends the same calls.
func NewPlan(runID string, command Command, targets, skipped []Target, size int) Plan {
	plan := Plan{RunId: runID, Command: command, Targets: targets, Skipped: skipped}
	if command.Invoke != nil {
		plan.RegionId = command.Invoke.RegionId
	} else {
		plan.RegionId = command.Run.RegionId
	}
	left := map[string]bool{}
	for _, target := range skipped {
		left[target.InstanceId] = true
	}
	var ids []string
	for _, target := range targets {
		if !left[target.InstanceId] {
			ids = append(ids, target.InstanceId)
		}
	}
	for chunk := range slices.Chunk(ids, size) {
		plan.Batches = append(plan.Batches, Batch{
			ClientToken: fmt.Sprintf("%s-%d", runID, len(plan.Batches)+1), InstanceIds: chunk,
		})
	}
	return plan
}

// halves cuts a refused batch in two, each with a token of its own.
func (b Batch) halves() [2]Batch {
	middle := len(b.InstanceIds) / 2
	return [2]Batch{
		{ClientToken: b.ClientToken + "a", InstanceIds: b.InstanceIds[:middle]},
		{ClientToken: b.ClientToken + "b", InstanceIds: b.InstanceIds[middle:]},
	}
}
