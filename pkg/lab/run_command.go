package lab

import (
	"cmp"
	"time"

	"muster/pkg/assist"
)

func runCommand(c call, r *assist.RunCommandRequest) (*assist.RunCommandResponse, error) {
	content, err := assist.DecodeContent(r.CommandContent, assist.Encoding(r.ContentEncoding, assist.PlainText))
	if err != nil {
		return nil, err
	}
	now := c.clock.Now()
	timeout := cmp.Or(r.Timeout, assist.DefaultTimeout)
	tags := tagPairs(r.Tag)
	inv := &invocation{
		InvokeId: newInvokeID(),
		Command: &command{
			CommandId: newCommandID(), Name: r.Name, Type: r.Type, Description: r.Description, Content: content,
			WorkingDir: r.WorkingDir, Timeout: timeout, EnableParameter: r.EnableParameter, Launcher: r.Launcher,
			ResourceGroupId: r.ResourceGroupId, Tags: tags, Created: now,
		},
		Parameters: r.Parameters, Timeout: timeout,
		RepeatMode: repeatMode(r.RepeatMode, r.Frequency), FrequencyText: r.Frequency, Zone: time.Local,
		WorkingDir: r.WorkingDir, Username: r.Username, ContainerId: r.ContainerId, ContainerName: r.ContainerName,
		TerminationMode: r.TerminationMode, Launcher: r.Launcher, OssOutputDelivery: r.OssOutputDelivery,
		ResourceGroupId: r.ResourceGroupId, Tags: tags, Created: now,
	}
	storage := commandNotSaved
	if r.KeepCommand {
		storage = commandToSave
	}
	if err := c.accept(inv, targets{r.Targets(), r.ResourceTag, c.limits.RunInstances}, storage); err != nil {
		return nil, err
	}
	return &assist.RunCommandResponse{CommandId: inv.Command.CommandId, InvokeId: inv.InvokeId}, nil
}
