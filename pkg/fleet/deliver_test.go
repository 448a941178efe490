package fleet

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
)

// lossy is a service whose answers to RunCommand are lost: it accepts a call, or does not, and the caller gets no answer.
type lossy struct {
	*service
	took func(call int) bool
}

func (d *lossy) RunCommand(ctx context.Context, r *assist.RunCommandRequest) (*assist.RunCommandResponse, error) {
	d.mu.Lock()
	call := d.calls["RunCommand"]
	d.mu.Unlock()
	if !d.took(call) {
		_ = d.arrive(ctx, "RunCommand")
	} else if _, err := d.service.RunCommand(ctx, r); err != nil {
		return nil, err
	}
	return nil, &assist.TransportError{Action: r.Action(), Err: errors.New("cut off")}
}

// TestLostAnswersAreSearchedFor loses every answer of RunCommand: what was accepted is found in the records, once, and soon.
func TestLostAnswersAreSearchedFor(t *testing.T) {
	for _, tt := range []struct {
		name  string
		took  func(call int) bool
		stale time.Duration
		calls int
	}{
		{"all are taken", func(int) bool { return true }, 0, 6},
		{"every second one is", func(call int) bool { return call%2 == 1 }, 0, 12},
		{"the records come late", func(int) bool { return true }, 700 * time.Millisecond, 24},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			s.stale = tt.stale
			engine := engineOn(s)
			engine.APIs = map[Site]API{here: &lossy{service: s, took: tt.took}}
			engine.Concurrency = 1
			began := time.Now()
			state, err := engine.Run(t.Context(), runPlan(300, 50))
			checkCauses(t, state, map[string]int{"success": 300})
			if err != nil || len(s.invocations) != 6 || s.calls["RunCommand"] != tt.calls {
				t.Errorf("%s: err %v, %d invocations, calls %v", tt.name, err, len(s.invocations), s.calls)
			}
			if took := time.Since(began); took > 10*time.Second { // synthetic time
				t.Errorf("%s: it took %s", tt.name, took)
			}
		})
	}
}

// TestRefusedIsUnsent makes calls that were certainly not carried out.
func TestRefusedIsUnsent(t *testing.T) {
	for _, failure := range []error{
		&assist.Error{Code: "Throttling.User", HTTPStatus: http.StatusBadRequest},
		&assist.TransportError{Err: &net.OpError{Op: "dial", Err: errors.New("refused")}},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			s.refuse = func([]string) error { return failure }
			state, err := engineOn(s).Run(t.Context(), runPlan(6, 2))
			if !errors.Is(err, failure) || state.Counts()["unsent"] != 6 || state.InDoubt() != 0 {
				t.Errorf("err %v, counts %v, %d in doubt", err, state.Counts(), state.InDoubt())
			}
			s.refuse = nil
			if state, err = engineOn(s).Resume(t.Context(), runPlan(6, 2), state); err != nil || !state.Succeeded() {
				t.Errorf("err %v, counts %v", err, state.Counts())
			}
		})
	}
}

// TestUnsentKeepsAnEarlierDoubt has a batch that one process may have sent, and the next one certainly has not.
func TestUnsentKeepsAnEarlierDoubt(t *testing.T) {
	s := NewState()
	s.Apply(Event{Event: Planned, RunId: "r-1", Targets: fleetOf(1), Site: here})
	submitting := Event{Event: Submitting, ClientToken: "r-1-1", Site: here, InstanceIds: []string{fleetOf(1)[0].InstanceId}}
	s.Apply(submitting)
	s.Apply(submitting)
	s.Apply(Event{Event: Unsent, ClientToken: "r-1-1"})
	if s.InDoubt() != 1 {
		t.Error("the first call is forgotten")
	}
}

func TestRecordAgrees(t *testing.T) {
	run := &assist.RunCommandRequest{
		Name: "deploy", Type: "RunShellScript", CommandContent: "echo v2", Parameters: assist.JSONMap{"a": "1"}, Username: "app", WorkingDir: "/srv", Timeout: 90,
	}
	recorded := func(change func(*assist.Invocation)) *record {
		r := &record{Invocation: assist.Invocation{
			CommandName: "deploy", CommandType: "RunShellScript", CommandContent: base64.StdEncoding.EncodeToString([]byte("echo v2")),
			Parameters: `{"a":"1"}`, Username: "app", WorkingDir: "/srv", Timeout: 90,
		}}
		change(&r.Invocation)
		return r
	}
	if !recorded(func(*assist.Invocation) {}).matches(run) {
		t.Error("the call's own record does not agree")
	}
	for name, change := range map[string]func(*assist.Invocation){
		"script":    func(i *assist.Invocation) { i.CommandContent = base64.StdEncoding.EncodeToString([]byte("echo v1")) },
		"name":      func(i *assist.Invocation) { i.CommandName = "deploy2" },
		"type":      func(i *assist.Invocation) { i.CommandType = "RunBatScript" },
		"parameter": func(i *assist.Invocation) { i.Parameters = `{"a":"2"}` },
		"user":      func(i *assist.Invocation) { i.Username = "root" },
		"directory": func(i *assist.Invocation) { i.WorkingDir = "/root" },
		"timeout":   func(i *assist.Invocation) { i.Timeout = 60 },
	} {
		if recorded(change).matches(run) {
			t.Errorf("a record of another %s agrees", name)
		}
	}
	file := &assist.SendFileRequest{Name: "app.conf", TargetDir: "/etc", Content: "new", FileMode: "0600"}
	of := func(content, mode, dir string) *record {
		r := fileRecord(&assist.FileInvocation{
			Name: "app.conf", TargetDir: dir, Content: content, FileMode: mode, FileOwner: "root", FileGroup: "root", Overwrite: "false",
		})
		return &r
	}
	if !of("new", "0600", "/etc").matches(file) || of("old", "0600", "/etc").matches(file) || of("new", "0644", "/etc").matches(file) || of("new", "0600", "/tmp").matches(file) {
		t.Error("files are not distinguished")
	}
}

// TestAnotherRunsRecordIsNotAdopted resumes a run whose call was never accepted, beside records of the same name.
func TestAnotherRunsRecordIsNotAdopted(t *testing.T) {
	for _, tt := range []struct {
		name    string
		others  int // other invocations of the same command on the same instances
		taken   bool
		after   time.Duration
		sent    int // the number of invocations at the end
		cause   Cause
		adopted bool
	}{
		{"none is there", 0, false, time.Minute, 1, CauseSuccess, false},
		{"one that nobody has", 1, false, time.Minute, 1, CauseSuccess, true},
		{"one that another run has", 1, true, time.Minute, 2, CauseSuccess, false},
		{"two, and the token may be known", 2, false, time.Minute, 3, CauseSuccess, false},
		{"two, and the token may be forgotten", 2, false, 14 * time.Minute, 2, CauseUnknown, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newService()
			plan := NewPlan("run-1", Command{Invoke: &assist.InvokeCommandRequest{CommandId: "c-1"}}, fleetOf(2), nil, Cut{BatchSize: 2})
			ids := plan.Batches()[0].InstanceIds
			state := NewState()
			state.Apply(Event{Event: Planned, Time: time.Now(), RunId: "run-1", Action: "InvokeCommand", Targets: plan.Targets, Site: here})
			state.Apply(Event{Event: Submitting, Time: time.Now(), ClientToken: plan.Batches()[0].ClientToken, Site: here, InstanceIds: ids})
			for i := range tt.others {
				if _, err := s.submit(fmt.Sprint("other-", i), "", "c-1", slices.Clone(ids)); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(tt.after) // synthetic
			engine := engineOn(s)
			engine.Taken = func(string) bool { return tt.taken }
			state, err := engine.Resume(t.Context(), plan, state)
			if err != nil || len(s.invocations) != tt.sent || state.Targets[0].Cause != tt.cause {
				t.Errorf("%s: err %v, %d invocations, %q: %s", tt.name, err, len(s.invocations), state.Targets[0].Cause, state.Targets[0].ErrorInfo)
			}
		})
	}
}

// unknownStates is a service that reports a state unknown to muster.
type unknownStates struct{ *service }

func (o *unknownStates) DescribeInvocations(ctx context.Context, r *assist.DescribeInvocationsRequest) (*assist.DescribeInvocationsResponse, error) {
	answer, err := o.service.DescribeInvocations(ctx, r)
	if err != nil {
		return nil, err
	}
	for i := range answer.Invocations.Invocation {
		invocation := &answer.Invocations.Invocation[i]
		invocation.InvocationStatus, invocation.InvokeStatus = "Paused", ""
		for j := range invocation.InvokeInstances.InvokeInstance {
			invocation.InvokeInstances.InvokeInstance[j].InvocationStatus = "Paused"
			invocation.InvokeInstances.InvokeInstance[j].InstanceInvokeStatus = ""
		}
	}
	return answer, nil
}

// TestUnknownState ends the wait for an invocation that is never known to have ended.
func TestUnknownState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		engine := engineOn(s)
		engine.APIs = map[Site]API{here: &unknownStates{s}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		state, err := engine.Run(ctx, runPlan(2, 2))
		target := state.Targets[0]
		if err != nil || target.Cause != CauseUnknown || target.ErrorCode != "StateUnknown" {
			t.Errorf("err %v, %q: %s: %s", err, target.Cause, target.ErrorCode, target.ErrorInfo)
		}
		if s.calls["DescribeInvocations"] > 200 {
			t.Errorf("calls %v", s.calls)
		}
	})
}
