package render

import (
	"fmt"
	"slices"
	"time"

	"github.com/clipperhouse/displaywidth"

	"muster/pkg/fleet"
)

// Live is the display of a run in progress: a bar with the outcomes so far, the instances that have been running
// longest, and the latest failures. It takes the same few lines for any number of instances.
type Live struct {
	started        time.Time // when the wait began
	next           func(*fleet.State) time.Time
	completionRate completionRate
}

// NewLive returns the display of a wait that begins now. next returns when a periodic run is next due, or the zero time if
// unknown.
func NewLive(now time.Time, next func(*fleet.State) time.Time) *Live {
	return &Live{started: now, next: next}
}

// Lines returns the current lines, fitted into the style's width. The counts, and the name of a failed instance, are included
// at any width. There are no lines while nothing is known, as in a watch that has just begun.
func (l *Live) Lines(s *fleet.State, style Style, now time.Time) []string {
	if len(s.Targets) == 0 {
		return nil
	}
	u := newUnderWay(s, style.Width/len("a 1s, "))
	l.completionRate.measure(u.ended, now, now.Sub(l.started))
	first := l.summary
	if periodic(s) {
		first = l.betweenRuns
	}
	lines := []string{first(s, u, style, now)}
	if line := u.line(s, style, now); line != "" {
		lines = append(lines, line)
	}
	if line := failedLast(s, style); line != "" {
		lines = append(lines, line)
	}
	return lines
}

// summary has the most important parts first, and omits parts at its end that do not fit.
func (l *Live) summary(s *fleet.State, u *underWay, style Style, now time.Time) string {
	total := len(s.Targets)
	text := fmt.Sprintf("%d/%d", u.ended, total)
	counts := s.Counts()
	for _, cause := range fleet.Causes() {
		if n := counts[string(cause)]; n > 0 {
			text += gap + paintCause(style, cause, fmt.Sprintf("%d %s", n, cause))
		}
	}
	elapsed := now.Sub(l.started)
	rest := []string{elapsed.Round(time.Second).String()}
	if wait := untilNextWave(s, now); wait != "" {
		rest = slices.Insert(rest, 0, wait)
	} else if left, ok := l.completionRate.left(total-u.ended, now, elapsed); ok {
		rest = append(rest, "about "+left.String()+" left")
	}
	if waves := s.Waves(); waves > 1 {
		rest = append(rest, fmt.Sprintf("wave %d of %d", max(u.wave, 1), waves))
	}
	if s.Fanout > 0 {
		rest = append(rest, fmt.Sprintf("at most %d at a time", s.Fanout))
	}
	if rate := l.completionRate.String(); rate != "" {
		rest = append(rest, rate)
	}
	room := style.Width - columnsOf(text)
	if cells := min(room-len("[]  "), max(10, style.Width/5), total); cells >= min(10, total) {
		text = u.bar(s, style, cells) + " " + text
		room -= cells + len("[] ")
	}
	for _, part := range rest {
		if room -= len(gap) + len(part); room < 0 {
			break
		}
		text += gap + style.Paint.Dim(part)
	}
	return text
}

// periodic reports whether all invocations are periodic, so that the run does not end by itself.
func periodic(s *fleet.State) bool {
	return len(s.Invocations) > 0 && !slices.ContainsFunc(s.Invocations, func(i fleet.InvocationState) bool { return !i.Periodic })
}

// betweenRuns returns the summary of a periodic run, which has no bar because no instance finishes.
func (l *Live) betweenRuns(s *fleet.State, _ *underWay, style Style, now time.Time) string {
	text := "periodic, on " + plural(len(s.Targets), "instance")
	if next := l.next(s); next.After(now) {
		text += gap + "next run in " + next.Sub(now).Round(time.Second).String()
	}
	return text + gap + style.Paint.Dim(now.Sub(l.started).Round(time.Second).String())
}

// failedLast returns the names of the latest failures, the latest first, with their causes.
func failedLast(s *fleet.State, style Style) string {
	const title = "failed last: "
	var names []string
	for _, t := range s.LatestFailures(style.Width / len("a 1, ")) {
		how := string(t.Cause)
		switch {
		case t.Cause == fleet.CauseExit:
			how = fmt.Sprintf("exit %d", t.ExitCode)
		case t.ErrorCode != "":
			how += " " + t.ErrorCode
		}
		names = append(names, cell(s.NameOf(t))+" "+cell(how))
	}
	if len(names) == 0 {
		return ""
	}
	return style.Paint.Bad(title + listInto(names, style.Width-len(title)))
}

// listInto joins as many texts as fit into a number of columns, but at least the first.
func listInto(texts []string, columns int) string {
	list := texts[0]
	for _, text := range texts[1:] {
		if columnsOf(list)+columnsOf(", "+text) > columns {
			break
		}
		list += ", " + text
	}
	return list
}

// columnsOf returns the number of columns that a text takes, which may be coloured.
func columnsOf(text string) int { return painted().String(text) }

// painted returns the options to measure text that may be coloured.
func painted() displaywidth.Options { return displaywidth.Options{ControlSequences: true} }
