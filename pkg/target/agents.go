package target

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// Agent is the state of an instance's agent, as the service reports it.
type Agent struct {
	CloudAssistantStatus  string // "true" if it is online
	CloudAssistantVersion string // empty if there is none
	LastHeartbeatTime     string // empty unless records are requested
}

// agentLookup requests the state of agents while other instances are still being listed.
type agentLookup struct {
	resolver   *Resolver
	calls      *errgroup.Group
	pending    map[int][]string // the ids of the next call, by place
	heartbeats bool             // heartbeat times are kept

	prefetching sync.WaitGroup
	prefetched  map[instanceKey]bool // requested before it was known whether they exist
	found       []instanceKey        // those of them that do

	mu       sync.Mutex
	answers  map[instanceKey]*Agent
	refused  map[instanceKey]bool // prefetched ones whose call failed
	distinct map[Agent]*Agent     // each distinct state once, since most agents share one
}

// newAgentLookup returns a lookup and a context that ends with the first call that fails.
func (r *Resolver) newAgentLookup(ctx context.Context) (*agentLookup, context.Context) {
	calls, ctx := errgroup.WithContext(ctx)
	calls.SetLimit(max(r.Concurrency-1, 1)) // one call is left for listing instances
	return &agentLookup{
		resolver: r, calls: calls, pending: map[int][]string{}, prefetched: map[instanceKey]bool{}, refused: map[instanceKey]bool{},
		answers: map[instanceKey]*Agent{}, distinct: map[Agent]*Agent{},
	}, ctx
}

// prefetch requests the agents of ids that may not exist, so that listing the instances and their agents does not take one round
// trip after the other. A failed call is not an error: the agents of existing instances are requested again.
func (a *agentLookup) prefetch(ctx context.Context, place int, ids []string) {
	for chunk := range slices.Chunk(ids, a.resolver.PageSize) {
		for _, id := range chunk {
			a.prefetched[instanceKey{place, id}] = true
		}
		a.prefetching.Add(1)
		a.calls.Go(func() error {
			defer a.prefetching.Done()
			answer, err := a.resolver.agentsOf(ctx, place, chunk)
			a.keep(place, answer)
			if err != nil {
				a.mu.Lock()
				defer a.mu.Unlock()
				for _, id := range chunk {
					a.refused[instanceKey{place, id}] = true
				}
			}
			return nil
		})
	}
}

// add requests the agent of an instance, in one call with others.
func (a *agentLookup) add(ctx context.Context, place int, id string) {
	if key := (instanceKey{place, id}); a.prefetched[key] {
		a.found = append(a.found, key)
		return
	}
	a.pending[place] = append(a.pending[place], id)
	if len(a.pending[place]) >= a.resolver.PageSize {
		a.ask(ctx, place)
	}
}

func (a *agentLookup) ask(ctx context.Context, place int) {
	ids := a.pending[place]
	delete(a.pending, place)
	a.calls.Go(func() error {
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
		if a.distinct[agent] == nil {
			a.distinct[agent] = &agent
		}
		a.answers[instanceKey{place, answer[i].InstanceId}] = a.distinct[agent]
	}
}

// end waits for all answers.
func (a *agentLookup) end(ctx context.Context) error {
	a.prefetching.Wait()
	for _, key := range a.found {
		if a.refused[key] {
			delete(a.prefetched, key)
			a.add(ctx, key.place, key.id)
		}
	}
	for place := range a.resolver.Places {
		if len(a.pending[place]) > 0 {
			a.ask(ctx, place)
		}
	}
	return a.calls.Wait()
}

// fillIn copies the state of an instance's agent into the instance.
func (a *agentLookup) fillIn(i *Instance) {
	agent, ok := a.answers[instanceKey{i.Place, i.InstanceId}]
	if !ok {
		return
	}
	i.Online, i.AgentVersion = agent.CloudAssistantStatus == "true", agent.CloudAssistantVersion
	if i.Record != nil {
		i.Record.CloudAssistantStatus, i.Record.CloudAssistantVersion = agent.CloudAssistantStatus, agent.CloudAssistantVersion
		i.Record.LastHeartbeatTime = agent.LastHeartbeatTime
	}
}

// agentsOf returns the state of the agents on instances. Instances that the service has no agent for are not in the answer.
func (r *Resolver) agentsOf(ctx context.Context, place int, ids []string) ([]assist.InstanceCloudAssistantStatus, error) {
	answer, err := r.Places[place].API.DescribeCloudAssistantStatus(ctx, &assist.DescribeCloudAssistantStatusRequest{
		RegionId: r.Places[place].RegionId, InstanceId: ids,
	})
	if err != nil {
		return nil, r.at(place, fmt.Errorf("ask for the agents' status: %w", err))
	}
	return answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus, nil
}

// AgentsOf returns the agents of instances of the first place, by instance id. Instances that the service has no agent for are
// not in the map.
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
