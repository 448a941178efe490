package target

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// agentRoll asks for the agents of instances while others are still looked for.
type agentRoll struct {
	resolver *Resolver
	asking   *errgroup.Group
	unasked  map[int][]string // by place

	mu      sync.Mutex
	answers map[memberKey]assist.InstanceCloudAssistantStatus
}

// newAgentRoll returns a roll and a context that ends with the first question that fails.
func (r *Resolver) newAgentRoll(ctx context.Context) (*agentRoll, context.Context) {
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(max(r.Concurrency-1, 1)) // and one that looks for instances
	return &agentRoll{
		resolver: r, asking: asking, unasked: map[int][]string{}, answers: map[memberKey]assist.InstanceCloudAssistantStatus{},
	}, ctx
}

// add asks for the agent of an instance, together with others.
func (a *agentRoll) add(ctx context.Context, place int, id string) {
	a.unasked[place] = append(a.unasked[place], id)
	if len(a.unasked[place]) >= a.resolver.PageSize {
		a.ask(ctx, place)
	}
}

func (a *agentRoll) ask(ctx context.Context, place int) {
	ids := a.unasked[place]
	delete(a.unasked, place)
	a.asking.Go(func() error {
		answer, err := a.resolver.agentsOf(ctx, place, ids)
		a.mu.Lock()
		defer a.mu.Unlock()
		for _, agent := range answer {
			a.answers[memberKey{place, agent.InstanceId}] = agent
		}
		return err
	})
}

// end waits for all answers.
func (a *agentRoll) end(ctx context.Context) error {
	for place := range a.resolver.Places {
		if len(a.unasked[place]) > 0 {
			a.ask(ctx, place)
		}
	}
	return a.asking.Wait()
}

// tell fills in what the answers say of an instance's agent.
func (a *agentRoll) tell(i *Instance) {
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
func (r *Resolver) AgentsOf(ctx context.Context, ids []string) (map[string]assist.InstanceCloudAssistantStatus, error) {
	roll, ctx := r.newAgentRoll(ctx)
	for _, id := range ids {
		roll.add(ctx, 0, id)
	}
	err := roll.end(ctx)
	agents := make(map[string]assist.InstanceCloudAssistantStatus, len(ids))
	for key, agent := range roll.answers {
		agents[key.id] = agent
	}
	return agents, err
}
