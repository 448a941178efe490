package cmd

import (
	"context"

	"muster/pkg/assist"
	"muster/pkg/target"
)

// stateOf returns the instances on which an invocation has not ended, with their agents.
func (e *scheduleEdit) stateOf(ctx context.Context, s *session, inv *assist.Invocation) ([]target.Instance, error) {
	given := []target.Instance{}
	for i := range inv.InvokeInstances.InvokeInstance {
		if it := &inv.InvokeInstances.InvokeInstance[i]; !it.Status().Terminal() {
			given = append(given, target.Instance{InstanceId: it.InstanceId})
		}
	}
	resolver := e.resolver(sites{s})
	resolver.Agents = true
	found, err := resolver.Among(ctx, target.Selector{All: true}, given)
	if err != nil {
		return nil, err
	}
	return found.Instances, nil
}

// addInstances finds the instances to be added and puts them into the request, without those that the invocation has already.
func (e *scheduleEdit) addInstances(ctx context.Context, s *session, inv *assist.Invocation) error {
	if e.selection == nil {
		return nil
	}
	use := assist.AgentUse{
		Frequency: inv.Frequency, Containers: inv.ContainerId != "" || inv.ContainerName != "",
		Secrets: len(e.hidden) > 0, Launcher: inv.Launcher != "", TerminationMode: inv.TerminationMode,
	}
	if e.request.Frequency != "" {
		use.Frequency = e.request.Frequency
	}
	if inv.Parameters != "" && inv.Parameters != "{}" || e.request.EnableParameter != nil {
		use.Content = e.content(inv)
	}
	who, err := e.selection.resolve(ctx, e.finder, sites{s}, inv.CommandType, use)
	if err != nil {
		return err
	}
	e.warnings = append(e.warnings, who.warnings...)
	has, skipped := map[string]bool{}, map[string]bool{}
	for _, it := range inv.InvokeInstances.InvokeInstance {
		has[it.InstanceId] = true
	}
	for _, t := range who.skipped {
		skipped[t.InstanceId] = true
	}
	for _, t := range who.targets {
		if !skipped[t.InstanceId] && !has[t.InstanceId] {
			e.request.InstanceId = append(e.request.InstanceId, t.InstanceId)
		}
	}
	before := len(who.targets) - len(who.skipped) - len(e.request.InstanceId)
	if before > 0 && !e.config.Quiet {
		e.note("%s of those chosen: %s runs there already", plural(before, "instance"), inv.InvokeId)
	}
	return nil
}
