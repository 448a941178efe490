package cmd

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		state := fleet.NewState()
		targets := []fleet.Target{{InstanceId: "i-1", Wave: 1}, {InstanceId: "i-2", Wave: 1}, {InstanceId: "i-3", Wave: 2}}
		state.Apply(fleet.Event{Event: fleet.Planned, Targets: targets})
		state.Apply(fleet.Event{Event: fleet.Submitting, ClientToken: "1", InstanceIds: []string{"i-1", "i-2"}})
		state.Apply(fleet.Event{Event: fleet.Submitted, ClientToken: "1", InvokeId: "t-1"})
		state.Apply(fleet.Event{Event: fleet.StatusEvent, InvokeId: "t-1", Instances: []fleet.TargetStatus{
			{InstanceId: "i-1", InvocationStatus: assist.StatusFailed, ExitCode: 3},
		}})
		var mu sync.Mutex // for the race detector, which does not know the order that the clock gives
		busy := 3         // looks during which the state is changing
		var said []string
		end := startHeartbeat(func(read func(*fleet.State)) bool {
			mu.Lock()
			defer mu.Unlock()
			if busy > 0 {
				busy--
				return false
			}
			read(state)
			return true
		}, func(text string) { said = append(said, text) })
		time.Sleep(2*time.Minute + time.Second)
		synctest.Wait()
		mu.Lock()
		state.Apply(fleet.Event{Event: fleet.Pausing, Wave: 2, Until: time.Now().Add(2 * time.Minute)})
		mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		end()
		want := "1/3 done, 1 exit, wave 1 of 2, 1m0s\n1/3 done, 1 exit, wave 1 of 2, 2m0s\n1/3 done, 1 exit, wave 1 of 2, next wave in 1m1s, 3m0s"
		if got := strings.Join(said, "\n"); got != want {
			t.Errorf("said\n%s\nwant\n%s", got, want)
		}
	})
}
