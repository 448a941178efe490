package lab

import (
	"cmp"
	"fmt"
	"net/http"

	"muster/pkg/assist"
)

// agentVersion is that of the agents of a Fleet, and of those that are installed.
const agentVersion = "2.2.3.857"

const maxInstalled = 50 // instances an InstallCloudAssistant

// installCloudAssistant gives instances an agent, which is there when they have been started anew.
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
		if h.isManaged() { // its agent is what registered it
			return nil, unknownInstance(h.get().InstanceId)
		}
	}
	for _, h := range hosts {
		h.install()
	}
	return &assist.InstallCloudAssistantResponse{}, nil
}

func (h *host) install() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.installing = true
	h.keep.Write(h.kept())
}

// booted takes up what was installed on an instance that now starts. h.mu is held.
func (h *host) booted(it *Instance) {
	if h.installing {
		h.installing = false
		it.AgentVersion = cmp.Or(it.AgentVersion, agentVersion)
	}
}
