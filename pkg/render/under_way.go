package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// underWay are the targets of a run that have not ended.
type underWay struct {
	ended   int
	running int
	waiting int // accepted by the service, and not running yet
	unsent  int
	wave    int                  // the last wave that was sent to
	longest []*fleet.TargetState // the running ones that began first, in order
}

// newUnderWay includes at most the given number of targets that have been running longest.
func newUnderWay(s *fleet.State, longest int) *underWay {
	u := &underWay{ended: s.Ended()}
	for i := range s.Targets {
		t := &s.Targets[i]
		if t.InvokeId != "" {
			u.wave = max(u.wave, t.Wave)
		}
		switch stageOf(t) {
		case unsent:
			u.unsent++
		case waiting:
			u.waiting++
		case running:
			u.running++
			u.runs(t, longest)
		}
	}
	return u
}

// stage is the progress of a target.
type stage int

const (
	ended stage = iota
	running
	waiting
	unsent
)

func stageOf(t *fleet.TargetState) stage {
	switch {
	case t.Cause != "":
		return ended
	case t.InvokeId == "":
		return unsent
	}
	switch t.InvocationStatus {
	case "", assist.StatusPending, assist.StatusScheduled:
		return waiting
	}
	return running
}

// runs inserts a target among the longest. Times are the service's, in UTC and of one form, so that their texts sort in their
// order.
func (u *underWay) runs(t *fleet.TargetState, atMost int) {
	const never = "~" // after all times
	began := func(t *fleet.TargetState) string { return cmp.Or(t.StartTime, never) }
	if n := len(u.longest); n == atMost && (n == 0 || began(t) >= began(u.longest[n-1])) {
		return
	}
	at, _ := slices.BinarySearchFunc(u.longest, t, func(a, b *fleet.TargetState) int {
		return cmp.Or(cmp.Compare(began(a), began(b)), -1) // after those that are equal
	})
	u.longest = slices.Insert(u.longest, at, t)
	u.longest = u.longest[:min(len(u.longest), atMost)]
}

// runningFor returns how long a target has been running by the service's clock, which may be ahead of ours.
func runningFor(t *fleet.TargetState, now time.Time) string {
	start := assist.ParseTime(t.StartTime)
	if start.IsZero() {
		return ""
	}
	return max(0, now.Sub(start)).Truncate(time.Second).String()
}

// line returns the counts, and the slowest instances.
func (u *underWay) line(s *fleet.State, style Style, now time.Time) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{u.running, "running"}, {u.waiting, "waiting"}, {u.unsent, "not sent yet"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	line := strings.Join(parts, ", ")
	const title = "; longest: "
	var names []string
	for _, t := range u.longest {
		names = append(names, strings.TrimSuffix(cell(s.NameOf(t))+" "+runningFor(t, now), " "))
	}
	if room := style.Width - len(line) - len(title); len(names) > 0 && room >= columnsOf(names[0]) {
		line += title + listInto(names, room)
	}
	return line
}

// WriteUnderWay writes the instances of a run that have not ended: all of them folded, and those that have been running longest
// on a line each.
func WriteUnderWay(w io.Writer, style Style, s *fleet.State, now time.Time) error {
	const longest = 10
	names := map[stage][]string{}
	for i := range s.Targets {
		t := &s.Targets[i]
		names[stageOf(t)] = append(names[stageOf(t)], s.NameOf(t))
	}
	var b strings.Builder
	for _, line := range []struct {
		stage
		what string
	}{{running, "running"}, {waiting, "waiting"}, {unsent, "not sent yet"}} {
		if of := names[line.stage]; len(of) > 0 {
			title := fmt.Sprintf("%d %s: ", len(of), line.what)
			b.WriteString(style.Paint.Bold(title) + foldInto(of, style.room(title)) + "\n")
		}
		if line.stage == running {
			for _, t := range newUnderWay(s, longest).longest {
				fmt.Fprintf(&b, "%8s  %s  %s\n", cmp.Or(runningFor(t, now), "-"), cell(s.NameOf(t)), cell(t.InstanceId))
			}
		}
	}
	if b.Len() == 0 {
		b.WriteString("no instance is running: the last outputs are being fetched\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
