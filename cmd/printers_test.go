package cmd

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/render"
	"muster/pkg/term"
)

// hostileText has every kind of character that controls a terminal, is invisible, or ends a cell, a row or a path.
const hostileText = "../a\x1b[2Jb\x07c\x7fd\u009be\u202ef\u2066g\u200bh\ufeffi\rj|k`l"

// fillHostile sets every string of a value to the text.
func fillHostile(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() && v.CanSet() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		if !v.IsNil() {
			fillHostile(v.Elem())
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillHostile(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.CanSet() && v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			fillHostile(v.Index(0))
			fillHostile(v.Index(1))
		}
	case reflect.Map:
		if v.CanSet() && v.Type().Key().Kind() == reflect.String && v.Type().Elem().Kind() == reflect.String {
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf(hostileText).Convert(v.Type().Key()), reflect.ValueOf(hostileText).Convert(v.Type().Elem()))
		}
	case reflect.String:
		if v.CanSet() {
			v.SetString(hostileText)
		}
	}
}

// TestPrintersSanitize prints documents with hostile strings in every format for a terminal.
func TestPrintersSanitize(t *testing.T) {
	documents := map[string]render.Document{}
	for _, name := range []string{"invocations", "instances", "commands", "runs", "stopped", "diagnosis"} {
		documents[name] = jsonDocuments()[name]
		fillHostile(reflect.ValueOf(documents[name]))
	}
	checks := documents["diagnosis"].(*diagnosis).Checks
	for i := range checks {
		checks[i].Name, checks[i].Status = "name", checkFail // these are muster's own words
	}
	result := assist.InvocationResult{}
	fillHostile(reflect.ValueOf(&result))
	documents["results"] = render.NewResults([]assist.InvocationResult{result}, map[string]string{hostileText: hostileText})
	s := fleet.NewState()
	target := fleet.Target{InstanceId: hostileText, InstanceName: hostileText, Site: fleet.Site{Profile: hostileText, RegionId: hostileText}}
	s.Apply(fleet.Event{Event: fleet.Planned, RunId: hostileText, Action: hostileText, Name: hostileText, Targets: []fleet.Target{target}, Sites: []fleet.Site{target.Site}})
	s.Apply(fleet.Event{Event: fleet.Submitting, ClientToken: "a", Site: target.Site, InstanceIds: []string{hostileText}})
	s.Apply(fleet.Event{Event: fleet.Submitted, ClientToken: "a", Site: target.Site, InvokeId: hostileText, CommandId: hostileText})
	s.Apply(fleet.Event{Event: fleet.StatusEvent, Site: target.Site, InvokeId: hostileText, InvocationStatus: "Failed", Instances: []fleet.TargetStatus{{
		InstanceId: hostileText, InvocationStatus: "Failed", ExitCode: 1, ErrorCode: hostileText, ErrorInfo: hostileText, StartTime: hostileText, FinishTime: hostileText,
	}}})
	documents["run"], documents["remainder"] = render.NewRun(s, nil, nil), render.NewRemainder(s)
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		document := documents[name]
		for _, format := range render.Formats() {
			if _, ok := document.(render.Suites); format == string(render.JUnit) && !ok {
				continue
			}
			if _, ok := document.(render.InstanceNamer); format == string(render.Nodeset) && !ok {
				continue
			}
			var b strings.Builder
			if err := render.Write(&b, render.Format(format), document, render.Style{Terminal: true, Width: 80}); err != nil {
				t.Errorf("%s as %s: %v", name, format, err)
			}
			harmful := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' || term.Hidden(r) }
			if at := strings.IndexFunc(b.String(), harmful); at >= 0 {
				t.Errorf("%s as %s: %.60q", name, format, fmt.Sprint(b.String()[max(0, at-20):]))
			}
		}
	}
}
