package lab

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
)

// dryRunPatience is how long a dry run waits for agents, which usually answer within milliseconds.
const dryRunPatience = 5 * time.Second

// dryRun is the check of an invocation by the agents of enrolled hosts.
type dryRun struct{ checks []*hostCheck }

// begin asks the agents of the hosts that are enrolled and connected.
func (d *dryRun) begin(inv *invocation, hosts []*host) {
	for _, h := range hosts {
		if h.enrolled == nil {
			continue
		}
		if check := h.enrolled.check(inv); check != nil {
			d.checks = append(d.checks, check)
		}
	}
}

// wait waits for the agents, and refuses the call if one of them refuses the invocation. An agent that does not answer in time refuses
// nothing, like one that is not connected: it may be back when the command is sent.
func (d *dryRun) wait(ctx context.Context) error {
	if len(d.checks) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, dryRunPatience)
	defer cancel()
	var refused error
	for _, check := range d.checks {
		if f := check.wait(ctx); f != nil && refused == nil {
			id := check.enrolled.host.get().InstanceId
			refused = assist.Refusal(http.StatusBadRequest, f.code, fmt.Sprintf("The agent of %s would refuse the command: %s", id, f.info))
		}
	}
	return refused
}

// hostCheck is the check of an invocation by one agent. The agent is asked with every list until it answers, because a check has no effect.
type hostCheck struct {
	*handout
	result chan *failure // gets one result, which is nil if nothing is wrong
}

// check asks the agent whether it would run an invocation. It returns nil if the agent is not connected.
func (e *enrolledHost) check(inv *invocation) *hostCheck {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.left || !e.reachable() {
		return nil
	}
	c := &hostCheck{&handout{invocation: inv, enrolled: e}, make(chan *failure, 1)}
	if f := c.check(c.task()); f != nil {
		c.result <- f
		return c
	}
	e.checks[inv.InvokeId] = c
	e.notify()
	return c
}

// wait returns what the agent says, or nil if ctx is done before it does.
func (c *hostCheck) wait(ctx context.Context) *failure {
	select {
	case f := <-c.result:
		return f
	case <-ctx.Done():
	}
	c.enrolled.mu.Lock()
	defer c.enrolled.mu.Unlock()
	delete(c.enrolled.checks, c.InvokeId)
	select {
	case f := <-c.result:
		return f
	default:
		return nil
	}
}

// conclude notes the answer of the agent; the lock of its host is held.
func (c *hostCheck) conclude(r protocol.Report) {
	delete(c.enrolled.checks, c.InvokeId)
	var f *failure
	if r.Kind == protocol.Invalid {
		f = invalidParam(r.Param)
	}
	c.result <- f
}
