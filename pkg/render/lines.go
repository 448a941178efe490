package render

import (
	"fmt"
	"strings"

	"github.com/clipperhouse/displaywidth"

	"muster/pkg/fleet"
)

// widestName is the largest width of the column of names. A longer name only shifts its own lines.
const widestName = 32

// Lines writes what scripts write while they run, each line after the name of its instance.
type Lines struct {
	style   Style
	known   int // the number of targets with known names
	width   int
	targets map[instanceAt]int
}

// NewLines returns lines in a style.
func NewLines(style Style) *Lines {
	return &Lines{style: style, targets: map[instanceAt]int{}}
}

// Text returns what an event of lines adds, always whole lines.
func (l *Lines) Text(event fleet.Event, s *fleet.State) string {
	l.learn(s)
	n, ok := l.targets[instanceAt{event.Site, event.InstanceId}]
	name := event.InstanceId
	if ok {
		name = cell(s.NameOf(&s.Targets[n]))
	}
	label := l.style.Paint.Name(name, n)
	room := strings.Repeat(" ", max(0, l.width-displaywidth.String(name))) + gap
	var b strings.Builder
	if event.Dropped > 0 {
		b.WriteString(label + room + l.style.Paint.Warn(missing(event)) + "\n")
	}
	for line := range strings.Lines(l.style.clean(string(event.Output))) {
		b.WriteString(label)
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			b.WriteString(room + line)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func missing(event fleet.Event) string {
	where := ""
	if event.DroppedWithin > 0 {
		where = fmt.Sprintf(", here or within the next %d", event.DroppedWithin)
	}
	return fmt.Sprintf("… %d bytes lost%s …", event.Dropped, where)
}

// learn adds the names of new targets.
func (l *Lines) learn(s *fleet.State) {
	if l.known == len(s.Targets) {
		return
	}
	for n := l.known; n < len(s.Targets); n++ {
		l.targets[instanceOf(&s.Targets[n])] = n
	}
	l.known, l.width = len(s.Targets), 0
	for n := range s.Targets {
		l.width = max(l.width, min(displaywidth.String(cell(s.NameOf(&s.Targets[n]))), widestName))
	}
}
