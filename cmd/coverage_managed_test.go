package cmd

import (
	"net/netip"
	"strings"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/lab"
)

// registerHost registers a host outside ECS.
func (p *provoker) registerHost(t *testing.T) {
	t.Helper()
	answer, err := p.client.CreateActivation(t.Context(), &assist.CreateActivationRequest{RegionId: labRegion, InstanceName: "factory"})
	if err != nil {
		t.Fatal(err)
	}
	p.activation = answer.ActivationId
	p.managed, err = p.RegisterHost(lab.HostRegistration{
		ActivationId: answer.ActivationId, ActivationCode: answer.ActivationCode, Remote: netip.MustParseAddr("198.51.100.7"),
		Instance: lab.Instance{Online: true, AgentVersion: "2.2.3.857", Managed: &lab.Managed{MachineId: "m"}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func activationProvocations() map[string]func(*assist.CreateActivationRequest) {
	type request = assist.CreateActivationRequest
	tags := func(list ...assist.Tag) func(*request) { return func(r *request) { r.Tag = list } }
	return map[string]func(*request){
		"InstanceName.ExceedLimit":     func(r *request) { r.InstanceName = strings.Repeat("x", 51) },
		"InstanceName.InvalidPattern":  func(r *request) { r.InstanceName = "1x" },
		"ActivationDesc.ExceedLimit":   func(r *request) { r.Description = strings.Repeat("x", 101) },
		"ActivationLimitation.Invalid": func(r *request) { r.InstanceCount = 1001 },
		"AddressRange.InvalidPattern":  func(r *request) { r.IpAddressRange = "web.example" },
		"ActivationTTL.ExceedLimit":    func(r *request) { r.TimeToLiveInHours = 876_577 },
		"InvalidTagKey.Malformed":      tags(assist.Tag{Key: "acs:a"}),
		"InvalidTagValue.Malformed":    tags(assist.Tag{Key: "a", Value: "http://x"}),
		"NumberExceed.Tags":            tags(numberedTags(21)...),
		"MissingParameter.TagKey":      tags(assist.Tag{Value: "1"}),
		"Duplicate.TagKey":             tags(assist.Tag{Key: "a"}, assist.Tag{Key: "a"}),
		"InvalidRegionId.NotFound":     func(r *request) { r.RegionId = "cn-nowhere" },
	}
}

// managedRequest returns a call of an action about managed instances or activations, as request does. ok is false for other actions.
func (p *provoker) managedRequest(action, code string) (request assist.Request, byItself, ok bool) {
	region, activation, instance, name := labRegion, p.activation, p.managed, "till"
	byItself = true
	switch code {
	case "InvalidRegionId.NotFound":
		region = "cn-nowhere"
	case "ActivationId.NotFound":
		activation = "none"
	case "InvalidInstance.NotFound":
		instance = "mi-none"
	case "InstanceName.ExceedLimit":
		name = strings.Repeat("x", 129)
	case "InstanceName.InvalidPattern":
		name = "1x"
	case "ActivationId.InUse":
	default:
		byItself = false
	}
	switch action {
	case "CreateActivation":
		r := &assist.CreateActivationRequest{RegionId: region}
		change, byItself := activationProvocations()[code]
		if byItself {
			change(r)
		}
		return r, byItself, true
	case "DisableActivation":
		return &assist.DisableActivationRequest{RegionId: region, ActivationId: activation}, byItself, true
	case "DeleteActivation":
		return &assist.DeleteActivationRequest{RegionId: region, ActivationId: activation}, byItself, true
	case "ModifyManagedInstance":
		return &assist.ModifyManagedInstanceRequest{RegionId: region, InstanceId: instance, InstanceName: name}, byItself, true
	case "DeregisterManagedInstance":
		return &assist.DeregisterManagedInstanceRequest{RegionId: region, InstanceId: instance}, byItself, true
	}
	return nil, false, false
}

// managedLine returns a command line whose call of such an action the lab refuses, or nil.
func (p *provoker) managedLine(action, code string) []string {
	activation := p.activation
	if code == "ActivationId.NotFound" {
		activation = "none"
	}
	return map[string][]string{
		"CreateActivation":          {"activation", "create"},
		"DisableActivation":         {"activation", "disable", activation},
		"DeleteActivation":          {"activation", "delete", "--yes", activation},
		"ModifyManagedInstance":     {"managed", "rename", p.managed, "till"},
		"DeregisterManagedInstance": {"managed", "remove", "--yes", p.managed},
	}[action]
}

func activationRefusals() map[string]refusal {
	create := func(flags ...string) refusal {
		return refusal{args: append([]string{"activation", "create"}, flags...)}
	}
	return map[string]refusal{
		"InstanceName.ExceedLimit":     create("--name", strings.Repeat("x", 51)),
		"InstanceName.InvalidPattern":  create("--name", "1x"),
		"ActivationDesc.ExceedLimit":   create("--description", strings.Repeat("x", 101)),
		"ActivationLimitation.Invalid": create("--count", "1001"),
		"AddressRange.InvalidPattern":  create("--address-range", "web.example"),
		"ActivationTTL.ExceedLimit":    create("--hours", "876577"),
		"InvalidTagKey.Malformed":      create("--tag", "acs:a=1"),
		"InvalidTagValue.Malformed":    create("--tag", "a=http://x"),
		"NumberExceed.Tags":            create(repeated(21, "--tag", "N=1")...),
		"MissingParameter.TagKey":      create("--tag", "=1"),
		"Duplicate.TagKey":             create("--tag", "a=1", "--tag", "a=2"),
	}
}

func (p *provoker) renameRefusals() map[string]refusal {
	return map[string]refusal{
		"InstanceName.ExceedLimit":    {args: []string{"managed", "rename", p.managed, strings.Repeat("x", 129)}},
		"InstanceName.InvalidPattern": {args: []string{"managed", "rename", p.managed, "1x"}},
	}
}
