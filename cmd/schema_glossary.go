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

// schemaID names the schema. The 1 is the version of the shape, which changes only by addition.
const schemaID = "urn:muster:schema:1"

//go:embed schema_descriptions.txt
var schemaDescriptions string

// glossary returns what the schema says that the types do not. Sets of values are closed if muster alone chooses them. Those of
// the service are open: it may use values that are not known here.
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
		"Cause":                 append(anys(fleet.Causes()...), ""),
		"Check.Status":          anys(checkOK, checkWarn, checkFail, checkSkipped),
		"DoneDocument.Done":     anys(doneCreated, doneChanged, doneDeleted),
		"Event.Action":          anys(sentActions()...),
		"EventKind":             anys(fleet.EventKinds()...),
		"Failure.ExitCode":      codes,
		"Kind":                  anys(schedule.Rate, schedule.At, schedule.Cron),
		"LabVerbDocument.Verb":  anys(labVerbNames()...),
		"LabVerbRecord.Verb":    anys(labVerbNames()...),
		"PreviewRequest.Action": anys(sentActions()...),
		"RamStatement.Effect":   anys("Allow"),
		"Retry":                 anys(catalogue.RetryNo, catalogue.RetryLater, catalogue.RetrySameToken),
		"RunHead.Action":        append(anys(sentActions()...), ""),
		"RunHead.Gate":          anys(fleet.GateMaxFailures, fleet.GateDeclined, fleet.GateCommand),
		"WaveHead.Action":       anys(sentActions()...),
		"RunSummary.Action":     append(anys(sentActions()...), ""),
		"Scope":                 anys(catalogue.ScopeAPI, catalogue.ScopeInstance),
		"Warning.Code":          anys(fleet.WarningCodes()...),
	}
}

// sentActions are the API actions that a run can consist of.
func sentActions() []string {
	return []string{
		new(assist.RunCommandRequest).Action(), new(assist.InvokeCommandRequest).Action(), new(assist.SendFileRequest).Action(),
	}
}

func openSets() map[string][]any {
	statuses, oss := anys(assist.Statuses()...), anys("InProgress", "Finished", "Failed")
	types, terminations := anys("RunShellScript", "RunBatScript", "RunPowerShellScript"), anys("Process", "ProcessTree")
	return map[string][]any{
		"AccessDeniedDetail.AuthPrincipalType": anys("SubUser", "AssumedRoleUser", "Federated"),
		"AccessDeniedDetail.NoPermissionType":  anys("ImplicitDeny", "ExplicitDeny"),
		"Delivery.OssOutputStatus":             oss,
		"Invocation.CommandType":               types,
		"Invocation.RepeatMode":                anys("Once", "Period", "NextRebootOnly", "EveryReboot", "DryRun"),
		"Invocation.TerminationMode":           terminations,
		"InvocationResult.OssOutputStatus":     oss,
		"InvocationResult.TerminationMode":     terminations,
		"Record.OSType":                        anys("linux", "windows", "freebsd"),
		"Record.Status":                        anys("Pending", "Running", "Starting", "Stopping", "Stopped"),
		"RunHead.Status":                       statuses,
		"RunSummary.Status": append(
			anys(render.RunUnfinished, render.RunInterrupted, render.RunSubmitted, render.RunUnreadable), statuses...),
		"SavedCommand.Type": types,
		"Status":            statuses,
	}
}

// anys returns a list as JSON Schema has it.
func anys[T any](list ...T) []any {
	all := make([]any, 0, len(list))
	for _, value := range list {
		all = append(all, value)
	}
	return all
}

// readDescriptions reads lines of a key, a colon and a description. Lines that are empty or begin with # are left out.
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
