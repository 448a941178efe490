package lab

import (
	"cmp"
	"fmt"
	"net/http"

	"muster/pkg/assist"
)

// agentVersion is the version of the agents of [NumberedInstances], and of agents that are installed later.
const agentVersion = "2.2.3.857"

// maxInstalled is the largest number of instances of one call.
const maxInstalled = 50

// installCloudAssistant installs an agent on instances. It runs after their next start.
func installCloudAssistant(c call, r *assist.InstallCloudAssistantRequest) (*assist.InstallCloudAssistantResponse, error) {
	switch n := len(r.InstanceId); {
	case n == 0:
		return nil, assist.MissingParameter("InstanceId")
	case n > maxInstalled:
		return nil, assist.Refusal(http.StatusForbidden, "InstanceIds.ExceedLimit",
			fmt.Sprintf("The number of instance IDs exceeds the upper limit: %d, at most %d.", n, maxInstalled))
	}
	hosts, err := c.inventory.resolve(r.InstanceId, nil, maxInstalled)
	if err != nil {
		return nil, err
	}
	for _, h := range hosts {
		if h.isManaged() { // registered by its agent
			return nil, unknownInstance(h.get().InstanceId)
		}
	}
	for _, h := range hosts {
		h.install()
	}
	return &assist.InstallCloudAssistantResponse{}, nil
}

// install makes the next start of the instance install an agent.
func (h *host) install() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.installing = true
	h.storage.Write(h.kept())
}

// booted completes the installation of an agent when the instance has started. h.mu must be held.
func (h *host) booted(it *Instance) {
	if h.installing {
		h.installing = false
		it.AgentVersion = cmp.Or(it.AgentVersion, agentVersion)
	}
}
