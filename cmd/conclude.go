package cmd

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist/catalogue"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/schedule"
)

// conclude prints the report, and says where to go on with what is not settled. An error before anything was sent is
// just an error.
func (a *app) conclude(s *session, state *fleet.State, err error) error {
	if err != nil && len(state.Invocations) == 0 {
		if errors.Is(err, fleet.ErrWaitTimeout) && state.RunId != "" {
			return fmt.Errorf("nothing was submitted: %w", err)
		}
		return err
	}
	if a.config.Output != string(render.NDJSON) {
		if printErr := a.print(a.report(state, s)); printErr != nil {
			return errors.Join(err, printErr)
		}
	}
	a.advise(state)
	if err != nil {
		a.wayBack(s, state)
		return err
	}
	if !state.Succeeded() {
		return &outcomeError{exitUnsuccess}
	}
	return nil
}

// advise says what to do about each code that targets ended with. An exit code speaks for itself.
func (a *app) advise(state *fleet.State) {
	if a.config.Quiet || a.wantsJSON() {
		return
	}
	counts := map[string]int{}
	for i := range state.Targets {
		if code := state.Targets[i].ErrorCode; code != "" && code != "ExitCodeNonzero" {
			counts[code]++
		}
	}
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		if entry, ok := catalogue.Find(code, a.language()); ok {
			a.note("%s (%d): %s", code, counts[code], entry.Short())
		}
	}
}

// report is the document of a run.
func (a *app) report(state *fleet.State, s *session) *render.Run {
	document := render.NewRun(state, s.calls.Counts())
	for i := range document.Invocations {
		invocation := &document.Invocations[i]
		if !invocation.InvocationStatus.Terminal() {
			invocation.NextTime = nextFire(invocation.Frequency, state.LastStart(invocation.InvokeId))
		}
	}
	return document
}

// nextFire is when a periodic command runs next: a rate counts from its last start, anything else goes by the clock.
func nextFire(text string, lastStart time.Time) string {
	frequency, err := schedule.Parse(text)
	if err != nil {
		return "" // there is none
	}
	after := time.Now()
	if frequency.Kind() == schedule.Rate && !lastStart.IsZero() {
		after = lastStart
	}
	if next := frequency.Next(after, time.Local); !next.IsZero() {
		return next.Format(time.RFC3339)
	}
	return ""
}

// wayBack names what is still running, and the command that waits for it.
func (a *app) wayBack(s *session, state *fleet.State) {
	if s.lab {
		return // it ends with this process
	}
	var open []string
	for _, invocation := range state.Invocations {
		if !invocation.InvocationStatus.Terminal() {
			open = append(open, invocation.InvokeId)
		}
	}
	if len(open) == 0 {
		return
	}
	command := "muster watch --region " + state.RegionId
	if a.config.Origin("profile") == "flag --profile" {
		command += " --profile " + a.config.Profile
	}
	a.note("still running; go on waiting with: %s %s", command, strings.Join(open, " "))
}

func callLines(counts map[string]int) []string {
	var lines []string
	for _, action := range slices.Sorted(maps.Keys(counts)) {
		lines = append(lines, fmt.Sprintf("%5d calls of %s", counts[action], action))
	}
	return lines
}
