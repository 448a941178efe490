package cmd

import (
	_ "embed" // for the descriptions
	"strings"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/schedule"
)

// schemaID identifies the schema. The 1 is the version of its shape, which changes only by addition.
const schemaID = "urn:muster:schema:1"

//go:embed schema_descriptions.txt
var schemaDescriptions string

// glossary returns what the types do not say about the schema. Value sets are closed if muster defines them, and open if the service
// does: it may add values.
func glossary() render.Glossary {
	return render.Glossary{
		ID: schemaID, Descriptions: readDescriptions(schemaDescriptions), Closed: closedSets(), Open: openSets(),
		Times: []string{"RunInvocation.NextTime", "ScheduleDocument.Next"},
	}
}

func closedSets() map[string][]any {
	codes := []any{}
	for _, row := range exitTable() {
		if row.Code != exitDone {
			codes = append(codes, row.Code)
		}
	}
	return map[string][]any{
		"Cause":                    append(toAny(fleet.Causes()...), ""),
		"Check.Status":             toAny(checkOK, checkWarn, checkFail, checkSkipped),
		"DoneDocument.Done":        toAny(doneCreated, doneChanged, doneDeleted),
		"EditedDocument.Done":      toAny(doneChanged),
		"ActivationRecord.Done":    toAny(doneDisabled, doneDeleted),
		"ActivationsDocument.Done": toAny(doneDisabled, doneDeleted),
		"ManagedDocument.Done":     toAny(doneRenamed, doneRemoved),
		"ManagedRecord.Done":       toAny(doneRenamed, doneRemoved),
		"Event.Action":             toAny(sentActions()...),
		"EventKind":                toAny(fleet.EventKinds()...),
		"Failure.ExitCode":         codes,
		"Kind":                     toAny(schedule.Rate, schedule.At, schedule.Cron),
		"LabVerbDocument.Verb":     toAny(labVerbNames()...),
		"LabVerbRecord.Verb":       toAny(labVerbNames()...),
		"PreviewRequest.Action":    toAny(append(sentActions(), new(assist.ModifyInvocationAttributeRequest).Action())...),
		"RamStatement.Effect":      toAny("Allow"),
		"Retry":                    toAny(catalogue.RetryNo, catalogue.RetryLater, catalogue.RetrySameToken),
		"RunHead.Action":           append(toAny(sentActions()...), ""),
		"RunHead.Gate":             toAny(fleet.GateMaxFailures, fleet.GateDeclined, fleet.GateCommand),
		"WaveHead.Action":          toAny(sentActions()...),
		"RunSummary.Action":        append(toAny(sentActions()...), ""),
		"Scope":                    toAny(catalogue.ScopeAPI, catalogue.ScopeInstance),
		"Warning.Code":             toAny(fleet.WarningCodes()...),
	}
}

// sentActions returns the API actions of runs.
func sentActions() []string {
	return []string{
		new(assist.RunCommandRequest).Action(), new(assist.InvokeCommandRequest).Action(), new(assist.SendFileRequest).Action(),
	}
}

func openSets() map[string][]any {
	statuses, oss := toAny(assist.Statuses()...), toAny("InProgress", "Finished", "Failed")
	types, terminations := toAny("RunShellScript", "RunBatScript", "RunPowerShellScript"), toAny("Process", "ProcessTree")
	return map[string][]any{
		"AccessDeniedDetail.AuthPrincipalType": toAny("SubUser", "AssumedRoleUser", "Federated"),
		"AccessDeniedDetail.NoPermissionType":  toAny("ImplicitDeny", "ExplicitDeny"),
		"Delivery.OssOutputStatus":             oss,
		"Invocation.CommandType":               types,
		"Invocation.RepeatMode":                toAny("Once", "Period", "NextRebootOnly", "EveryReboot", "DryRun"),
		"Invocation.TerminationMode":           terminations,
		"InvocationResult.OssOutputStatus":     oss,
		"InvocationResult.TerminationMode":     terminations,
		"Record.OSType":                        toAny("linux", "windows", "freebsd"),
		"Record.Status":                        toAny("Pending", "Running", "Starting", "Stopping", "Stopped"),
		"RunHead.Status":                       statuses,
		"RunSummary.Status": append(
			toAny(render.RunUnfinished, render.RunInterrupted, render.RunSubmitted, render.RunUnreadable), statuses...),
		"SavedCommand.Type": types,
		"Status":            statuses,
	}
}

// toAny returns a list in the type that JSON Schema uses.
func toAny[T any](list ...T) []any {
	all := make([]any, 0, len(list))
	for _, value := range list {
		all = append(all, value)
	}
	return all
}

// readDescriptions reads lines of a key, a colon and a description. It skips empty lines and lines that begin with #.
func readDescriptions(text string) map[string]string {
	descriptions := map[string]string{}
	for line := range strings.Lines(text) {
		key, description, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
		if ok && !strings.HasPrefix(key, "#") {
			descriptions[key] = description
		}
	}
	return descriptions
}
