package lab

import "muster/pkg/assist"

// AgentsRequest asks a lab for the agents of enrolled hosts. This action exists only in labs, not in the service.
type AgentsRequest struct{}

// AgentsResponse has the address at which agents reach a lab, and their states.
type AgentsResponse struct {
	RequestId string
	Endpoint  string `json:",omitempty"` // host:port, over TLS; empty if the lab serves no agents
	CAFile    string `json:",omitempty"` // the path, on the machine of the lab, of the certificate that hosts must trust
	Agents    []AgentState
}

// AgentState is the state of the agent of an enrolled host.
type AgentState struct {
	InstanceId        string
	Connected         bool   // it can be notified
	LastHeartbeatTime string `json:",omitempty"` // since the lab was started
}

// Action returns the name of the action.
func (*AgentsRequest) Action() string { return "LabAgents" }

// Repeatable returns true, because the action only reads.
func (*AgentsRequest) Repeatable() bool { return true }

func agentStates(c call, _ *AgentsRequest) (*AgentsResponse, error) {
	response := &AgentsResponse{Agents: []AgentState{}}
	if s := c.agentServer.Load(); s != nil {
		response.Endpoint, response.CAFile = s.address, s.authority
	}
	for _, h := range c.served.allManaged() {
		if e := h.enrolled; e != nil {
			e.mu.Lock()
			response.Agents = append(response.Agents, AgentState{h.get().InstanceId, e.channel, assist.FormatTime(e.heartbeat)})
			e.mu.Unlock()
		}
	}
	return response, nil
}
