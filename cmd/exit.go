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

// exitStatus is one row of the table that help and docs show.
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

// exitHelp is the table as help has it.
func exitHelp(width int) string {
	var rows []string
	for _, row := range exitTable() {
		rows = append(rows, hanging(fmt.Sprintf("  %d", row.Code), row.Meaning, 7, width))
	}
	return strings.Join(rows, "\n")
}

// outcomeError is how a run ended that has been reported already; it only has an exit code left to give.
type outcomeError struct{ code int }

func (e *outcomeError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// exitCode is the one way from errors to exit codes.
func exitCode(err error) int {
	var (
		outcome     *outcomeError
		usage       *usageError
		setting     *config.Error
		file        *config.FileError
		faults      assist.Faults
		fault       *lab.FaultError
		kept        *lab.MismatchError
		refused     *assist.Error
		credentials *assist.CredentialsError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &outcome):
		return outcome.code
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, fleet.ErrWaitTimeout):
		return exitUnsettled
	case errors.As(err, &usage), errors.As(err, &setting), errors.As(err, &file), errors.As(err, &faults),
		badSelection(err), errors.As(err, &fault), errors.As(err, &kept):
		return exitUsage
	case errors.As(err, &refused) && strings.HasPrefix(refused.Code, "InvalidRegionId"):
		return exitUsage
	case errors.As(err, &credentials), errors.As(err, &refused) && refused.Denied():
		return exitDenied
	}
	return exitFailed
}

// badSelection reports an error in what the instances of a command are chosen by.
func badSelection(err error) bool {
	var (
		syntax      *target.SyntaxError
		notation    *target.NotationError
		empty       *target.EmptyError
		where       *target.WhereError
		group       *target.GroupError
		flag        *target.UnknownFlagError
		unmatched   *target.UnmatchedError
		noInstances *target.NoInstancesError
	)
	return errors.As(err, &syntax) || errors.As(err, &notation) || errors.As(err, &empty) || errors.As(err, &where) ||
		errors.As(err, &group) || errors.As(err, &flag) || errors.As(err, &unmatched) || errors.As(err, &noInstances)
}
