package lab

import (
	"fmt"
	"net/http"
	"slices"

	"muster/pkg/assist"
)

// stopInvocation stops an invocation on the given instances, or on all. The API documents say that running scripts continue; but
// by the states Stopping and Terminated, TerminationMode and the official agent they are killed, so the lab kills them.
func stopInvocation(c call, r *assist.StopInvocationRequest) (*assist.StopInvocationResponse, error) {
	if r.InvokeId == "" {
		return nil, assist.MissingParameter("InvokeId")
	}
	if n := len(r.InstanceId); n > assist.MaxStopped {
		return nil, assist.Refusal(http.StatusForbidden, "InstanceIds.ExceedLimit",
			fmt.Sprintf("The number of instance IDs exceeds the upper limit: %d, at most %d.", n, assist.MaxStopped))
	}
	inv, ok := c.store.invocation(r.InvokeId)
	if !ok {
		// The code is from the service's documentation of StopInvocation of 2026; earlier documents have none.
		return nil, assist.Refusal(http.StatusNotFound, "InvalidInvokeId.NotFound", "The specified invoke ID does not exist.")
	}
	for _, id := range r.InstanceId {
		if !isOn(inv.Tasks, id) {
			return nil, unknownInstance(id)
		}
	}
	for i, t := range inv.Tasks {
		if len(r.InstanceId) == 0 || slices.Contains(r.InstanceId, t.InstanceId) {
			c.agents.stop(taskRef{inv.InvokeId, i})
		}
	}
	return &assist.StopInvocationResponse{}, nil
}
