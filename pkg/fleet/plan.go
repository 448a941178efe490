package fleet

import (
	"fmt"
	"slices"
	"time"

	"muster/pkg/assist"
	"muster/pkg/target"
)

// Plan describes a run before it begins: what is sent, which targets go into which call, and what has to hold before the next
// wave of calls. It is stored as JSON, so that a later process can resume it.
type Plan struct {
	RunId       string
	Command     Command
	Sites       []Site
	Targets     []Target `json:"-"`          // in the order in which they were given or resolved; the planned event has them
	Skipped     []Target `json:",omitempty"` // the targets that are not sent to
	Waves       []Wave
	Fanout      int           `json:",omitempty"` // the largest number of instances that run it at a time; 0: any number
	Pause       time.Duration `json:",omitempty"` // between the end of a wave and the start of the next
	MaxFailures *Tolerance    `json:",omitempty"` // nil: any number
	Confirm     bool          `json:",omitempty"` // each wave but the first waits for confirmation
	Gate        string        `json:",omitempty"` // a local command that judges each wave; empty: none
	GateTimeout time.Duration `json:",omitempty"` // its timeout
	Warnings    []Warning     `json:",omitempty"`
}

// Wave is the part of a plan that is sent together. The next wave waits until every target of it has ended.
type Wave struct{ Batches []Batch }

// Batch is the targets of one call. Its token makes a repeated call the same call.
type Batch struct {
	ClientToken string
	Site
	InstanceIds []string
}

// Command is the request that every batch of a run sends: a RunCommand, an InvokeCommand of a saved command, or a SendFile.
type Command struct {
	Run    *assist.RunCommandRequest    `json:",omitempty"`
	Invoke *assist.InvokeCommandRequest `json:",omitempty"`
	Send   *assist.SendFileRequest      `json:",omitempty"`
	Saved  SavedCommands                `json:",omitempty"` // the ids of Invoke's command by site, if there are several
}

// Request returns the call that sends the command to a batch.
func (c Command) Request(batch Batch) assist.Request {
	switch {
	case c.Invoke != nil:
		request := *c.Invoke
		request.InstanceId, request.ClientToken = batch.InstanceIds, batch.ClientToken
		request.RegionId, request.CommandId = batch.RegionId, c.savedAt(batch.Site)
		return &request
	case c.Send != nil:
		request := *c.Send
		request.InstanceId, request.ClientToken, request.RegionId = batch.InstanceIds, batch.ClientToken, batch.RegionId
		return &request
	}
	request := *c.Run
	request.InstanceId, request.ClientToken, request.RegionId = batch.InstanceIds, batch.ClientToken, batch.RegionId
	return &request
}

// Action returns the API's name of the call.
func (c Command) Action() string { return c.Request(Batch{}).Action() }

// Parameters returns the values of custom parameters. The caller must not change them.
func (c Command) Parameters() assist.JSONMap {
	switch {
	case c.Invoke != nil:
		return c.Invoke.Parameters
	case c.Run != nil:
		return c.Run.Parameters
	}
	return nil
}

// WithParameters returns the command with other values of custom parameters.
func (c Command) WithParameters(values assist.JSONMap) Command {
	switch {
	case c.Invoke != nil:
		request := *c.Invoke
		request.Parameters = values
		c.Invoke = &request
	case c.Run != nil:
		request := *c.Run
		request.Parameters = values
		c.Run = &request
	}
	return c
}

func (c Command) savedAt(site Site) string {
	if id, ok := c.Saved[site]; ok {
		return id
	}
	return c.Invoke.CommandId
}

// name returns what the service's records of the run have in common at a site: a name, or the saved command.
func (c Command) name(site Site) (name, commandID string) {
	switch {
	case c.Invoke != nil:
		return "", c.savedAt(site)
	case c.Send != nil:
		return c.Send.Name, ""
	}
	return c.Run.Name, ""
}

// Cut divides targets into waves, and waves into batches.
type Cut struct {
	BatchSize int
	Waves     []target.Share // the sizes of the waves, the last of which repeats; empty: one wave
	Fanout    *target.Share  // the largest number of instances that run it at a time, of those that are not skipped; nil: any number
}

// NewPlan divides the targets that are not skipped into waves and batches. The run's id makes the tokens, so that the same plan
// made again sends the same calls. The plan takes over the slice of targets, and sets their waves.
func NewPlan(runID string, command Command, targets, skipped []Target, cut Cut) Plan {
	plan := Plan{RunId: runID, Command: command, Targets: targets, Skipped: skipped}
	left := map[instanceKey]bool{} // targets that are skipped or already in a batch
	for _, target := range skipped {
		left[target.key()] = true
	}
	var eligible []*Target
	for i := range plan.Targets {
		t := &plan.Targets[i]
		if !slices.Contains(plan.Sites, t.Site) {
			plan.Sites = append(plan.Sites, t.Site)
		}
		if !left[t.key()] {
			eligible, left[t.key()] = append(eligible, t), true
		}
	}
	if cut.Fanout != nil && len(eligible) > 0 {
		plan.Fanout = cut.Fanout.Of(len(eligible))
		cut.BatchSize = min(cut.BatchSize, plan.Fanout)
	}
	batches := 0
	for _, members := range cut.waves(eligible) {
		wave := Wave{}
		for _, site := range plan.Sites {
			var ids []string
			for _, t := range members {
				t.Wave = len(plan.Waves) + 1
				if t.Site == site {
					ids = append(ids, t.InstanceId)
				}
			}
			for chunk := range slices.Chunk(ids, cut.BatchSize) {
				batches++
				wave.Batches = append(wave.Batches, Batch{ClientToken: fmt.Sprintf("%s-%d", runID, batches), Site: site, InstanceIds: chunk})
			}
		}
		plan.Waves = append(plan.Waves, wave)
	}
	return plan
}

// waves divides a list by the sizes of the waves. Shares are of the whole list.
func (c Cut) waves(all []*Target) [][]*Target {
	if len(c.Waves) == 0 {
		c.Waves = []target.Share{{Percent: 100}}
	}
	var waves [][]*Target
	for rest := all; len(rest) > 0; {
		share := c.Waves[min(len(waves), len(c.Waves)-1)]
		size := min(share.Of(len(all)), len(rest))
		waves, rest = append(waves, rest[:size]), rest[size:]
	}
	return waves
}

// NewTagPlan returns a plan whose targets the service selects, by the request's ResourceTag. It is one call per site.
func NewTagPlan(runID string, command Command, sites []Site) Plan {
	plan := Plan{RunId: runID, Command: command, Sites: sites}
	wave := Wave{}
	for i, site := range sites {
		wave.Batches = append(wave.Batches, Batch{ClientToken: fmt.Sprintf("%s-%d", runID, i+1), Site: site})
	}
	plan.Waves = []Wave{wave}
	return plan
}

// Batches returns the batches of all waves.
func (p Plan) Batches() []Batch {
	var all []Batch
	for _, wave := range p.Waves {
		all = append(all, wave.Batches...)
	}
	return all
}

// halves bisects a refused batch. Each half has its own token.
func (b Batch) halves() [2]Batch {
	middle := len(b.InstanceIds) / 2
	return [2]Batch{
		{ClientToken: b.ClientToken + "a", Site: b.Site, InstanceIds: b.InstanceIds[:middle]},
		{ClientToken: b.ClientToken + "b", Site: b.Site, InstanceIds: b.InstanceIds[middle:]},
	}
}

// Site is the location of targets: a region, as the account of a profile sees it. It has no JSON methods, because types that embed it
// would inherit them.
type Site struct {
	Profile  string `json:",omitempty"` // empty: the default credentials
	RegionId string `json:",omitempty"`
}

// String returns the region, after the profile if there is one.
func (s Site) String() string {
	if s.Profile == "" {
		return s.RegionId
	}
	return s.Profile + "/" + s.RegionId
}
