package fleet

import (
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
)

// sendsFiles reports whether the run sends files, which have no output.
func (s *State) sendsFiles() bool { return s.Action == (*assist.SendFileRequest)(nil).Action() }

// lacksOutput reports whether a target has ended, and its output is not known yet.
func (s *State) lacksOutput(t *TargetState) bool {
	return t.Cause.started() && !t.HasResult && !s.sendsFiles() && !s.noOutput
}

// lacksOutputs reports whether unfetched would return any targets.
func (s *State) lacksOutputs(invokeID string) bool {
	return slices.ContainsFunc(s.Invocations[s.byInvocation[invokeID]].InstanceIds, func(id string) bool {
		return s.lacksOutput(s.target(invokeID, id))
	})
}

// unfetched returns the targets of an invocation that have ended, and whose outputs are not known.
func (s *State) unfetched(invokeID string) []TargetStatus {
	var left []TargetStatus
	for _, id := range s.Invocations[s.byInvocation[invokeID]].InstanceIds {
		if t := s.target(invokeID, id); s.lacksOutput(t) {
			left = append(left, t.TargetStatus)
		}
	}
	return left
}

// OutputError returns why the output of a target is not known. It is empty if the output is known, or if there is none because
// the script was never started.
func (s *State) OutputError(t *TargetState) string {
	switch {
	case s.sendsFiles():
		return ""
	case t.OutputLost:
		return "the service returned no output"
	case s.noOutput && t.Cause.started():
		return "not asked for"
	case s.lacksOutput(t) && s.Message != "":
		return "not fetched: " + s.Message
	case s.lacksOutput(t):
		return "not fetched"
	case t.Cause == CauseUnknown:
		return "not settled when the wait ended"
	case t.Cause == "":
		return "not waited for"
	}
	return ""
}

// MissingOutputs returns the number of requested outputs of scripts that have ended which are not known.
func (s *State) MissingOutputs() int {
	missing := 0
	for i := range s.Targets {
		if t := &s.Targets[i]; t.OutputLost || s.lacksOutput(t) {
			missing++
		}
	}
	return missing
}

// Waves returns the number of waves of the run.
func (s *State) Waves() int { return len(s.waves) }

// CurrentWave returns the last wave that passed its gate, from 1.
func (s *State) CurrentWave() int { return max(1, min(s.passed, len(s.waves))) }

// upTo counts the targets of the waves up to one, and those of them that have not ended.
func (s *State) upTo(wave int) (targets, open int) {
	for _, w := range s.waves[:min(wave, len(s.waves))] {
		targets += w.targets
		open += w.open
	}
	return targets, open
}

// sentTo returns the number of targets that have been sent to so far, including refused ones.
func (s *State) sentTo() int {
	return s.running + s.Ended() - s.counts[CauseSkipped] - s.counts[CauseUnsent]
}

// isHalf reports whether a token is that of a half of a batch.
func (s *State) isHalf(token string) bool {
	whole := strings.TrimRight(token, "ab")
	return whole != token && s.batches[whole] != nil
}

// toSend returns the number of targets of a batch that are in no invocation and have not ended.
func (s *State) toSend(b *Batch) int {
	n := 0
	for _, id := range b.InstanceIds {
		if i, ok := s.find(unsent, b.Site, id); ok && s.Targets[i].Cause == "" {
			n++
		}
	}
	return n
}

// failures returns the number of targets that ended without success and were sent to. An unknown end counts, because it may be
// a failure.
func (s *State) failures() int {
	return s.Ended() - s.counts[CauseSuccess] - s.counts[CauseSkipped] - s.counts[CauseUnsent]
}

// LatestFailures returns the last n targets that failed, the latest first. Targets that were given up are not included.
func (s *State) LatestFailures(n int) []*TargetState {
	latest := make([]*TargetState, 0, min(n, len(s.failed)))
	for _, i := range slices.Backward(s.failed) {
		if len(latest) == n {
			break
		}
		latest = append(latest, &s.Targets[i])
	}
	return latest
}

// InDoubt returns the number of targets of calls that had no answer, so that it is not known whether the service accepted them.
func (s *State) InDoubt() int {
	n := 0
	for _, b := range s.batches {
		if b.inDoubt() {
			n += len(b.InstanceIds)
		}
	}
	return n
}

// Counts returns the figures of a run: Total, and one per cause. A target that has not ended counts only in Total.
func (s *State) Counts() map[string]int {
	counts := map[string]int{"Total": len(s.Targets)}
	for _, cause := range Causes() {
		counts[string(cause)] = s.counts[cause]
	}
	return counts
}

// Status returns the run's aggregate state. A target that was never sent or was refused counts as failed; one that was given up
// counts as its last known state.
func (s *State) Status() assist.Status {
	all := make([]assist.Status, 0, len(s.Targets))
	for i := range s.Targets {
		t := &s.Targets[i]
		switch t.Cause {
		case CauseRejected, CauseSkipped, CauseUnsent:
			all = append(all, assist.StatusFailed)
		default:
			status := t.InvocationStatus
			if status == "" {
				status = assist.StatusPending
			}
			all = append(all, status)
		}
	}
	return assist.Aggregate(all...)
}

// Ended returns the number of targets that have ended in any way.
func (s *State) Ended() int {
	ended := 0
	for _, n := range s.counts {
		ended += n
	}
	return ended
}

// Unsettled reports whether something is left to send, to determine or to wait for.
func (s *State) Unsettled() bool {
	return s.Ended()-s.counts[CauseUnknown]-s.counts[CauseUnsent] < len(s.Targets) || s.unsettled > 0 || s.MissingOutputs() > 0
}

// Concluded reports whether the run was waited for to its end and nothing is left to determine. Something may be left to send.
func (s *State) Concluded() bool {
	return !s.Finished.IsZero() && s.Interrupted == "" && s.Ended()-s.counts[CauseUnknown] == len(s.Targets) && s.unsettled == 0 && s.MissingOutputs() == 0
}

// Succeeded reports whether every target succeeded.
func (s *State) Succeeded() bool { return s.counts[CauseSuccess] == len(s.Targets) }

// LastStart returns when an invocation last started on any instance, or the zero time.
func (s *State) LastStart(invokeID string) time.Time {
	var last time.Time
	for i := range s.Targets {
		if t := &s.Targets[i]; t.InvokeId == invokeID {
			if start := assist.ParseTime(t.StartTime); start.After(last) {
				last = start
			}
		}
	}
	return last
}

// Exited returns the script's exit code; ok is false if it did not run to an end.
func (t *TargetState) Exited() (code int64, ok bool) { return t.ExitCode, t.Cause.Exited(t.ExitCode) }
