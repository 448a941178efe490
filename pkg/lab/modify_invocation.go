package lab

import (
	"bytes"
	"maps"
	"net/http"

	"muster/pkg/assist"
)

// modifyInvocation changes an invocation that runs later or more than once. As the official agent does, instances replace what they have,
// and kill a run in progress without a report: it has no result. Instances that are added get their tasks at once.
func modifyInvocation(c call, r *assist.ModifyInvocationAttributeRequest) (*assist.ModifyInvocationAttributeResponse, error) {
	c.store.modifying.Lock()
	defer c.store.modifying.Unlock()
	inv, ok := c.store.invocation(r.InvokeId)
	if !ok {
		return nil, unknownInvocation()
	}
	if err := r.ValidateWith(inv.scheduled(), c.limits); err != nil {
		return nil, err
	}
	next, err := inv.modified(r, c)
	if err != nil {
		return nil, err
	}
	if r.Modifies() {
		if err := c.checkAgentsModify(inv.Tasks); err != nil {
			return nil, err
		}
	}
	hosts, err := c.addedHosts(r.InstanceId, inv)
	if err != nil {
		return nil, err
	}
	now := c.clock.Now()
	next.Instances += len(hosts)
	err = replaceInvocation(c.agents, inv.invocation, next, func(resent bool) error {
		return c.store.modifyInvocation(next, hosts, resent, now)
	})
	if err != nil {
		return nil, err
	}
	c.agents.schedule(next, hosts, len(inv.Tasks), now)
	releaseGoneTasks(c.agents, hosts)
	return &assist.ModifyInvocationAttributeResponse{CommandId: next.Command.CommandId}, nil
}

func unknownInvocation() error {
	return assist.Refusal(http.StatusNotFound, "InvalidInvokeId.NotFound", "The specified parameter InvokeId does not exist.")
}

// scheduled returns what [assist.ModifyInvocationAttributeRequest.ValidateWith] needs to know of an invocation.
func (r record) scheduled() *assist.Invocation {
	inv := &assist.Invocation{
		InvokeId: r.InvokeId, RepeatMode: r.RepeatMode, InvocationStatus: r.sum.newer, Timeout: r.Timeout,
		CommandContent: string(r.Command.Content),
	}
	for _, t := range r.Tasks {
		inv.InvokeInstances.InvokeInstance = append(inv.InvokeInstances.InvokeInstance, assist.InvokeInstance{InstanceId: t.InstanceId})
	}
	return inv
}

// modified returns a changed copy of an invocation. Another content makes another command, so that the runs before keep theirs.
//
// Whether the service refuses Parameters without EnableParameter is not documented. The lab refuses them if the command has no parameters.
func (inv *invocation) modified(r *assist.ModifyInvocationAttributeRequest, c call) (*invocation, error) {
	next, command := *inv, *inv.Command
	command.EnableParameter = command.EnableParameter || r.EnableParameter != nil && *r.EnableParameter
	if r.CommandContent != "" {
		content, err := assist.DecodeContent(r.CommandContent, assist.Encoding(r.ContentEncoding, assist.PlainText))
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(content, command.Content) {
			command.CommandId, command.Content, command.Created = newCommandID(), content, c.clock.Now()
		}
	}
	if len(r.Parameters) > 0 {
		if !command.EnableParameter {
			return nil, assist.Refusal(http.StatusBadRequest, "InvalidParameters.KeyNotMatch",
				"The key in the parameter Parameters do not match those defined when creating the command: EnableParameter is not true.")
		}
		next.Parameters = r.Parameters
	}
	if r.Frequency != "" && inv.RepeatMode == repeatPeriod {
		next.FrequencyText = r.Frequency
	}
	next.Command = &command
	if err := next.readFrequency(); err != nil {
		return nil, err
	}
	return &next, checkSupported(&next)
}

// sameTask reports whether instances run the same script at the same times for two versions of an invocation.
func sameTask(a, b *invocation) bool {
	return a.Command.CommandId == b.Command.CommandId && a.Command.EnableParameter == b.Command.EnableParameter &&
		maps.Equal(a.Parameters, b.Parameters) && a.FrequencyText == b.FrequencyText
}

// checkAgentsModify refuses a change that an agent is too old for. The instances on which the invocation has ended do not count.
func (c call) checkAgentsModify(tasks []*task) error {
	for _, t := range tasks {
		h := c.inventory.host(t.InstanceId)
		if h == nil || t.Status.Terminal() {
			continue
		}
		it := h.get()
		if oldest := assist.ModifiesInvocations().For(it.OSType); assist.OlderAgent(it.AgentVersion, oldest) {
			return assist.Refusal(http.StatusForbidden, "InvalidOperation.CloudAssistantVersionUnsupported",
				"The operation is not supported for current CloudAssistant version of instance: "+it.InstanceId+" has "+it.AgentVersion+", and "+oldest+" is needed.")
		}
	}
	return nil
}

// addedHosts returns the hosts with the given ids, without those on which the invocation is already. It refuses what RunCommand refuses.
func (c call) addedHosts(ids []string, inv record) ([]*host, error) {
	var added []*host
	seen := map[string]bool{}
	for _, id := range ids {
		h := c.inventory.host(id)
		switch {
		case h == nil:
			return nil, assist.Refusal(http.StatusNotFound, "InvalidInstanceId.NotFound", "The specified parameter InstanceId does not exist: "+id+".")
		case seen[id] || isOn(inv.Tasks, id):
			continue
		}
		seen[id] = true
		it := h.get()
		if err := it.checkReachable(); err != nil {
			return nil, err
		}
		if windows := inv.Command.Type != "RunShellScript"; windows != it.windows() {
			return nil, assist.Refusal(http.StatusForbidden, "InvalidInstanceId.OSTypeUnsupported",
				"The OS type of the instance corresponding to the parameter InstanceId does not support the specified command type: "+id+".")
		}
		if err := c.faults.refuseInstance(id); err != nil {
			return nil, err
		}
		added = append(added, h)
	}
	return added, nil
}
