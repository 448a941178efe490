package lab

import (
	"cmp"
	"encoding/base64"
	"maps"
	"math"
	"net/http"
	"reflect"
	"slices"
	"unicode"
	"unicode/utf8"

	"muster/pkg/assist"
	"muster/pkg/duration"
)

// commands adds the saved commands of a region, oldest first.
func (d *dumper) commands(s site) error {
	records := slices.Collect(s.store.newestCommands(math.MaxUint64))
	for _, r := range slices.Backward(records) {
		dumped := CommandDump{Id: r.CommandId, ScriptDump: d.script(r.command)}
		if s.region != d.own.region {
			dumped.Region = s.region
		}
		dumped.Timeout, dumped.WorkingDir, dumped.Tags = duration.Format(seconds(r.Timeout)), r.WorkingDir, DumpedMap(r.Tags)
		dumped.Launcher, dumped.ResourceGroupId, dumped.Created = r.Launcher, r.ResourceGroupId, d.time(r.Created)
		if err := d.grow(len(r.Content)); err != nil {
			return err
		}
		accepted, err := d.accept(dumped, r.CommandId, d.reader.readCommand)
		if err != nil {
			return err
		}
		if accepted {
			d.fleet.Commands = append(d.fleet.Commands, dumped)
		}
	}
	return nil
}

// script returns the keys of a script that an invocation cannot change.
func (d *dumper) script(c *command) ScriptDump {
	dumped := ScriptDump{Name: c.Name, Description: c.Description, EnableParameter: c.EnableParameter}
	if c.Type != commandTypes()[0] {
		dumped.Type = c.Type
	}
	dumped.Content, dumped.ContentBase64 = dumpedText(c.Content)
	return dumped
}

// invocations adds the newest invocations that a fleet file can have, oldest first.
func (d *dumper) invocations() error {
	var records []record
	for _, s := range d.served {
		for e := range s.store.newest(math.MaxUint64) {
			records = append(records, s.store.read(e))
		}
	}
	slices.SortFunc(records, func(a, b record) int { return cmp.Compare(a.Sequence, b.Sequence) }) // regions share the numbers
	if more := len(records) - maxInvocations; more > 0 {
		d.note("left out: the %d oldest invocations", more)
		records = records[more:]
	}
	for _, r := range records {
		if err := d.invocation(r); err != nil {
			return err
		}
	}
	return nil
}

func (d *dumper) invocation(r record) error {
	if r.repeats() && r.Frequency == nil {
		d.note("left out: %s, whose RepeatMode is %s", r.InvokeId, r.RepeatMode)
		return nil
	}
	dumped := InvocationDump{
		Id: r.InvokeId, Frequency: r.FrequencyText, Username: r.Username, TerminationMode: r.TerminationMode,
		ContainerId: r.ContainerId, ContainerName: r.ContainerName,
	}
	if saved := d.reader.saved[r.Command.CommandId]; saved != nil && d.isSaved(r.Command) {
		dumped.Command = r.Command.CommandId
		if r.Timeout != saved.Timeout {
			dumped.Timeout = duration.Format(seconds(r.Timeout))
		}
		if r.WorkingDir != saved.WorkingDir {
			dumped.WorkingDir = r.WorkingDir
		}
		if r.Launcher != saved.Launcher {
			dumped.Launcher = r.Launcher
		}
	} else {
		dumped.CommandId, dumped.ScriptDump = r.Command.CommandId, d.script(r.Command)
		dumped.Timeout, dumped.WorkingDir, dumped.Launcher = duration.Format(seconds(r.Timeout)), r.WorkingDir, r.Launcher
	}
	dumped.Tags, dumped.ResourceGroupId, dumped.Created = DumpedMap(r.Tags), r.ResourceGroupId, d.time(r.Created)
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		dumped.Parameters = append(dumped.Parameters, assist.TagPair{TagKey: name, TagValue: r.Parameters[name]})
	}
	if err := d.results(r, &dumped); err != nil {
		return err
	}
	if len(dumped.Instances) == 0 {
		d.note("left out: %s, none of whose instances is in the file", r.InvokeId)
		return nil
	}
	accepted, err := d.accept(dumped, r.InvokeId, d.reader.readInvocation)
	if err != nil || !accepted {
		return err
	}
	d.fleet.Invocations = append(d.fleet.Invocations, dumped)
	d.noteLastRun(r)
	return nil
}

// noteLastRun notes when a file becomes invalid, because an invocation is Scheduled and there is no time left at which it fires.
func (d *dumper) noteLastRun(r record) {
	if !r.repeats() || r.sum.newer != string(assist.StatusScheduled) {
		return
	}
	next, silent := r.Frequency.AgentNext(d.now, r.Zone)
	if next.IsZero() || silent {
		return
	}
	if after, silent := r.Frequency.AgentNext(next, r.Zone); after.IsZero() && !silent {
		d.note("%s fires for the last time at %s: from then on, the file is refused", r.InvokeId, assist.FormatTime(next))
	}
}

// isSaved reports whether a command is the saved one with its id, and was not changed since.
func (d *dumper) isSaved(c *command) bool {
	return slices.ContainsFunc(d.served, func(s site) bool {
		saved, err := s.store.command(c.CommandId)
		return err == nil && reflect.DeepEqual(saved, c)
	})
}

// grow refuses the dump if scripts and outputs are too large for a fleet file.
func (d *dumper) grow(size int) error {
	if d.size += size; d.size > maxFleetFileSize {
		return assist.Refusal(http.StatusConflict, "DumpTooLarge", "The dump is too large: "+errTooLarge().Error()+".")
	}
	return nil
}

// dumpedText returns a text as it is or, if files of text cannot have it, in Base64.
func dumpedText(b []byte) (plain, encoded string) {
	if utf8.Valid(b) {
		odd := slices.ContainsFunc([]rune(string(b)), func(r rune) bool {
			return r >= 0x7f && !unicode.IsGraphic(r) || r > 0xdffff
		})
		if !odd {
			return string(b), ""
		}
	}
	return "", base64.StdEncoding.EncodeToString(b)
}
