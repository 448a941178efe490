package assist

import (
	"encoding/json"
	"errors"
	"fmt"
)

// checked is a response whose records have ids. Its check returns an error if an id is missing or invalid, which means that the
// response is not the API's.
type checked interface{ check() error }

func (r *RunCommandResponse) check() error    { return checkCreated(r.InvokeId, r.CommandId) }
func (r *InvokeCommandResponse) check() error { return checkCreated(r.InvokeId, "") }
func (r *SendFileResponse) check() error      { return checkCreated(r.InvokeId, "") }
func (r *CreateCommandResponse) check() error { return checkCreated("", r.CommandId) }

// checkCreated checks the ids of what a call has created. It ignores missing ids, which the caller handles.
func checkCreated(invokeID, commandID string) error {
	var wrong []error
	if invokeID != "" {
		wrong = append(wrong, checkID("InvokeId", invokeID))
	}
	if commandID != "" {
		wrong = append(wrong, checkID("CommandId", commandID))
	}
	return errors.Join(wrong...)
}

func (r *DescribeInvocationsResponse) check() error {
	for i := range r.Invocations.Invocation {
		invocation := &r.Invocations.Invocation[i]
		if err := checkID("InvokeId", invocation.InvokeId); err != nil {
			return err
		}
		for j := range invocation.InvokeInstances.InvokeInstance {
			if err := checkID("InstanceId", invocation.InvokeInstances.InvokeInstance[j].InstanceId); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *DescribeSendFileResultsResponse) check() error {
	for i := range r.Invocations.Invocation {
		file := &r.Invocations.Invocation[i]
		if err := checkID("InvokeId", file.InvokeId); err != nil {
			return err
		}
		for j := range file.InvokeInstances.InvokeInstance {
			if err := checkID("InstanceId", file.InvokeInstances.InvokeInstance[j].InstanceId); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *DescribeInvocationResultsResponse) check() error {
	for i := range r.Invocation.InvocationResults.InvocationResult {
		if err := checkResult(&r.Invocation.InvocationResults.InvocationResult[i]); err != nil {
			return err
		}
	}
	return nil
}

func checkResult(r *InvocationResult) error {
	err := checkID("InstanceId", r.InstanceId)
	if err == nil && r.InvokeId != "" {
		err = checkID("InvokeId", r.InvokeId)
	}
	return err
}

func (r *DescribeCommandsResponse) check() error {
	for i := range r.Commands.Command {
		if err := checkNameID("CommandId", r.Commands.Command[i].CommandId); err != nil {
			return err
		}
	}
	return nil
}

func (r *DescribeInstancesResponse) check() error {
	for i := range r.Instances.Instance {
		instance := &r.Instances.Instance[i]
		if err := checkID("InstanceId", instance.InstanceId); err != nil {
			return err
		}
		for _, value := range []json.RawMessage{
			instance.CpuOptions, instance.DedicatedHostAttribute, instance.DedicatedInstanceAttribute, instance.EcsCapacityReservationAttr,
			instance.HibernationOptions, instance.ImageOptions, instance.MetadataOptions, instance.PrivateDnsNameOptions,
			instance.RdmaIpAddress, instance.SecurityOptions, instance.AdditionalInfo, instance.ClockOptions,
		} {
			if err := checkDepth(value); err != nil {
				return fmt.Errorf("instance %s: %w", instance.InstanceId, err)
			}
		}
	}
	return nil
}

func (r *DescribeManagedInstancesResponse) check() error {
	for i := range r.Instances {
		if err := checkID("InstanceId", r.Instances[i].InstanceId); err != nil {
			return err
		}
	}
	return nil
}

func (r *DescribeActivationsResponse) check() error {
	for i := range r.ActivationList {
		if err := checkID("ActivationId", r.ActivationList[i].ActivationId); err != nil {
			return err
		}
	}
	return nil
}

func (r *CreateActivationResponse) check() error { return checkID("ActivationId", r.ActivationId) }

func (r *DescribeCloudAssistantStatusResponse) check() error {
	set := r.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus
	for i := range set {
		if err := checkID("InstanceId", set[i].InstanceId); err != nil {
			return err
		}
	}
	return nil
}

func (r *DescribeRegionsResponse) check() error {
	for i := range r.Regions.Region {
		if err := checkID("RegionId", r.Regions.Region[i].RegionId); err != nil {
			return err
		}
		if err := checkHost("RegionEndpoint", r.Regions.Region[i].RegionEndpoint); err != nil {
			return err
		}
	}
	return nil
}

func (r *ListTagResourcesResponse) check() error {
	for i := range r.TagResources.TagResource {
		if err := checkNameID("ResourceId", r.TagResources.TagResource[i].ResourceId); err != nil {
			return err
		}
	}
	return nil
}

// maxDepth limits the nesting of values that are kept as raw JSON, because deeper values would be printed with as much indentation.
// The nesting of all other values is limited by the response types.
const maxDepth = 32

// checkDepth returns an error if valid JSON is nested too deeply.
func checkDepth(value json.RawMessage) error {
	depth, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("JSON nested deeper than %d", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
