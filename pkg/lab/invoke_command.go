package lab

import (
	"cmp"

	"muster/pkg/assist"
)

// invokeCommand runs a saved command. The service also accepts the names of public commands; the lab has none.
func invokeCommand(c call, r *assist.InvokeCommandRequest) (*assist.InvokeCommandResponse, error) {
	cmd, err := c.store.command(r.CommandId)
	if err != nil {
		return nil, err
	}
	saved := apiCommand(commandRecord{command: cmd}, assist.PlainText)
	if err := r.ValidateWith(&saved); err != nil {
		return nil, err
	}
	inv := &invocation{
		InvokeId: newInvokeID(), Command: cmd,
		Parameters: r.Parameters, Timeout: cmp.Or(r.Timeout, cmd.Timeout),
		RepeatMode: repeatMode(r.RepeatMode, r.Frequency), FrequencyText: r.Frequency, Zone: cronZone(r),
		WorkingDir: cmp.Or(r.WorkingDir, cmd.WorkingDir), Username: r.Username, ContainerId: r.ContainerId,
		ContainerName: r.ContainerName, TerminationMode: r.TerminationMode, Launcher: cmp.Or(r.Launcher, cmd.Launcher),
		OssOutputDelivery: r.OssOutputDelivery, ResourceGroupId: r.ResourceGroupId, Tags: tagPairs(r.Tag), Created: c.clock.Now(),
	}
	if err := c.accept(inv, targets{r.Targets(), r.ResourceTag, c.limits.InvokeInstances}, commandSaved); err != nil {
		return nil, err
	}
	return &assist.InvokeCommandResponse{InvokeId: inv.InvokeId}, nil
}
