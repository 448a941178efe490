//go:build unix

package lab

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCallLogRemembersTheLastCalls(t *testing.T) {
	var reported int64
	c := &callLog{report: func(call LoggedCall) { reported = call.Sequence }}
	sequences := func(after int64) []int64 {
		list := []int64{}
		for _, call := range c.since(after) {
			list = append(list, call.Sequence)
		}
		return list
	}
	if diff := cmp.Diff([]int64{}, sequences(0)); diff != "" {
		t.Errorf("an empty log: %s", diff)
	}
	for range maxLoggedCalls + 3 {
		c.add(LoggedCall{Action: "RunCommand"}, 0)
	}
	if got := sequences(0); len(got) != maxLoggedCalls || got[0] != 4 || got[len(got)-1] != reported {
		t.Errorf("%d calls from %d to %d", len(got), got[0], got[len(got)-1])
	}
	if diff := cmp.Diff([]int64{reported - 1, reported}, sequences(reported-2)); diff != "" {
		t.Errorf("after all but two: %s", diff)
	}
	if got := sequences(reported); len(got) != 0 {
		t.Errorf("after the last call: %v", got)
	}
	if got := sequences(reported + 1); len(got) != maxLoggedCalls {
		t.Errorf("with the number of another lab: %d calls", len(got))
	}
}

func TestCallLogMasksAndCutsNames(t *testing.T) {
	c := &callLog{secret: "open sesame"}
	c.add(LoggedCall{Action: "Say open sesame", UserAgent: strings.Repeat("é", maxLoggedText)}, 0)
	got := c.since(0)[0]
	if got.Action != "Say ******" || len(got.UserAgent) != maxLoggedText {
		t.Errorf("%q by %d bytes", got.Action, len(got.UserAgent))
	}
}

// TestCallLogHasNoParameters checks that the log of real calls has their actions and codes, and no value of a parameter.
func TestCallLogHasNoParameters(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(1)})
	serve(l, query(l, "GET", map[string]string{"Action": "DescribeCommands", "Name": "top-secret"}))
	serve(l, query(l, "GET", map[string]string{"Action": "RunInstances", "Password": "top-secret"}))
	serve(l, query(l, "GET", map[string]string{"Action": "LabLoggedCalls"}))
	calls := l.callLog.since(0)
	text := fmt.Sprint(calls)
	var got [][2]string
	for _, call := range calls {
		got = append(got, [2]string{call.Action, call.Code})
	}
	if diff := cmp.Diff([][2]string{{"DescribeCommands", ""}, {"RunInstances", "InvalidApi.NotFound"}}, got); diff != "" {
		t.Error(diff)
	}
	if id, secret := l.Key(); strings.Contains(text, "top-secret") || strings.Contains(text, id) || strings.Contains(text, secret) {
		t.Errorf("the log has secrets: %s", text)
	}
}
