package render

import (
	"strconv"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// outcomeRow is the outcome of an instance, for a row of a table.
type outcomeRow struct {
	id, name      string
	place         string // another property that distinguishes rows: an invocation
	site          fleet.Site
	status        assist.Status
	cause         fleet.Cause
	exit          int64
	exited        bool
	code, info    string
	start, finish string
}

// running reports whether the wait ended before the instance did, according to its last known state.
func (e *outcomeRow) running() bool {
	return e.cause == fleet.CauseUnknown && e.code == "" && e.status != "" && !e.status.Terminal()
}

// shown returns the cause, or the state of an instance that has not ended.
func (e *outcomeRow) shown(style Style) string {
	switch {
	case e.cause == "":
		return cell(string(e.status))
	case e.running():
		return paintCause(style, e.cause, cell(string(e.status)))
	}
	return paintCause(style, e.cause, string(e.cause))
}

func (e *outcomeRow) exitCell() string {
	if !e.exited {
		return "-"
	}
	return strconv.FormatInt(e.exit, 10)
}

// hasInfo reports whether the error says more than the exit code, which has a column of its own.
func (e *outcomeRow) hasInfo() bool { return e.cause != fleet.CauseExit || e.code != "ExitCodeNonzero" }

// shownInfo returns the error's code and message.
func (e *outcomeRow) shownInfo() string {
	switch {
	case !e.hasInfo():
		return ""
	case e.info != "":
		return e.code + ": " + e.info
	}
	return e.code
}

func paintCause(style Style, cause fleet.Cause, text string) string {
	switch cause {
	case fleet.CauseSuccess:
		return style.Paint.Good(text)
	case fleet.CauseSkipped, fleet.CauseUnsent, fleet.CauseUnknown, fleet.CauseCancelled:
		return style.Paint.Warn(text)
	}
	return style.Paint.Bad(text)
}
