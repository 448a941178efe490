package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/lab"
	"muster/pkg/target"
)

// The exit codes. 2 is left to the Go runtime.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUnsuccess   = 3
	exitDenied      = 4
	exitUnsettled   = 5
	exitStopped     = 6
	exitUsage       = 64
	exitInterrupted = 130
)

// exitStatus is a row of the table in help and docs.
type exitStatus struct {
	Code    int
	Meaning string
}

func exitTable() []exitStatus {
	return []exitStatus{
		{exitDone, "every target succeeded (for other commands: done)"},
		{exitFailed, "muster failed: network, service, internal, or an id that does not exist"},
		{exitUnsuccess, "everything settled, and some target did not succeed"},
		{exitDenied, "credentials or permission refused"},
		{exitUnsettled, "not settled when --wait-timeout ended; nothing was stopped"},
		{exitStopped, "stopped by --max-failures, --gate or a no to --confirm: the rest was never sent"},
		{exitUsage, "wrong use: flags, arguments, a request that is refused before it is sent, a selection that matches nothing; nothing was run"},
		{exitInterrupted, "interrupted"},
	}
}

// exitHelp returns the table for help pages.
func exitHelp(width int) string {
	var rows []string
	for _, row := range exitTable() {
		rows = append(rows, hangingIndent(fmt.Sprintf("  %d", row.Code), row.Meaning, 7, width))
	}
	return strings.Join(rows, "\n")
}

// outcomeError reports only an exit code: everything else has been printed.
type outcomeError struct{ code int }

func (e *outcomeError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exitCode is the one mapping from errors to exit codes.
func exitCode(err error) int {
	if outcome, ok := errors.AsType[*outcomeError](err); ok {
		return outcome.code
	}
	refused, isRefused := errors.AsType[*assist.Error](err)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, fleet.ErrWaitTimeout):
		return exitUnsettled
	case isA[*usageError](err), isA[*config.Error](err), isA[*config.FileError](err), isA[assist.ValidationErrors](err),
		badSelection(err), isA[*lab.FaultError](err), isA[*lab.MismatchError](err):
		return exitUsage
	case isRefused && strings.HasPrefix(refused.Code, "InvalidRegionId"):
		return exitUsage
	case isA[*assist.CredentialsError](err), isRefused && refused.Denied():
		return exitDenied
	}
	return exitFailed
}

// badSelection reports whether an error is about what selects the instances.
func badSelection(err error) bool {
	return isA[*target.SyntaxError](err) || isA[*target.NotationError](err) || isA[*target.EmptyError](err) || isA[*target.WhereError](err) ||
		isA[*target.GroupError](err) || isA[*target.UnknownFlagError](err) || isA[*target.UnmatchedError](err) || isA[*target.NoInstancesError](err)
}

// isA reports whether an error is of a type, or wraps one that is.
func isA[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}
