package lab

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
)

// Instance is an instance of the lab: an ECS instance, or a managed one.
type Instance struct {
	assist.Instance
	Online       bool          // whether its agent sends heartbeats
	AgentVersion string        // empty if no agent is installed
	Shell        runner.Shell  `json:",omitempty"` // what sh is; empty for bash
	NoHome       bool          `json:",omitempty"` // the home directory of the agent's own user does not exist
	Latency      time.Duration // how long a delivery takes
	Simulation   *Simulation   `json:",omitempty"` // nil if it really runs scripts
	Managed      *Managed      `json:",omitempty"` // nil for an ECS instance
}

// checkAccepts returns the error for sending commands of a type to the instance, or nil.
func (it *Instance) checkAccepts(commandType string) error {
	if err := it.checkReachable(); err != nil {
		return err
	}
	if windows := commandType != "RunShellScript"; windows != it.windows() {
		return assist.Refusal(http.StatusBadRequest, "InvalidInstance.NotMatch", fmt.Sprintf(
			"The specified instance type does not match the command: %s is %s, the command %s.", it.InstanceId, it.OSType, commandType))
	}
	return nil
}

// checkReachable returns the error for sending anything to the instance, or nil.
func (it *Instance) checkReachable() error {
	switch {
	case !it.running():
		return assist.Refusal(http.StatusBadRequest, "InvalidInstanceStatus", fmt.Sprintf(
			"The specified instance's status can not execute this operation: %s is %s.", it.InstanceId, it.Status))
	case it.InstanceNetworkType == "classic":
		return assist.Refusal(http.StatusBadRequest, "InvalidInstance.NotVpc", "The specified instances must be VPC instances: "+it.InstanceId+".")
	case it.AgentVersion == "":
		return assist.Refusal(http.StatusBadRequest, "InvalidInstance.NoClient",
			"The specified instances have no cloud assistant client installed: "+it.InstanceId+".")
	}
	return nil
}

func (it *Instance) windows() bool { return strings.EqualFold(it.OSType, "windows") }

// running reports whether the machine is up. A managed instance has no status: the service only knows whether its agent is
// connected, so the lab assumes that the machine is up.
func (it *Instance) running() bool { return it.Managed != nil || it.Status == "Running" }

// connected reports whether the service can reach the agent.
func (it *Instance) connected() bool {
	return it.Online && it.running() && it.AgentVersion != ""
}
