package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"muster/pkg/lab"
)

// serveAgents serves a lab to agents, if --agents was given. Otherwise, it returns nil.
func (o *labOptions) serveAgents(ctx context.Context, p *printer, machine *lab.Lab) (*lab.AgentServer, error) {
	if o.agents == "" {
		if n := machine.EnrolledHosts(); n > 0 && !p.config.Quiet {
			verb := "get"
			if n == 1 {
				verb = "gets"
			}
			p.note("warning: %s cannot reach this lab, and %s no commands: start it with --agents as before", plural(n, "enrolled host"), verb)
		}
		return nil, nil
	}
	server, err := lab.ServeAgents(context.WithoutCancel(ctx), machine, o.agents)
	if err != nil {
		return nil, fmt.Errorf("serve agents: %w", err)
	}
	return server, nil
}

// heartbeatAge is the age of a last heartbeat from which on an agent is taken to have ended. An agent sends one a minute.
const heartbeatAge = 150 * time.Second

// noteAgents notes which agents of enrolled hosts cannot be notified although they send heartbeats, and what to do.
func noteAgents(ctx context.Context, p *printer, s *session) error {
	response := new(lab.AgentsResponse)
	if err := s.caller.Call(ctx, new(lab.AgentsRequest), response); err != nil {
		return fmt.Errorf("ask for the agents of hosts: %w", err)
	}
	var silent []string
	for _, agent := range response.Agents {
		if last, err := time.Parse(time.RFC3339, agent.LastHeartbeatTime); err == nil && !agent.Connected && time.Since(last) < heartbeatAge {
			silent = append(silent, agent.InstanceId)
		}
	}
	if len(silent) > 0 && !p.config.Quiet {
		p.note("cannot be notified of commands, although their agents send heartbeats: %s; restart the agents", strings.Join(silent, ", "))
	}
	return nil
}
