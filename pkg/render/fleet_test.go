package render

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// stored are outputs in a map.
type stored map[fleet.OutputKey]fleet.Output

func (s stored) Output(key fleet.OutputKey) (fleet.Output, error) {
	if output, ok := s[key]; ok || key == (fleet.OutputKey{}) {
		return output, nil
	}
	return "", errors.New("it is gone")
}

func (s stored) add(text string) fleet.OutputKey {
	key := fleet.Output(text).Key()
	s[key] = fleet.Output(text)
	return key
}

// generated are outputs of 24 KB that are generated on demand.
type generated struct{}

func (generated) Output(key fleet.OutputKey) (fleet.Output, error) {
	return fleet.Output(strings.Repeat(fmt.Sprintf("%015d\n", binary.BigEndian.Uint64(key[:])), 24*1024/16)), nil
}

// manyTargets returns a state of successes, each with an output of its own.
func manyTargets(n int) *fleet.State {
	s := fleet.NewState()
	s.RunId, s.Action, s.Sites = "r-1", "RunCommand", []fleet.Site{{RegionId: "cn-hangzhou"}}
	for i := range n {
		t := fleet.TargetState{
			InstanceName: fmt.Sprintf("web-%06d", i), Site: s.Sites[0], Wave: 1, InvokeId: fmt.Sprint("t-", i/50), Cause: fleet.CauseSuccess,
			TargetStatus: fleet.TargetStatus{
				InstanceId: fmt.Sprintf("i-%06d", i), InvocationStatus: assist.StatusSuccess,
				StartTime: "2026-01-02T03:04:05Z", FinishTime: "2026-01-02T03:04:07Z",
			},
		}
		binary.BigEndian.PutUint64(t.Output[:], uint64(i+1))
		s.Targets = append(s.Targets, t)
	}
	return s
}

func hangzhou() fleet.Site { return fleet.Site{RegionId: "cn-hangzhou"} }
func beijing() fleet.Site  { return fleet.Site{Profile: "prod", RegionId: "cn-beijing"} }

// ran returns a run by events: web-1 and web-2 succeed with the same output in the first wave, web-3 fails there; db-1 is not
// eligible, and db-2 and db-3 are never sent, in the second wave.
func ran(t *testing.T, second fleet.Site) (*fleet.State, stored) {
	t.Helper()
	started := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	outputs := stored{}
	targets := []fleet.Target{
		{InstanceId: "i-1", InstanceName: "web-1", Site: hangzhou(), Wave: 1}, {InstanceId: "i-2", InstanceName: "web-2", Site: hangzhou(), Wave: 1},
		{InstanceId: "i-3", InstanceName: "web-3", Site: hangzhou(), Wave: 1}, {InstanceId: "i-4", InstanceName: "db-1", Site: second, Wave: 2},
		{InstanceId: "i-5", InstanceName: "db-2", Site: second, Wave: 2}, {InstanceId: "i-6", InstanceName: "db-3", Site: second, Wave: 2},
	}
	sites := []fleet.Site{hangzhou()}
	if second != hangzhou() {
		sites = append(sites, second)
	}
	s := fleet.NewState()
	events := []fleet.Event{
		{Event: fleet.Planned, Time: started, RunId: "r-1", Action: "RunCommand", Sites: sites, Targets: targets},
		{Event: fleet.Skipped, Targets: []fleet.Target{{InstanceId: "i-4", Site: second, ErrorCode: "NotRunning", ErrorInfo: "it is <Stopped>\n"}}},
		{Event: fleet.Submitting, Site: hangzhou(), ClientToken: "c-1", InstanceIds: []string{"i-1", "i-2", "i-3"}},
		{Event: fleet.Submitted, Site: hangzhou(), ClientToken: "c-1", InvokeId: "t-1", CommandId: "c-9", RequestId: "q-1"},
	}
	for _, r := range []struct {
		id, output string
		status     assist.Status
		exit       int64
	}{{"i-1", "one\n  two <&>\n", "Success", 0}, {"i-2", "one\n  two <&>\n", "Success", 0}, {"i-3", "\xff\x1b[2Jbad", "Failed", 3}} {
		result := fleet.Result{
			TargetStatus: fleet.TargetStatus{
				InstanceId: r.id, InvocationStatus: r.status, ExitCode: r.exit, StartTime: "2026-01-02T03:04:06Z", FinishTime: "2026-01-02T03:04:08Z",
			},
			Key: outputs.add(r.output),
		}
		if r.exit != 0 {
			result.Dropped, result.ErrorCode = 7, "ExitCodeNonzero"
		}
		events = append(events, fleet.Event{Event: fleet.OutputEvent, InvokeId: "t-1", Result: &result})
	}
	events = append(events,
		fleet.Event{Event: fleet.StatusEvent, InvokeId: "t-1", InvocationStatus: assist.StatusPartialFailed},
		fleet.Event{Event: fleet.GateEvent, Wave: 2, Code: fleet.GateMaxFailures},
		fleet.Event{Event: fleet.Settled, Time: started.Add(1300 * time.Millisecond)})
	for _, event := range events {
		s.Apply(event)
	}
	return s, outputs
}
