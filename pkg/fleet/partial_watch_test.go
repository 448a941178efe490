package fleet

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A watch of some instances ends with them, however long the others take, and reports nothing about the others.
func TestWatchOfSomeInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(id string) time.Duration {
			if id == "i-slow" {
				return time.Hour
			}
			return 2 * time.Second
		}
		if _, err := s.submit("token", "other", "", []string{"i-1", "i-slow", "i-2", "i-3"}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		engine := engineOn(s)
		var told []string
		engine.Sink = func(e Event, _ *State) {
			if e.Result != nil {
				told = append(told, e.Result.InstanceId)
			}
		}
		state, err := engine.Watch(t.Context(), Watched{Site: here, InvokeIds: []string{"t-0001"}, Only: []string{"i-1", "i-2"}})
		if err != nil || !state.Succeeded() || len(state.Targets) != 2 || state.Unsettled() {
			t.Fatalf("err %v, counts %v, unsettled %v", err, state.Counts(), state.Unsettled())
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("it took %v", took)
		}
		if slices.Sort(told); !slices.Equal(told, []string{"i-1", "i-2"}) {
			t.Errorf("outputs of %v", told)
		}
	})
}

// A stop of such a watch stops only those instances.
func TestStopOfAWatchOfSomeInstances(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(string) time.Duration { return time.Hour }
		if _, err := s.submit("token", "other", "", []string{"i-1", "i-2", "i-3"}); err != nil {
			t.Fatal(err)
		}
		control := NewControl()
		engine := engineOn(s)
		engine.Control = control
		time.AfterFunc(time.Second, control.Stop)
		if _, err := engine.Watch(t.Context(), Watched{Site: here, InvokeIds: []string{"t-0001"}, Only: []string{"i-3", "i-1"}}); err != nil {
			t.Fatal(err)
		}
		if len(s.stops) != 1 || !slices.Equal(s.stops[0].InstanceId, []string{"i-1", "i-3"}) {
			t.Errorf("stopped %+v", s.stops)
		}
	})
}
