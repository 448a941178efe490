package fleet

import "slices"

// complete reports whether a target has ended, and its output is known.
func (s *State) complete(t *TargetState) bool { return t.Cause != "" && !s.lacksOutput(t) }

// recount updates the counts of a target's invocation after the target may have become complete or incomplete.
func (s *State) recount(t *TargetState, before bool) {
	i, ok := s.byInvocation[t.InvokeId]
	if after := s.complete(t); ok && before != after {
		if after {
			s.Invocations[i].waits--
		} else {
			s.Invocations[i].waits++
		}
		s.count(&s.Invocations[i])
	}
}

// count updates s.unsettled after the invocation may have settled or reopened.
func (s *State) count(invocation *InvocationState) {
	switch unsettled := !invocation.settled(); {
	case unsettled && !invocation.counted:
		s.unsettled++
	case !unsettled && invocation.counted:
		s.unsettled--
	}
	invocation.counted = !invocation.settled()
}

func (s *State) settle(t *TargetState, cause Cause) {
	if cause == "" {
		return
	}
	before := s.complete(t)
	t.Cause = cause
	s.recount(t, before)
	s.counts[cause]++
	if t.InvokeId != "" {
		s.running--
	}
	if cause.failure() {
		i, _ := s.find(s.invocationOf(t), t.Site, t.InstanceId)
		s.failed = append(s.failed, int32(i)) //nolint:gosec // far fewer
	}
	if t.Wave > 0 {
		s.waves[t.Wave-1].open--
	}
}

// end ends a target that is in no invocation.
func (s *State) end(site Site, id string, cause Cause, code, info string) {
	i, ok := s.find(unsent, site, id)
	if !ok || s.Targets[i].Cause != "" {
		return
	}
	t := &s.Targets[i]
	t.ErrorCode, t.ErrorInfo = code, info
	s.settle(t, cause)
}

// giveUp ends all targets that have not: as unsent if no call was carried out for them, otherwise as unknown.
func (s *State) giveUp() {
	s.giveUpUnsent()
	for i := range s.Targets {
		t := &s.Targets[i]
		if t.Cause != "" {
			continue
		}
		if t.InvokeId == "" {
			t.ErrorCode, t.ErrorInfo = CodeInDoubt, "the answer to the call was lost; it is not known whether the service accepted it"
		}
		s.settle(t, CauseUnknown)
	}
}

// CodeInDoubt is the ErrorCode of a target whose call may or may not have been accepted.
const CodeInDoubt = "AnswerLost"

// giveUpUnsent ends the targets for which no call was carried out, with the reason if there is one.
func (s *State) giveUpUnsent() {
	if !slices.ContainsFunc(s.Targets, func(t TargetState) bool { return t.Cause == "" && t.InvokeId == "" }) {
		return
	}
	sent, refused := map[instanceKey]bool{}, map[instanceKey]*batchState{}
	for _, b := range s.batches {
		for _, id := range b.InstanceIds {
			switch {
			case b.unsent:
				refused[instanceKey{b.Site, id}] = b
			case !b.refused:
				sent[instanceKey{b.Site, id}] = true
			}
		}
	}
	for i := range s.Targets {
		t := &s.Targets[i]
		key := instanceKey{t.Site, t.InstanceId}
		if t.Cause != "" || t.InvokeId != "" || sent[key] {
			continue
		}
		if b := refused[key]; b != nil {
			t.ErrorCode, t.ErrorInfo = b.code, b.message
		}
		s.settle(t, CauseUnsent)
	}
}

// reopen reopens what was given up.
func (s *State) reopen() {
	for _, b := range s.batches {
		b.unclear = false
	}
	for i := range s.Invocations {
		s.Invocations[i].gone = false
		s.count(&s.Invocations[i])
	}
	for i := range s.Targets {
		t := &s.Targets[i]
		if t.OutputLost {
			before := s.complete(t)
			t.HasResult, t.OutputLost = false, false
			s.recount(t, before)
		}
		if t.Cause != CauseUnknown && t.Cause != CauseUnsent {
			continue
		}
		s.counts[t.Cause]--
		before := s.complete(t)
		t.Cause, t.ErrorCode, t.ErrorInfo = "", "", ""
		s.recount(t, before)
		if t.InvokeId != "" {
			s.running++
		}
		if t.Wave > 0 {
			s.waves[t.Wave-1].open++
		}
	}
}

// maxTexts is the largest number of interned texts. Times are in whole seconds, so that targets often share them.
const maxTexts = 256

// intern interns a text, so that targets with the same text share its memory.
func (s *State) intern(text string) string {
	if known, ok := s.texts[text]; ok {
		return known
	}
	if len(s.texts) == maxTexts {
		clear(s.texts)
	}
	s.texts[text] = text
	return text
}
