package journal

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/fleet"
)

// The events are those that the state was folded from, even while another process appends to them.
func TestEvents(t *testing.T) {
	d := testDir(t)
	write(t, d, "run-1", time.Now())
	record, err := d.Read("run-1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = record.Close() }()
	j, _, err := d.Open("run-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Append(fleet.Event{Event: fleet.Resumed}); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	var got, want []fleet.EventKind
	for event, err := range record.Events() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, event.Event)
	}
	for _, event := range story("run-1") {
		want = append(want, event.Event)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for range record.Events() {
		break
	}
}
