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

// Command is what every batch of a run sends, which is one of these: a RunCommand, an InvokeCommand of a saved command,
// or a SendFile.
type Command struct {
	Run    *assist.RunCommandRequest
	Invoke *assist.InvokeCommandRequest
	Send   *assist.SendFileRequest
}

// Request is the call that sends the command to a batch.
func (c Command) Request(batch Batch) assist.Request {
	switch {
	case c.Invoke != nil:
		request := *c.Invoke
		request.InstanceId, request.ClientToken = batch.InstanceIds, batch.ClientToken
		return &request
	case c.Send != nil:
		request := *c.Send
		request.InstanceId, request.ClientToken = batch.InstanceIds, batch.ClientToken
		return &request
	}
	request := *c.Run
	request.InstanceId, request.ClientToken = batch.InstanceIds, batch.ClientToken
	return &request
}

// Action is the API's name for the call.
func (c Command) Action() string { return c.Request(Batch{}).Action() }

func (c Command) regionID() string {
	switch {
	case c.Invoke != nil:
		return c.Invoke.RegionId
	case c.Send != nil:
		return c.Send.RegionId
	}
	return c.Run.RegionId
}

// name is what the service's records of the run share: a name, or the saved command.
func (c Command) name() (name, commandID string) {
	switch {
	case c.Invoke != nil:
		return "", c.Invoke.CommandId
	case c.Send != nil:
		return c.Send.Name, ""
	}
	return c.Run.Name, ""
}

// NewPlan cuts the targets into batches of at most size. The run's id makes the tokens, so that the same plan made again
// sends the same calls.
func NewPlan(runID string, command Command, targets, skipped []Target, size int) Plan {
	plan := Plan{RunId: runID, Command: command, Targets: targets, Skipped: skipped, RegionId: command.regionID()}
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

// NewTagPlan leaves it to the service to find the targets, by the request's ResourceTag. It is one call.
func NewTagPlan(runID string, command Command) Plan {
	plan := NewPlan(runID, command, nil, nil, 1)
	plan.Batches = []Batch{{ClientToken: runID + "-1"}}
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
