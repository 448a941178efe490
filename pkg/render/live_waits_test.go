package render

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

func TestWaitsSayWhyAndWhen(t *testing.T) {
	now := time.Date(2027, 6, 6, 13, 15, 30, 0, time.UTC)
	failed := errors.New("RunCommand: Throttling.User: slow\x1b[2J down")
	waits := []assist.Waiting{
		{Request: new(assist.DescribeInvocationsRequest), Err: failed, Tries: 1, Until: now.Add(time.Second)},
		{Request: new(assist.RunCommandRequest), Err: failed, Tries: 7, Until: now.Add(4200 * time.Millisecond)},
		{Request: new(assist.SendFileRequest), Err: failed, Tries: 1, Until: now.Add(time.Minute)},
	}
	want := []string{
		"RunCommand waits, again in 4s, after 7 tries: RunCommand: Throttling.User: slow^[[2J down",
		"SendFile waits, again in 1m0s, after 1 try: RunCommand: Throttling.User: slow^[[2J down",
	}
	if diff := cmp.Diff(want, Waits(waits, Style{}, now)); diff != "" {
		t.Error(diff)
	}
}
