package cmd

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/schedule"
	"muster/pkg/term"
)

// hiddenValue stands for the value of a secret parameter.
const hiddenValue = "******"

// editedDocument is a change of an invocation that was made.
type editedDocument struct {
	Done           string
	InvokeId       string
	CommandId      string
	Changes        []editedValue
	AddedInstances []string
	AgentNext      []string // times
	Warnings       []fleet.Warning
}

// editedValue is a value before and after a change.
type editedValue struct{ Name, Before, After string }

// Records returns the document.
func (d *editedDocument) Records() iter.Seq2[any, error] {
	return render.Records([]*editedDocument{d})
}

// Record returns an empty document.
func (d *editedDocument) Record() any { return editedDocument{} }

// WriteTable writes a line for the invocation, and one for each change.
func (d *editedDocument) WriteTable(w io.Writer, style render.Style) error {
	lines := []string{style.Paint.Bold(d.Done + " " + term.Sanitize(d.InvokeId))}
	lines = append(lines, d.lines()...)
	if len(d.AgentNext) > 0 {
		lines = append(lines, "next: "+strings.Join(d.AgentNext, ", "))
	}
	_, err := io.WriteString(w, strings.Join(lines, "\n")+"\n")
	return err
}

// lines returns a line for each change.
func (d *editedDocument) lines() []string {
	var lines []string
	for _, c := range d.Changes {
		before, after := firstLine(c.Before), firstLine(c.After)
		if c.Name == "CommandContent" {
			before, after = before+sizeOf(c.Before), after+sizeOf(c.After)
		}
		lines = append(lines, fmt.Sprintf("%s: %s -> %s", term.Sanitize(c.Name), before, after))
	}
	if n := len(d.AddedInstances); n > 0 {
		lines = append(lines, fmt.Sprintf("%s added: %s", plural(n, "instance"), firstOf(d.AddedInstances, maxSimilar)))
	}
	return lines
}

// firstLine returns the first line of a value that says something, or (none).
func firstLine(text string) string {
	const most = 60
	line := []rune(term.Sanitize((&script{content: []byte(text)}).title()))
	if len(line) > most {
		line = append(line[:most-1], '…')
	}
	return cmp.Or(string(line), "(none)")
}

func sizeOf(text string) string { return fmt.Sprintf(" (%d bytes)", len(text)) }

// document returns what the change is, before it is made.
func (e *scheduleEdit) document(inv *assist.Invocation, before map[string]string) *editedDocument {
	d := &editedDocument{
		Done: doneChanged, InvokeId: inv.InvokeId, CommandId: inv.CommandId, Changes: []editedValue{},
		AddedInstances: append([]string{}, e.request.InstanceId...), AgentNext: []string{}, Warnings: append([]fleet.Warning{}, e.maskWarnings(e.warnings)...),
	}
	add := func(name, before, after string) {
		if before != after {
			d.Changes = append(d.Changes, editedValue{name, e.secrets.Mask(before), e.secrets.Mask(after)})
		}
	}
	if e.request.Frequency != "" {
		add("Frequency", inv.Frequency, e.request.Frequency)
	}
	add("CommandContent", inv.CommandContent, e.content(inv))
	if e.request.EnableParameter != nil && len(e.given) == 0 && len(before) == 0 {
		add("EnableParameter", "", "true")
	}
	if len(e.given) > 0 {
		d.Changes = append(d.Changes, e.changedParameters(before)...)
	}
	frequency := cmp.Or(e.request.Frequency, inv.Frequency)
	for _, at := range nextTimes(frequency, inv.CreationTime) {
		d.AgentNext = append(d.AgentNext, formatTime(at))
	}
	return d
}

// changedParameters returns the parameters that get another value, by name. Values of secret ones are not shown.
func (e *scheduleEdit) changedParameters(before map[string]string) []editedValue {
	old := lowerNames(before)
	now := lowerNames(e.request.Parameters)
	names := maps.Clone(old)
	maps.Copy(names, now)
	var changes []editedValue
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if old[name] == now[name] {
			continue
		}
		change := editedValue{"Parameters." + name, e.secrets.Mask(old[name]), e.secrets.Mask(now[name])}
		if e.isHidden(name) {
			change.Before, change.After = hiddenValue, hiddenValue
		}
		changes = append(changes, change)
	}
	return changes
}

func lowerNames(values map[string]string) map[string]string {
	lower := map[string]string{}
	for name, value := range values {
		lower[strings.ToLower(name)] = value
	}
	return lower
}

func (e *scheduleEdit) isHidden(name string) bool {
	return slices.ContainsFunc(e.hidden, func(secret string) bool { return strings.EqualFold(secret, name) })
}

// nextTimes returns the next three times at which instances run a schedule. The times of a rate count from the creation of the invocation.
func nextTimes(text, created string) []time.Time {
	frequency, err := schedule.Parse(text)
	if err != nil {
		return nil
	}
	from := time.Now()
	if start, err := time.Parse(time.RFC3339, created); err == nil && frequency.Kind() == schedule.Rate {
		for next := start; !next.After(time.Now()); next = frequency.Next(next, time.Local) {
			from = next
		}
	}
	times, _ := frequency.AgentFires(from, time.Local, 3)
	return times
}

// announce reports what will change, and what that means for runs in progress.
func (e *scheduleEdit) announce(d *editedDocument, inv *assist.Invocation) {
	if e.config.Quiet {
		return
	}
	if e.flags.command.preview {
		for _, line := range d.lines() {
			e.note("%s", line)
		}
	} else {
		e.warn(d.Warnings)
	}
	if frequency, err := schedule.Parse(e.request.Frequency); e.request.Frequency != "" && err == nil {
		e.note("%s; next: %s", frequency.Words(), strings.Join(d.AgentNext, ", "))
		for _, warning := range scheduleWarnings(frequency, time.Now(), time.Local) {
			e.note("%s", warning)
		}
	}
	running := 0
	for i := range inv.InvokeInstances.InvokeInstance {
		if inv.InvokeInstances.InvokeInstance[i].Status() == assist.StatusRunning {
			running++
		}
	}
	if running > 0 && len(d.Changes) > 0 {
		e.note("warning: it is running on %s: the change kills these runs, which then have no result", plural(running, "instance"))
	}
}

// preview returns the request. Values that are not given again are not shown: they may be secret.
func (e *scheduleEdit) preview(d *editedDocument) *previewDocument {
	request := *e.request
	given := lowerNames(e.given)
	request.Parameters = maps.Clone(request.Parameters)
	for name := range request.Parameters {
		if _, ok := given[strings.ToLower(name)]; !ok || e.isHidden(name) {
			request.Parameters[name] = hiddenValue
		}
	}
	return &previewDocument{
		Requests: []previewRequest{{request.Action(), firstValues(assist.Encode(&request), e.secrets)}},
		Contents: []previewContent{}, Warnings: d.Warnings,
	}
}
