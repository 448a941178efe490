package cmd

import (
	"encoding/json"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/term"
)

// requestOf returns an empty request of an action.
func requestOf(action string) assist.Request {
	switch action {
	case "RunCommand":
		return new(assist.RunCommandRequest)
	case "InvokeCommand":
		return new(assist.InvokeCommandRequest)
	case "ModifyInvocationAttribute":
		return new(assist.ModifyInvocationAttributeRequest)
	}
	return new(assist.DescribeInvocationsRequest)
}

// TestCoverageParameters checks that each parameter's flag exists, that its request sends it, and that muster sends the values of
// its flags.
func TestCoverageParameters(t *testing.T) {
	o := newObservedLab(t, 2)
	saved, err := o.client.CreateCommand(t.Context(), &assist.CreateCommandRequest{
		RegionId: labRegion, Name: "saved", Type: "RunShellScript", ContentEncoding: assist.PlainText,
		CommandContent: "echo {{name}}", EnableParameter: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	scheduled, err := o.client.RunCommand(t.Context(), &assist.RunCommandRequest{
		RegionId: labRegion, Type: "RunShellScript", CommandContent: "true", Frequency: "rate(1d)", InstanceId: []string{nth(1)},
	})
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]map[string]map[string]bool{} // by document, parameter and value
	for _, c := range readCoverage(t) {
		sent[c.name()] = map[string]map[string]bool{"Action": {}}
		for _, args := range c.Commands {
			if i := slices.Index(args, "t-scheduled"); i >= 0 {
				args[i] = scheduled.InvokeId
			}
			for action, params := range o.requests(t, args) {
				sent[c.name()]["Action"][action] = true
				for name, value := range params {
					if sent[c.name()][name] == nil {
						sent[c.name()][name] = map[string]bool{}
					}
					sent[c.name()][name][value] = true
				}
			}
		}
	}
	eachRow(t, "Parameters", func(t *testing.T, c coverage, row coverageRow) {
		flagsExist(t, row.Where)
		if row.Item != "Action" {
			requestSends(t, c.Action, row.Item)
		}
		name, value := row.Item, row.Value
		if row.Sent != "" {
			name = row.Sent
		}
		if name == "CommandId" && c.Action == "InvokeCommand" {
			value = saved.CommandId
		}
		if value == "t-scheduled" {
			value = scheduled.InvokeId
		}
		if !sent[c.name()][name][value] {
			t.Errorf("%s=%s was not sent, but %v", name, value, sent[c.name()][name])
		}
	})
}

// requests returns the calls that muster makes for a command line, or would make.
func (o *observedLab) requests(t *testing.T, args []string) map[string]map[string]string {
	t.Helper()
	stdout, stderr := o.muster(0, append([]string{"-o", "json"}, args...)...)
	all := map[string]map[string]string{}
	var preview previewDocument
	if err := json.Unmarshal([]byte(stdout), &preview); err != nil {
		t.Fatalf("%v: %s%s", err, stdout, stderr)
	}
	for _, request := range preview.Requests {
		all[request.Action] = request.Parameters
	}
	if len(all) > 0 {
		return all
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for action, calls := range o.asked {
		all[action] = firstValues(calls[len(calls)-1], fleet.Secrets{})
	}
	return all
}

var longFlag = regexp.MustCompile(`--([a-z][a-z-]+)`)

func flagsExist(t *testing.T, where string) {
	t.Helper()
	root := newRootCommand(newApp(term.New(strings.NewReader(""), io.Discard, io.Discard, nil), func(string) string { return "" }))
	name, rest, _ := strings.Cut(where, " ")
	words := []string{name}
	if second, _, _ := strings.Cut(rest, " "); second == "edit" {
		words = append(words, second)
	}
	command, _, err := root.Find(words)
	if err != nil || command == root {
		t.Errorf("%q names no command", where)
		return
	}
	for _, match := range longFlag.FindAllStringSubmatch(where, -1) {
		if command.Flags().Lookup(match[1]) == nil && command.InheritedFlags().Lookup(match[1]) == nil {
			t.Errorf("muster %s has no flag --%s", name, match[1])
		}
	}
}

// requestSends sets one parameter of a request by its documented name, and looks for it in what is sent.
func requestSends(t *testing.T, action, item string) {
	t.Helper()
	request := requestOf(action)
	field, inner, _ := strings.Cut(item, ".N")
	v := reflect.ValueOf(request).Elem().FieldByName(field)
	if !v.IsValid() {
		t.Errorf("%T has no %s", request, field)
		return
	}
	name := field
	switch v.Interface().(type) {
	case []assist.Tag:
		v.Set(reflect.ValueOf([]assist.Tag{{Key: "k", Value: "v"}}))
		name += ".1" + inner
	case []string:
		v.Set(reflect.ValueOf([]string{"x"}))
		name += ".1"
	case assist.JSONList:
		v.Set(reflect.ValueOf(assist.JSONList{"x"}))
	case assist.JSONMap:
		v.Set(reflect.ValueOf(assist.JSONMap{"k": "v"}))
	case *bool:
		yes := true
		v.Set(reflect.ValueOf(&yes))
	case string:
		v.SetString("x")
	case bool:
		v.SetBool(true)
	case int64:
		v.SetInt(1)
	}
	if assist.Encode(request).Get(name) == "" {
		t.Errorf("%s is not sent: %v", name, assist.Encode(request))
	}
}
