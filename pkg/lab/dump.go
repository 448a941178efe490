package lab

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
)

// DumpRequest asks a lab for its state as a fleet file. This action exists only in labs, not in the service.
type DumpRequest struct {
	Relative bool // times are durations before the start of the lab that reads the file
}

// DumpResponse has the state of a lab.
type DumpResponse struct {
	RequestId string
	Time      string // of the dump, in RFC 3339
	Fleet     *FleetDump
	Notes     []string // on what the fleet file does not have or has changed
}

// Action returns the name of the action.
func (*DumpRequest) Action() string { return "LabDump" }

// Repeatable returns true, because the action only reads.
func (*DumpRequest) Repeatable() bool { return true }

// dumper makes a fleet file of a lab. It reads every part as a lab would that is started with the file, and leaves out what such a
// lab would refuse.
type dumper struct {
	call
	now      time.Time
	relative bool
	reader   *presetReader
	fleet    *FleetDump
	size     int
	infos    map[string]string // the usual ErrorInfo of error codes

	notes []string
	// Numbers of what the file does not have as it was.
	interrupted, cancelled, earlier, lost, gone int
}

func dumpLab(c call, r *DumpRequest) (*DumpResponse, error) {
	d := &dumper{call: c, now: time.Now(), relative: r.Relative, infos: map[string]string{}}
	var instances []*Instance
	enrolled := 0
	for _, h := range c.served.hosts() {
		if h.enrolled != nil {
			enrolled++
			continue
		}
		instances = append(instances, h.get())
	}
	if enrolled > 0 {
		d.note("left out: hosts with an agent of their own: %d", enrolled)
	}
	if len(instances) == 0 {
		return nil, assist.Refusal(http.StatusConflict, "NoInstances", "The lab has no instances, and a fleet file needs some.")
	}
	d.fleet = &FleetDump{Region: c.own.region, Groups: dumpGroups(instances, c.own.region)}
	if err := d.readGroups(); err != nil {
		return nil, err
	}
	for _, s := range c.served {
		if !slices.Contains(d.reader.regions, s.region) {
			d.note("left out: the region %s, which has no instances", s.region)
		}
	}
	d.fleet.Faults = c.faults.dump(func(id string) bool { return d.reader.instances[id] != nil })
	for _, s := range c.served {
		if err := d.commands(s); err != nil {
			return nil, err
		}
	}
	if err := d.invocations(); err != nil {
		return nil, err
	}
	d.reportChanges()
	return &DumpResponse{Time: d.now.UTC().Format(time.RFC3339), Fleet: d.fleet, Notes: d.notes}, nil
}

// readGroups prepares the reader of commands and invocations.
func (d *dumper) readGroups() error {
	var groups []*group
	for _, dumped := range d.fleet.Groups {
		n, err := nodeOf(dumped)
		if err != nil {
			return err
		}
		g, err := readGroup(n)
		if err != nil {
			return fmt.Errorf("the group %s: %w", dumped.Name, withoutLine(err))
		}
		groups = append(groups, g)
	}
	instances, err := instancesOf(groups, d.own.region)
	if err != nil {
		return err
	}
	d.reader = newPresetReader(instances, groups, d.now)
	d.reader.regions = regionsOf(groups, d.own.region)
	return nil
}

// accept reports whether a lab would accept a command or an invocation. Otherwise it notes why it is left out.
func (d *dumper) accept(dumped any, id string, read func(*yaml.Node) error) (bool, error) {
	n, err := nodeOf(dumped)
	if err != nil {
		return false, err
	}
	if err := read(n); err != nil {
		d.note("left out: %s, because a fleet file cannot have it: %v", id, withoutLine(err))
		return false, nil
	}
	return true, nil
}

func (d *dumper) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

func (d *dumper) reportChanges() {
	for _, change := range []struct {
		n    int
		text string
	}{
		{d.interrupted, "changed: running tasks have ended with ExecutionInterrupted: %d"},
		{d.cancelled, "changed: pending tasks are Cancelled: %d"},
		{d.earlier, "left out: runs of schedules before the latest one: %d"},
		{d.lost, "changed: results that a fault had lost are there: %d"},
		{d.gone, "left out: results of instances that the file does not have: %d"},
	} {
		if change.n > 0 {
			d.note(change.text, change.n)
		}
	}
}

// withoutLine returns the error without its line, because the file is not written yet.
func withoutLine(err error) error {
	if inLine, ok := err.(*lineError); ok { //nolint:errorlint // only this package's own, unwrapped
		return inLine.err
	}
	return err
}

// time returns a time as the file has it, or "" for the zero time.
func (d *dumper) time(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case d.relative:
		return d.now.Sub(t).String() + " ago"
	}
	return t.UTC().Format(time.RFC3339Nano)
}
