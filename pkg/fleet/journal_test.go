package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
)

// full is a journal whose disk is full after a number of events or syncs.
type full struct {
	engine        *service
	events, syncs int
	mends         bool // later syncs succeed
	callsThen     int
	announced     int // the number of calls announced in the journal
}

func (f *full) fails(left *int) error {
	if *left--; *left >= 0 || *left < -1 && f.mends {
		return nil
	}
	if *left == -1 {
		f.engine.mu.Lock()
		f.callsThen = f.engine.calls["RunCommand"]
		f.engine.mu.Unlock()
	}
	return errors.New("no space left")
}

func (f *full) Append(e Event) error {
	err := f.fails(&f.events)
	if err == nil && e.Event == Submitting {
		f.announced++
	}
	return err
}

func (f *full) Sync() error { return f.fails(&f.syncs) }

func TestBrokenJournalEndsTheSending(t *testing.T) {
	const plenty = 1 << 20
	for _, mends := range []bool{false, true} {
		for events := range 30 {
			for _, journal := range []*full{{events: events, syncs: plenty}, {events: plenty, syncs: events / 4}} {
				synctest.Test(t, func(t *testing.T) {
					s := newService()
					engine := engineOn(s)
					journal.engine, journal.mends = s, mends
					gate := &asked{answer: true}
					engine.Journal, engine.Concurrency, engine.Gate = journal, 1, gate
					plan := wavesPlan(8, 1, "4")
					plan.Confirm = true
					state, err := engine.Run(t.Context(), plan)
					_, ok := errors.AsType[*JournalError](err)
					if !ok || !strings.Contains(err.Error(), "no space left") {
						t.Fatalf("err %v", err)
					}
					// An announced call may be about to be made when another event cannot be stored.
					calls := s.calls["RunCommand"]
					if calls > journal.announced || calls > journal.callsThen+1 {
						t.Errorf("%d calls, %d of them announced, %d of them before the failure", calls, journal.announced, journal.callsThen)
					}
					if len(gate.waves) > 0 && journal.callsThen < 4 {
						t.Errorf("nothing was polled after %d calls", journal.callsThen)
					}
					counts := state.Counts()
					if counts["success"] != len(s.invocations) || counts["success"]+counts["unsent"]+counts["unknown"] != max(len(state.Targets), 0) {
						t.Errorf("%d invocations, counts %v", len(s.invocations), counts)
					}
				})
			}
		}
	}
}

// slowDisk fails an Append during its second Sync, which succeeds.
type slowDisk struct {
	mu    sync.Mutex
	syncs int
}

func (d *slowDisk) Append(e Event) error {
	if e.Event == Submitted {
		return errors.New("no space left")
	}
	return nil
}

func (d *slowDisk) Sync() error {
	d.mu.Lock()
	d.syncs++
	second := d.syncs == 2
	d.mu.Unlock()
	if second {
		time.Sleep(2 * time.Second) // synthetic
	}
	return nil
}

func TestSyncReportsLaterEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.latency = time.Second
		engine := engineOn(s)
		engine.Journal = &slowDisk{}
		_, err := engine.Run(t.Context(), runPlan(2, 1))
		_, ok := errors.AsType[*JournalError](err)
		if !ok || s.calls["RunCommand"] != 1 {
			t.Errorf("err %v, calls %v", err, s.calls)
		}
	})
}

func TestNoAnswerLeavesABatchInDoubt(t *testing.T) {
	for _, failure := range []error{
		&assist.TransportError{Err: errors.New("cut off")},
		&assist.Error{Code: "InternalError", HTTPStatus: http.StatusInternalServerError},
		&assist.Error{Code: "ServiceUnavailable", HTTPStatus: http.StatusServiceUnavailable},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			s.refuse = func(ids []string) error {
				if ids[0] == "i-00003" {
					return failure
				}
				return nil
			}
			engine := engineOn(s)
			engine.Concurrency = 1
			state, err := engine.Run(t.Context(), runPlan(6, 2))
			if !errors.Is(err, failure) || state.InDoubt() != 2 {
				t.Errorf("err %v, %d in doubt", err, state.InDoubt())
			}
			checkCauses(t, state, map[string]int{"success": 2, "unknown": 2, "unsent": 2})
		})
	}
}

func TestForgotten(t *testing.T) {
	run := Command{Run: &assist.RunCommandRequest{Name: "run-1"}}
	file := Command{Send: &assist.SendFileRequest{Name: "app.conf"}}
	for _, test := range []struct {
		command Command
		after   time.Duration
		want    bool
	}{{run, recordsKept - time.Hour, false}, {run, recordsKept + time.Hour, true}, {file, filesKept - time.Hour, false}, {file, filesKept + time.Hour, true}} {
		for _, plan := range []Plan{NewPlan("run-1", test.command, fleetOf(6), nil, Cut{BatchSize: 2}), NewTagPlan("run-1", test.command, []Site{here})} {
			if !test.want && len(plan.Targets) == 0 {
				continue
			}
			synctest.Test(t, func(t *testing.T) {
				s := newService()
				state := NewState()
				state.Apply(Event{Event: Planned, Site: here, Targets: plan.Targets, Time: time.Now()})
				batch := plan.Batches()[0]
				state.Apply(Event{Event: Submitting, Site: here, ClientToken: batch.ClientToken, InstanceIds: batch.InstanceIds, Time: time.Now()})
				time.Sleep(test.after)
				engine := engineOn(s)
				state, err := engine.Resume(t.Context(), plan, state)
				if _, forgotten := errors.AsType[*ForgottenError](err); forgotten != test.want || state.Ended() != len(state.Targets) {
					t.Fatalf("after %s: err %v, counts %v", test.after, err, state.Counts())
				}
				if want := map[bool]int{false: 3}[test.want]; len(s.invocations) != want {
					t.Errorf("after %s %d batches were sent", test.after, len(s.invocations))
				}
			})
		}
	}
}

func TestSecretsAreInNoEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		const short, long = "s3cret", "s3cret-and-more"
		engine := engineOn(leaky(s, short+" "+long))
		engine.Secrets = newSecrets([]string{"", short, long}, nil)
		var told []string
		engine.Sink = func(e Event, _ *State) {
			text, err := json.Marshal(e)
			if err != nil {
				t.Error(err)
			}
			told = append(told, string(text))
		}
		state, err := engine.Run(t.Context(), runPlan(3, 1))
		if err == nil || state.Counts()["error"] == 0 {
			t.Fatalf("err %v, counts %v", err, state.Counts())
		}
		if all := strings.Join(told, "\n"); strings.Contains(all, "s3cret") || strings.Contains(all, "and-more") || !strings.Contains(all, masked) {
			t.Error(all)
		}
	})
}

// leaky is a service that includes a text wherever it can.
func leaky(s *service, text string) *service {
	s.leak = text
	s.end = func(string) (assist.Status, int64) { return assist.StatusError, 0 }
	s.refuse = func(ids []string) error {
		if ids[0] == "i-00003" {
			return &assist.Error{Code: "InvalidParameter", Message: text, HTTPStatus: http.StatusBadRequest}
		}
		return nil
	}
	return s
}

func TestEventsAndPlansRoundTrip(t *testing.T) {
	site := Site{Profile: "p/q", RegionId: "r"}
	for _, e := range []Event{
		{Event: Submitting, Time: time.Unix(1, 0).UTC(), Site: site, ClientToken: "t", InstanceIds: []string{"i-1"}},
		{Event: Planned, Time: time.Unix(1, 0).UTC(), Sites: []Site{here, site}, Targets: []Target{{InstanceId: "i-1", Site: site, Wave: 2}}},
		{Event: OutputEvent, Time: time.Unix(1, 0).UTC(), Site: site, InvokeId: "t-1", Result: &Result{TargetStatus: TargetStatus{InstanceId: "i-1"}, Output: "\xff", Lost: true}},
		{Event: OutputEvent, Time: time.Unix(1, 0).UTC(), InvokeId: "t-1", Result: &Result{Key: Output("x").Key()}},
		{Event: GateEvent, Time: time.Unix(1, 0).UTC(), Wave: 2, Code: GateDeclined, Message: "no"},
	} {
		var back Event
		if text, err := json.Marshal(e); err != nil || json.Unmarshal(text, &back) != nil || !reflect.DeepEqual(back, e) {
			t.Errorf("%s became %+v (%v)", text, back, err)
		}
	}
	plan := wavesPlan(4, 1, "2")
	plan.Command = Command{Invoke: &assist.InvokeCommandRequest{CommandId: "c-1"}, Saved: map[Site]string{here: "c-1", site: "c-2"}}
	plan.Pause, plan.MaxFailures, plan.Confirm = time.Minute, &Tolerance{}, true
	var back Plan
	text, err := json.Marshal(plan)
	if err != nil || json.Unmarshal(text, &back) != nil {
		t.Fatal(err)
	}
	plan.Targets = nil
	if !reflect.DeepEqual(back, plan) {
		t.Errorf("%s became %s", fmt.Sprintf("%+v", plan), fmt.Sprintf("%+v", back))
	}
}

// TestOnlyOwnRecordsAreFound searches for a call in the records of a saved command that others use, too.
func TestOnlyOwnRecordsAreFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		ids := []string{"i-00001", "i-00002"}
		others := func(sets ...[]string) {
			for _, set := range sets {
				if _, err := s.submit(fmt.Sprint("other", len(s.invocations)), "", "c-1", set); err != nil {
					t.Fatal(err)
				}
			}
		}
		others(ids) // an hour before
		time.Sleep(time.Hour)
		others(ids[:1], []string{"i-00001", "i-00002", "i-00003"})
		plan := NewPlan("run-1", Command{Invoke: &assist.InvokeCommandRequest{CommandId: "c-1"}}, fleetOf(4), nil, Cut{BatchSize: 2})
		state := NewState()
		state.Apply(Event{Event: Planned, Site: here, Targets: plan.Targets, Time: time.Now()})
		for _, batch := range plan.Batches() {
			state.Apply(Event{Event: Submitting, Site: here, ClientToken: batch.ClientToken, InstanceIds: batch.InstanceIds, Time: time.Now()})
		}
		// The service accepted the second call, and has forgotten its token.
		taken, err := s.submit("forgotten", "", "c-1", []string{"i-00004", "i-00003"})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		others(ids) // an hour after
		engine := engineOn(s)
		engine.PageSize = 1
		seen := &recorder{}
		engine.Sink = seen.sink
		state, err = engine.Resume(t.Context(), plan, state)
		if err != nil || !state.Succeeded() || s.calls["InvokeCommand"] != 1 {
			t.Fatalf("err %v, counts %v, calls %v", err, state.Counts(), s.calls)
		}
		for _, e := range seen.of(Submitted) {
			if e.Found != (e.InvokeId == taken) || e.Found != (e.ClientToken == "run-1-2") {
				t.Errorf("%+v", e)
			}
		}
	})
}

// TestForgottenInvocations resumes a run at a service that has no record of what it accepted: the wait for that ends, the rest
// is sent, and when the records are there again everything is determined.
func TestForgottenInvocations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(string) time.Duration { return time.Hour }
		plan := wavesPlan(6, 2, "4")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, ErrWaitTimeout)
		defer cancel()
		state, err := engineOn(s).Run(ctx, plan)
		if !errors.Is(err, ErrWaitTimeout) || state.Counts()["unknown"] != 4 {
			t.Fatalf("err %v, counts %v", err, state.Counts())
		}
		records := s.invocations
		s.invocations, s.prefix = nil, "later"
		s.takes = func(string) time.Duration { return time.Second }

		// It is not known whether too many failed.
		plan.MaxFailures = &Tolerance{Count: 3}
		state, err = engineOn(s).Resume(t.Context(), plan, state)
		if err != nil || state.Gate != GateMaxFailures {
			t.Fatalf("err %v, gate %q", err, state.Gate)
		}
		checkCauses(t, state, map[string]int{"unknown": 4, "unsent": 2})
		plan.MaxFailures = nil
		began := time.Now()
		state, err = engineOn(s).Resume(t.Context(), plan, state)
		if err != nil || !state.Unsettled() {
			t.Fatalf("err %v, unsettled %t", err, state.Unsettled())
		}
		checkCauses(t, state, map[string]int{"unknown": 4, "success": 2})
		if target := state.Targets[0]; target.ErrorCode != "InvocationMissing" || !strings.Contains(target.ErrorInfo, records[0].id) {
			t.Errorf("a target of a forgotten invocation: %s, %s", target.ErrorCode, target.ErrorInfo)
		}
		if took := time.Since(began); took > 2*forgottenFor {
			t.Errorf("it took %s to give up", took)
		}

		s.invocations = append(records, s.invocations...)
		state, err = engineOn(s).Resume(t.Context(), plan, state)
		checkCauses(t, state, map[string]int{"success": 6})
		if err != nil || state.Targets[0].ErrorCode != "" || len(s.invocations) != 3 {
			t.Fatalf("err %v, counts %v, %d invocations", err, state.Counts(), len(s.invocations))
		}
	})
}

// TestTakenWithOtherParameters repeats a call that the service has accepted, and does not list yet, with another secret.
func TestTakenWithOtherParameters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		plan := runPlan(3, 50)
		batch := plan.Batches()[0]
		state := NewState()
		state.Apply(Event{Event: Planned, RunId: plan.RunId, Site: here, Targets: plan.Targets, Time: time.Now()})
		state.Apply(Event{Event: Submitting, Site: here, ClientToken: batch.ClientToken, InstanceIds: batch.InstanceIds, Time: time.Now()})
		if _, err := s.submit(batch.ClientToken, plan.Command.Run.Name, "", batch.InstanceIds); err != nil {
			t.Fatal(err)
		}
		s.stale = time.Minute
		engine := engineOn(s)
		engine.APIs[here] = mismatched{s}
		state, err := engine.Resume(t.Context(), plan, state)
		_, ok := errors.AsType[*assist.Error](err)
		if !ok || state.Counts()["unknown"] != 3 {
			t.Errorf("it may be running: counts %v, err %v", state.Counts(), err)
		}
		time.Sleep(time.Minute)
		state, err = engine.Resume(t.Context(), plan, state)
		if err != nil || state.Counts()["success"] != 3 || len(s.invocations) != 1 {
			t.Errorf("err %v, counts %v, %d invocations", err, state.Counts(), len(s.invocations))
		}
	})
}

// mismatched refuses all tokens as already used.
type mismatched struct{ *service }

func (mismatched) RunCommand(context.Context, *assist.RunCommandRequest) (*assist.RunCommandResponse, error) {
	return nil, &assist.Error{Action: "RunCommand", Code: "IdempotentParameterMismatch", HTTPStatus: http.StatusForbidden}
}
