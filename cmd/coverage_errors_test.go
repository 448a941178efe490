package cmd

import (
	"errors"
	"strings"
	"testing"

	"muster/pkg/assist"
	"muster/pkg/assist/catalogue"
	"muster/pkg/lab"
)

// TestCoverageErrors provokes every documented error code over the wire: with a call that deserves it, or else with a fault of the
// lab. Code, HTTP status and message are the documented ones, and nothing is executed.
func TestCoverageErrors(t *testing.T) {
	p := newProvoker(t)
	texts := documentTexts(t)
	eachRow(t, "Error codes", func(t *testing.T, c coverage, row coverageRow) {
		request, byItself := p.request(c.Action, row.Item)
		if byItself == strings.HasPrefix(row.Lab, "by a fault:") {
			t.Errorf("provoked by a call: %v, and the data say: %s", byItself, row.Lab)
		}
		if !byItself {
			p.fault(t, c.Action, row.Item)
		}
		err := p.caller.Call(t.Context(), request, new(struct{ RequestId string }))
		refused, ok := errors.AsType[*assist.Error](err)
		switch {
		case !ok:
			t.Fatalf("%v", err)
		case refused.Code != row.Item || refused.HTTPStatus != row.Status:
			t.Errorf("%s, HTTP %d, want %d", refused, refused.HTTPStatus, row.Status)
		case !beginsWith(refused.Message, texts[c.Action+" "+row.Item]):
			t.Errorf("it says %q, and the document %q", refused.Message, row.Message)
		case refused.RequestId == "" || refused.HostId == "":
			t.Errorf("RequestId and HostId are missing: %+v", refused)
		}
	})
	if n := len(p.Executions()); n != p.executed {
		t.Errorf("%d scripts were executed", n-p.executed)
	}
	page, err := p.client.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: labRegion})
	if err != nil || len(page.Invocations.Invocation) != p.sent {
		t.Errorf("refused calls have left invocations behind: %+v, %v", page, err)
	}
}

// documentTexts returns the documented messages by action and code. A newer document's message is also accepted for an older one,
// and that of another action if an action has only one document.
func documentTexts(t *testing.T) map[string][]string {
	t.Helper()
	texts := map[string][]string{}
	all := readCoverage(t)
	for _, c := range all {
		for _, row := range c.Errors {
			key := c.Action + " " + row.Item
			texts[key] = append(texts[key], row.Message)
			if row.Item == "InvalidRegionId.NotFound" || strings.HasPrefix(row.Item, "InternalError") { // the lab has one message for all actions
				entry, _ := catalogue.Find(row.Item, catalogue.English)
				texts[key] = append(texts[key], entry.Messages...)
			}
			for _, other := range all {
				for _, newer := range other.Errors {
					if other.Year > c.Year && c.Year < 2020 && newer.Item == row.Item {
						texts[key] = append(texts[key], newer.Message)
					}
				}
			}
		}
	}
	return texts
}

// beginsWith reports whether a message begins like one of the texts, ignoring its full stop and the style of quotes.
func beginsWith(message string, texts []string) bool {
	plain := strings.NewReplacer("“", `"`, "”", `"`, "’", "'").Replace
	for _, text := range texts {
		text, _, _ = strings.Cut(text, "%s")
		if strings.HasPrefix(plain(message), strings.TrimRight(plain(text), ".: ")) {
			return true
		}
	}
	return false
}

// provoker is a lab with instances of all kinds, and with saved commands of each kind.
type provoker struct {
	*observedLab
	shell, bat, plain, long, store string // saved commands
	executed, sent                 int    // scripts and invocations
	once                           string // an invocation that runs once
	managed, activation            string // a registered host, and what it was registered with
	scheduled, outdated, ended     string // invocations that wait for a start: one with an old agent, and one that was stopped
}

func newProvoker(t *testing.T) *provoker {
	t.Helper()
	p := &provoker{observedLab: newObservedLab(t, 120)}
	p.change(2, func(it *lab.Instance) { it.Status = "Stopped" })
	p.change(3, func(it *lab.Instance) { it.AgentVersion = "" })
	p.change(4, func(it *lab.Instance) { it.InstanceNetworkType = "classic" })
	p.change(5, func(it *lab.Instance) { it.OSType = "windows" })
	save := func(name, commandType, content string, enable bool) string {
		answer, err := p.client.CreateCommand(t.Context(), &assist.CreateCommandRequest{
			RegionId: labRegion, Name: name, Type: commandType, ContentEncoding: assist.PlainText, CommandContent: content,
			EnableParameter: enable,
		})
		if err != nil {
			t.Fatal(err)
		}
		return answer.CommandId
	}
	p.shell = save("shell", "RunShellScript", "echo {{a}} {{b}}", true)
	p.bat = save("bat", "RunBatScript", "echo {{a}}", true)
	p.plain = save("plain", "RunShellScript", "echo {{a}}", false)
	p.long = save("long", "RunShellScript", "echo {{a}} # "+strings.Repeat("x", 18_000), true)
	p.store = save("store", "RunShellScript", "echo {{oos:name}}", true)
	// The token for the mismatch is used once in a successful call.
	for _, request := range []assist.Request{p.run(nil), p.invoke(nil)} {
		switch r := request.(type) {
		case *assist.RunCommandRequest:
			r.ClientToken, r.Name = "used", "before"
			answer, err := p.client.RunCommand(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			p.once = answer.InvokeId
			p.untilAll(answer.InvokeId, assist.StatusSuccess)
		case *assist.InvokeCommandRequest:
			r.ClientToken, r.RepeatMode = "used", "DryRun"
			if _, err := p.client.InvokeCommand(t.Context(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.registerHost(t)
	p.executed, p.sent = len(p.Executions()), 1
	p.scheduled, p.outdated, p.ended = p.waiting(t, nth(1)), p.waiting(t, nth(6)), p.waiting(t, nth(1))
	p.change(6, func(it *lab.Instance) { it.AgentVersion = "2.2.3.540" })
	p.stop(p.ended)
	return p
}

// waiting sends a command that waits for a start of an instance.
func (p *provoker) waiting(t *testing.T, instance string) (invokeID string) {
	t.Helper()
	answer, err := p.client.RunCommand(t.Context(), &assist.RunCommandRequest{
		RegionId: labRegion, Type: "RunShellScript", CommandContent: "echo {{a}}", EnableParameter: true, RepeatMode: "EveryReboot", InstanceId: []string{instance},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.sent++
	return answer.InvokeId
}

// fault makes the lab refuse the next call of an action.
func (p *provoker) fault(t *testing.T, action, code string) {
	t.Helper()
	if err := p.SetFaults([]lab.Fault{{Action: action, Code: code, Times: 1}}); err != nil {
		t.Fatal(err)
	}
}

// run returns a valid call with one change.
func (p *provoker) run(change func(*assist.RunCommandRequest)) assist.Request {
	r := &assist.RunCommandRequest{RegionId: labRegion, Type: "RunShellScript", CommandContent: "true", InstanceId: []string{nth(1)}}
	if change != nil {
		change(r)
	}
	return r
}

// invoke returns a valid call with one change.
func (p *provoker) invoke(change func(*assist.InvokeCommandRequest)) assist.Request {
	r := &assist.InvokeCommandRequest{RegionId: labRegion, CommandId: p.shell, InstanceId: []string{nth(1)}}
	if change != nil {
		change(r)
	}
	return r
}

// request returns a call that deserves a code, or a valid one if nothing in a lab causes the code.
func (p *provoker) request(action, code string) (request assist.Request, byItself bool) {
	switch action {
	case "RunCommand":
		if change, ok := p.runProvocations()[code]; ok {
			return p.run(change), true
		}
		if code == "ParameterType.NotSupported" {
			return &rawRun{RegionId: labRegion, Type: "RunShellScript", CommandContent: "{{a}}", InstanceId: nth(1), Parameters: `{"a":1}`}, true
		}
		return p.run(nil), false
	case "InvokeCommand":
		if change, ok := p.invokeProvocations()[code]; ok {
			return p.invoke(change), true
		}
		values := map[string]string{"ParameterType.NotSupported": `{"a":1}`, "InvalidParameter.Parameters": `["a"]`}
		if value, ok := values[code]; ok {
			return &rawInvoke{RegionId: labRegion, CommandId: p.shell, InstanceId: nth(1), Parameters: value}, true
		}
		return p.invoke(nil), false
	case "ModifyInvocationAttribute":
		if change, ok := p.modifyProvocations()[code]; ok {
			return p.modify(change), true
		}
		if code == "InvalidParameters.ValueTypeUnsupported" {
			return &rawModify{RegionId: labRegion, InvokeId: p.scheduled, Parameters: `{"a":1}`}, true
		}
		return p.modify(nil), false
	}
	if request, byItself, ok := p.managedRequest(action, code); ok {
		return request, byItself
	}
	regions := map[string]string{"MissingParameter.RegionId": "", "InvalidRegionId.NotFound": "cn-nowhere"}
	if region, ok := regions[code]; ok {
		return &assist.DescribeInvocationsRequest{RegionId: region}, true
	}
	return &assist.DescribeInvocationsRequest{RegionId: labRegion}, false
}

// rawRun is a RunCommand with Parameters of any form.
type rawRun struct{ RegionId, Type, CommandContent, InstanceId, Parameters string }

func (*rawRun) Action() string   { return "RunCommand" }
func (*rawRun) Repeatable() bool { return false }

// rawInvoke is an InvokeCommand with Parameters of any form.
type rawInvoke struct{ RegionId, CommandId, InstanceId, Parameters string }

func (*rawInvoke) Action() string   { return "InvokeCommand" }
func (*rawInvoke) Repeatable() bool { return false }
