package render

import (
	"strings"
	"testing"

	"muster/pkg/fleet"
)

func TestLines(t *testing.T) {
	s := fleet.NewState()
	add := func(id, name string, site fleet.Site) {
		s.Targets = append(s.Targets, fleet.TargetState{TargetStatus: fleet.TargetStatus{InstanceId: id}, InstanceName: name, Site: site})
	}
	lines := NewLines(Style{})
	raw := NewLines(Style{Grouping: Grouping{Raw: true}})
	event := func(id string, site fleet.Site, text string) fleet.Event {
		return fleet.Event{Event: fleet.LinesEvent, InstanceId: id, Site: site, Output: fleet.Output(text)}
	}
	want := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	add("i-1", "web-1", hangzhou())
	want("one", lines.Text(event("i-1", hangzhou(), "a\n\nb"), s), "web-1  a\nweb-1\nweb-1  b\n")
	add("i-2", "database-1", hangzhou())
	add("i-3", "", hangzhou())
	add("i-4", strings.Repeat("long", 10), hangzhou())
	want("padded", lines.Text(event("i-1", hangzhou(), "a\n"), s), "web-1"+strings.Repeat(" ", widestName-5)+"  a\n")
	want("wider than others", lines.Text(event("i-4", hangzhou(), "a\n"), s), strings.Repeat("long", 10)+"  a\n")
	add("i-1", "web-1", beijing())
	want("a name of two", lines.Text(event("i-1", hangzhou(), "a\n"), s)[:5], "i-1  ")
	want("no name", lines.Text(event("i-3", hangzhou(), "a\n"), s)[:5], "i-3  ")
	want("nobody's", lines.Text(event("i-9", hangzhou(), "a\n"), s)[:5], "i-9  ")

	escapes := event("i-2", hangzhou(), "\x1b[2J\r\nx\n")
	room := "database-1" + strings.Repeat(" ", widestName-10) + "  "
	want("made harmless", lines.Text(escapes, s), room+"^[[2J\n"+room+"x\n")
	want("as it is", raw.Text(escapes, s), room+"\x1b[2J\r\n"+room+"x\n")

	lost := event("i-2", hangzhou(), "x\n")
	lost.Dropped = 1234
	want("missing before it", lines.Text(lost, s), room+"… 1234 bytes lost …\n"+room+"x\n")
	lost.DroppedWithin, lost.Output = 900, ""
	want("missing there or behind", lines.Text(lost, s), room+"… 1234 bytes lost, here or within the next 900 …\n")
}
