package target

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// Agent is what the service tells of an instance's agent.
type Agent struct {
	CloudAssistantStatus  string // "true" where it is online
	CloudAssistantVersion string // empty where there is none
	LastHeartbeatTime     string // empty where no records are wanted
}

// agentLookup asks for the agents of instances while others are still looked for.
type agentLookup struct {
	resolver   *Resolver
	asking     *errgroup.Group
	unasked    map[int][]string // by place
	heartbeats bool             // are kept

	expecting sync.WaitGroup
	expected  map[memberKey]bool // who was asked for before anybody knew that they exist
	found     []memberKey        // those of them who do

	mu      sync.Mutex
	answers map[memberKey]*Agent
	refused map[memberKey]bool // of those expected: the service did not answer
	alike   map[Agent]*Agent   // each once: most are as others are
}

// newAgentLookup returns a lookup and a context that ends with the first question that fails.
func (r *Resolver) newAgentLookup(ctx context.Context) (*agentLookup, context.Context) {
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(max(r.Concurrency-1, 1)) // and one that looks for instances
	return &agentLookup{
		resolver: r, asking: asking, unasked: map[int][]string{}, expected: map[memberKey]bool{}, refused: map[memberKey]bool{},
		answers: map[memberKey]*Agent{}, alike: map[Agent]*Agent{},
	}, ctx
}

// expect asks for the agents of ids that may have no instance, so that whoever looks for these need not wait for each other. A
// refusal is no failure: those who are found are asked for again.
func (a *agentLookup) expect(ctx context.Context, place int, ids []string) {
	for chunk := range slices.Chunk(ids, a.resolver.PageSize) {
		for _, id := range chunk {
			a.expected[memberKey{place, id}] = true
		}
		a.expecting.Add(1)
		a.asking.Go(func() error {
			defer a.expecting.Done()
			answer, err := a.resolver.agentsOf(ctx, place, chunk)
			a.keep(place, answer)
			if err != nil {
				a.mu.Lock()
				defer a.mu.Unlock()
				for _, id := range chunk {
					a.refused[memberKey{place, id}] = true
				}
			}
			return nil
		})
	}
}

// add asks for the agent of an instance, together with others.
func (a *agentLookup) add(ctx context.Context, place int, id string) {
	if key := (memberKey{place, id}); a.expected[key] {
		a.found = append(a.found, key)
		return
	}
	a.unasked[place] = append(a.unasked[place], id)
	if len(a.unasked[place]) >= a.resolver.PageSize {
		a.ask(ctx, place)
	}
}

func (a *agentLookup) ask(ctx context.Context, place int) {
	ids := a.unasked[place]
	delete(a.unasked, place)
	a.asking.Go(func() error {
		answer, err := a.resolver.agentsOf(ctx, place, ids)
		a.keep(place, answer)
		return err
	})
}

func (a *agentLookup) keep(place int, answer []assist.InstanceCloudAssistantStatus) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range answer {
		agent := Agent{CloudAssistantStatus: answer[i].CloudAssistantStatus, CloudAssistantVersion: answer[i].CloudAssistantVersion}
		if a.heartbeats {
			agent.LastHeartbeatTime = answer[i].LastHeartbeatTime
		}
		if a.alike[agent] == nil {
			a.alike[agent] = &agent
		}
		a.answers[memberKey{place, answer[i].InstanceId}] = a.alike[agent]
	}
}

// end waits for all answers.
func (a *agentLookup) end(ctx context.Context) error {
	a.expecting.Wait()
	for _, key := range a.found {
		if a.refused[key] {
			delete(a.expected, key)
			a.add(ctx, key.place, key.id)
		}
	}
	for place := range a.resolver.Places {
		if len(a.unasked[place]) > 0 {
			a.ask(ctx, place)
		}
	}
	return a.asking.Wait()
}

// tell fills in what the answers say of an instance's agent.
func (a *agentLookup) tell(i *Instance) {
	agent, ok := a.answers[memberKey{i.Place, i.InstanceId}]
	if !ok {
		return
	}
	i.Online, i.AgentVersion = agent.CloudAssistantStatus == "true", agent.CloudAssistantVersion
	if i.Record != nil {
		i.Record.CloudAssistantStatus, i.Record.CloudAssistantVersion = agent.CloudAssistantStatus, agent.CloudAssistantVersion
		i.Record.LastHeartbeatTime = agent.LastHeartbeatTime
	}
}

// agentsOf asks how the agents on instances are. Those that the service says nothing of are not in the answer.
func (r *Resolver) agentsOf(ctx context.Context, place int, ids []string) ([]assist.InstanceCloudAssistantStatus, error) {
	answer, err := r.Places[place].API.DescribeCloudAssistantStatus(ctx, &assist.DescribeCloudAssistantStatusRequest{
		RegionId: r.Places[place].RegionId, InstanceId: ids,
	})
	if err != nil {
		return nil, r.at(place, fmt.Errorf("ask for the agents' status: %w", err))
	}
	return answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus, nil
}

// AgentsOf asks for the agents of instances of the first place, by id. Those that the service says nothing of are not in the
// answer.
func (r *Resolver) AgentsOf(ctx context.Context, ids []string) (map[string]Agent, error) {
	lookup, ctx := r.newAgentLookup(ctx)
	for _, id := range ids {
		lookup.add(ctx, 0, id)
	}
	err := lookup.end(ctx)
	agents := make(map[string]Agent, len(ids))
	for key, agent := range lookup.answers {
		agents[key.id] = *agent
	}
	return agents, err
}
