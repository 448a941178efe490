package lab

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
)

// invokeCommand runs a saved command. A public one could be named instead of its id, but the lab has none.
func invokeCommand(c call, r *assist.InvokeCommandRequest) (*assist.InvokeCommandResponse, error) {
	cmd, err := c.store.command(r.CommandId)
	if err != nil {
		return nil, err
	}
	if err := suits(cmd, r); err != nil {
		return nil, err
	}
	inv := &invocation{
		InvokeId: newInvokeID(), Command: cmd,
		Parameters: r.Parameters, RepeatMode: repeatMode(r.RepeatMode, r.Frequency), Timeout: cmp.Or(r.Timeout, cmd.Timeout),
		WorkingDir: cmp.Or(r.WorkingDir, cmd.WorkingDir), Username: r.Username, ContainerId: r.ContainerId,
		ContainerName: r.ContainerName, TerminationMode: r.TerminationMode, Launcher: cmp.Or(r.Launcher, cmd.Launcher),
		OssOutputDelivery: r.OssOutputDelivery, ResourceGroupId: r.ResourceGroupId, Tags: pairs(r.Tag), Created: time.Now(),
	}
	if err := c.accept(inv, targets{r.Targets(), r.ResourceTag, c.limits.InvokeInstances}, isSaved); err != nil {
		return nil, err
	}
	return &assist.InvokeCommandResponse{InvokeId: inv.InvokeId}, nil
}

// suits judges a request by the command that it is for.
func suits(cmd *command, r *assist.InvokeCommandRequest) error {
	if len(r.Parameters) > 0 && !cmd.EnableParameter {
		return refusal(http.StatusBadRequest, "Parameter.Disabled",
			"Parameters cannot be passed in when the command customization function is disabled.")
	}
	names := assist.ParameterNames(string(cmd.Content))
	for name := range r.Parameters {
		if !slices.Contains(names, strings.ToLower(name)) {
			return refusal(http.StatusForbidden, "Parameter.NotMatched",
				"The passed-in parameters do not match the parameters defined when you created the command: it has no {{"+name+"}}.")
		}
	}
	if cmd.Type != "RunShellScript" && r.Username != "" && !strings.EqualFold(r.Username, "System") && r.WindowsPasswordName == "" {
		return refusal(http.StatusForbidden, "WindowsPasswordName.Missed", "WindowsPasswordName must be specified when you create a Windows task.")
	}
	return nil
}
