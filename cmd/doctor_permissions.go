package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"muster/pkg/assist"
)

// ramPolicy is a policy in the form that RAM takes.
type ramPolicy struct {
	Version   string
	Statement []ramStatement
}

type ramStatement struct {
	Effect   string
	Action   []string
	Resource string
}

func newPolicy(actions []string) *ramPolicy {
	if len(actions) == 0 {
		return nil
	}
	statement := ramStatement{Effect: "Allow", Resource: "*"}
	for _, action := range actions {
		statement.Action = append(statement.Action, "ecs:"+action)
	}
	return &ramPolicy{Version: "1", Statement: []ramStatement{statement}}
}

func (p *ramPolicy) String() string {
	text, _ := json.MarshalIndent(p, "", "  ") // strings cannot fail
	return string(text)
}

// permission is an action that muster calls, and a call of it that changes nothing.
type permission struct {
	action string
	forRun bool           // every run needs it
	usedBy string         // the other commands that need it
	probe  assist.Request // nil if every call that RAM evaluates would change something
}

// permissionsAt returns the actions. The probes of those that change something name resources that do not exist.
func permissionsAt(region string) []permission {
	const (
		instance   = "i-musterdoctor0000"
		command    = "c-musterdoctor0000"
		invocation = "t-musterdoctor0000"
		managed    = "mi-musterdoctor0000"
		activation = "MUSTERDOCTOR-0000"
	)
	return []permission{
		{"DescribeInstances", true, "", &assist.DescribeInstancesRequest{RegionId: region}},
		{"DescribeCloudAssistantStatus", true, "", &assist.DescribeCloudAssistantStatusRequest{RegionId: region}},
		{"RunCommand", true, "", &assist.RunCommandRequest{
			RegionId: region, Type: "RunShellScript", CommandContent: "dHJ1ZQ==", ContentEncoding: assist.Base64,
			RepeatMode: "DryRun", InstanceId: []string{instance},
		}},
		{"DescribeInvocations", true, "", &assist.DescribeInvocationsRequest{RegionId: region}},
		{"DescribeInvocationResults", true, "", &assist.DescribeInvocationResultsRequest{RegionId: region, InvokeId: invocation}},
		{"StopInvocation", false, "stop", &assist.StopInvocationRequest{RegionId: region, InvokeId: invocation}},
		{"ModifyInvocationAttribute", false, "schedule edit", &assist.ModifyInvocationAttributeRequest{RegionId: region, InvokeId: invocation, Frequency: "rate(1h)"}},
		{"InvokeCommand", false, "invoke", &assist.InvokeCommandRequest{RegionId: region, CommandId: command, InstanceId: []string{instance}}},
		{"DescribeCommands", false, "commands, invoke", &assist.DescribeCommandsRequest{RegionId: region}},
		{"CreateCommand", false, "commands create", nil},
		{"ModifyCommand", false, "commands edit", &assist.ModifyCommandRequest{RegionId: region, CommandId: command, Description: "none"}},
		{"DeleteCommand", false, "commands delete", &assist.DeleteCommandRequest{RegionId: region, CommandId: command}},
		{"DescribeManagedInstances", false, "managed, instances --managed", &assist.DescribeManagedInstancesRequest{RegionId: region}},
		{"ModifyManagedInstance", false, "managed rename", &assist.ModifyManagedInstanceRequest{RegionId: region, InstanceId: managed, InstanceName: "none"}},
		{"DeregisterManagedInstance", false, "managed remove", &assist.DeregisterManagedInstanceRequest{RegionId: region, InstanceId: managed}},
		{"CreateActivation", false, "activation create", nil},
		{"DescribeActivations", false, "activation list", &assist.DescribeActivationsRequest{RegionId: region}},
		{"DisableActivation", false, "activation disable", &assist.DisableActivationRequest{RegionId: region, ActivationId: activation}},
		{"DeleteActivation", false, "activation delete", &assist.DeleteActivationRequest{RegionId: region, ActivationId: activation}},
		{"SendFile", false, "send", &assist.SendFileRequest{
			RegionId: region, Name: "none", TargetDir: "/tmp", Content: "bm9uZQ==", ContentType: assist.Base64, InstanceId: []string{instance},
		}},
		{"DescribeSendFileResults", false, "send, results", &assist.DescribeSendFileResultsRequest{RegionId: region, InvokeId: invocation}},
	}
}

// permissions tries each action, and collects those that RAM refuses.
func (d *diagnosis) permissions(ctx context.Context, s *session) {
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	list := permissionsAt(s.region)
	answers := make([]error, len(list))
	var group errgroup.Group
	group.SetLimit(d.app.config.MaxCalls())
	for i, p := range list {
		if p.probe != nil {
			group.Go(func() error { answers[i] = s.caller.Call(ctx, p.probe, new(map[string]any)); return nil })
		}
	}
	_ = group.Wait() // the errors are in answers
	var missing []string
	for i, p := range list {
		if d.permission(p, answers[i]) {
			missing = append(missing, p.action)
		}
	}
	d.Policy = newPolicy(missing)
}

// permission adds the result of one probe, and reports whether RAM refused it.
func (d *diagnosis) permission(p permission, err error) bool {
	refused, answered := errors.AsType[*assist.Error](err)
	switch {
	case p.probe == nil:
		d.add(p.action, checkSkipped, "not tried: every call of it changes something", "")
	case err == nil:
		d.add(p.action, checkOK, "allowed", "")
	case answered && refused.Denied():
		status, remedy := checkFail, "muster can run nothing without it"
		if !p.forRun {
			status, remedy = checkWarn, "needed for muster "+strings.ReplaceAll(p.usedBy, ", ", " and ")
		}
		d.add(p.action, status, "refused: "+refused.Code, remedy)
		return true
	case answered && !refused.Throttled() && !refused.Temporary():
		d.add(p.action, checkOK, fmt.Sprintf("not refused: a call without effect returns %s", refused.Code), "")
	default:
		d.add(p.action, checkWarn, "unknown: "+strings.Join(strings.Fields(err.Error()), " "), "")
	}
	return false
}

// agents checks the agents of the region's instances.
func (d *diagnosis) agents(ctx context.Context, s *session) {
	const name = "agents"
	ctx, cancel := context.WithTimeout(ctx, checkPatience)
	defer cancel()
	fleet, err := countAgents(ctx, d.app.finder, s)
	if err != nil {
		d.addError(name, err)
		return
	}
	if fleet.total == 0 {
		d.add(name, checkWarn, "no instance in "+s.region, "if there are some, these credentials may not list them: RAM makes DescribeInstances return an empty list then")
		return
	}
	status, remedies := checkOK, []string{}
	detail := plural(fleet.total, "instance") + ": " + strings.Join(fleet.versions(), ", ")
	for _, problem := range []struct {
		count        int
		what, remedy string
	}{
		{fleet.offline, "offline", "see muster instances for those that are offline"},
		{fleet.without, "without an agent", "install the agent where it is missing"},
		{fleet.old, "too old for schedules, containers or built-in parameters", "upgrade agents that are older than " + strings.Join(fleet.least, " and ")},
	} {
		if problem.count > 0 {
			status = checkWarn
			detail += fmt.Sprintf("; %d %s", problem.count, problem.what)
			remedies = append(remedies, problem.remedy)
		}
	}
	if fleet.more {
		detail += fmt.Sprintf("; only the first %d were looked at", fleet.total)
	}
	d.add(name, status, detail, strings.Join(remedies, "; "))
}

func sortedByCount(counts map[string]int) []string {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	return names
}
