//go:build unix

package lab

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestClockChanges tests that a cron runs as on an instance when clocks change, in the spring of 2000.
func TestClockChanges(t *testing.T) {
	for _, c := range []struct {
		frequency string
		want      []string
	}{
		{"0 30 2 1-3 4 ? 2000 America/New_York", []string{"2000-04-01T07:30:00Z", "2000-04-02T06:30:00Z"}},
		{"0 30 2 25-27 3 ? 2000 Europe/Berlin", []string{"2000-03-25T01:30:00Z", "2000-03-26T01:30:00Z", "2000-03-27T00:30:00Z"}},
	} {
		inBubble(t, 1, func(b *bubble) {
			b.periodic(1, every(c.frequency))
			b.after(100 * 24 * time.Hour)
			if got := b.starts(); !slices.Equal(got, c.want) {
				t.Errorf("%s: started at %v, want %v", c.frequency, got, c.want)
			}
		})
	}
}

// TestSilent tests that a cron that a change of clocks has silenced is still scheduled, and continues when its instance starts.
func TestSilent(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		b.scripts.set(time.Second, 0)
		id := b.periodic(1, every("0 30 2 1-6 4 ? 2000 America/New_York"))
		b.after(time.Until(time.Date(2000, 4, 4, 12, 0, 0, 0, time.UTC)))
		b.want(id, "Scheduled Running Scheduled 2")
		b.reboot(1)
		b.after(24 * time.Hour)
		b.want(id, "Scheduled Running Scheduled 3")
		b.after(24 * time.Hour)
		want := []string{"2000-04-01T07:30:00Z", "2000-04-02T06:30:00Z", "2000-04-05T06:30:00Z", "2000-04-06T06:30:00Z"}
		if got := b.starts(); !slices.Equal(got, want) {
			t.Errorf("started at %v, want %v", got, want)
		}
		b.want(id, "Success Finished Success 4")
	})
}

// TestSilentToTheEnd tests that a silent cron ends when its instance starts after its last time.
func TestSilentToTheEnd(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		b.scripts.set(time.Second, 0)
		id := b.periodic(1, every("0 30 2 1-3 4 ? 2000 America/New_York"))
		b.after(time.Until(time.Date(2000, 4, 4, 12, 0, 0, 0, time.UTC)))
		b.want(id, "Scheduled Running Scheduled 2")
		b.reboot(1)
		b.after(time.Second)
		b.want(id, "Success Finished Success 2")
	})
}

func (b *bubble) reboot(n int) {
	b.t.Helper()
	if err := b.lab.Reboot(nth(n)); err != nil {
		b.t.Fatal(err)
	}
	synctest.Wait()
}
