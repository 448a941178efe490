package target

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// rollCall takes the instances of a selector as they are found, and asks for their agents while others are looked for.
type rollCall struct {
	resolver *Resolver
	selector Selector
	asking   *errgroup.Group
	place    map[string]int // in all
	all      []Instance
	unasked  []string

	mu      sync.Mutex
	answers []assist.InstanceCloudAssistantStatus
}

// callRoll begins a roll call, and gives a context that ends with the first question that fails.
func (r *Resolver) callRoll(ctx context.Context, s Selector) (*rollCall, context.Context) {
	asking, ctx := errgroup.WithContext(ctx)
	asking.SetLimit(max(r.Concurrency-1, 1)) // and one that looks for instances
	return &rollCall{resolver: r, selector: s, asking: asking, place: map[string]int{}}, ctx
}

// add takes an instance, unless it is there already or excluded.
func (c *rollCall) add(ctx context.Context, i Instance) {
	if _, twice := c.place[i.InstanceId]; twice || c.selector.excluded(i) {
		return
	}
	c.place[i.InstanceId] = len(c.all)
	c.all = append(c.all, i)
	if i.Status == "" {
		return // there is no such instance
	}
	if c.unasked = append(c.unasked, i.InstanceId); len(c.unasked) >= c.resolver.PageSize {
		c.ask(ctx)
	}
}

func (c *rollCall) ask(ctx context.Context) {
	ids := c.unasked
	c.unasked = nil
	c.asking.Go(func() error {
		answer, err := c.resolver.agents(ctx, ids)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.answers = append(c.answers, answer...)
		return err
	})
}

// end waits for the answers, and gives all that were added. The error is a question's.
func (c *rollCall) end(ctx context.Context) ([]Instance, error) {
	if len(c.unasked) > 0 {
		c.ask(ctx)
	}
	if err := c.asking.Wait(); err != nil {
		return nil, err
	}
	for _, agent := range c.answers {
		if i, ok := c.place[agent.InstanceId]; ok {
			c.all[i].Online = agent.CloudAssistantStatus == "true"
			c.all[i].AgentVersion = agent.CloudAssistantVersion
		}
	}
	return c.all, nil
}
