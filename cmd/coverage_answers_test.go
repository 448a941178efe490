//go:build unix

package cmd

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/itchyny/gojq"

	"muster/pkg/assist"
	"muster/pkg/lab"
)

// TestCoverageAnswers checks that the lab sets each field of the responses, that muster prints it, and that each state in the
// documents, of either generation, occurs in the lab.
func TestCoverageAnswers(t *testing.T) {
	o := newObservedLab(t, 4)
	o.throughMuster()
	o.stops()
	o.breakdowns()
	o.document(0, "invocations")
	o.document(0, "invocations", "--page", "1")
	o.document(0, "results", "-i", nth(1))
	o.refusals()
	key := regexp.MustCompile(`^(\w+): (\.\S*)( \(.*\))?$`)
	eachRow(t, "Response fields", func(t *testing.T, c coverage, row coverageRow) {
		place := strings.TrimPrefix(row.Item, "Error: ")
		if !o.saw(c.Action, place) {
			t.Errorf("no answer to %s has %s", c.Action, place)
		}
		match := key.FindStringSubmatch(row.Where)
		if match == nil {
			t.Fatalf("%q: want the command and the key of its output", row.Where)
		}
		query, err := gojq.Parse(match[2])
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range o.printed[match[1]] {
			for results := query.Run(document); ; {
				value, ok := results.Next()
				if !ok {
					break
				}
				if err, failed := value.(error); failed {
					t.Fatal(err)
				}
				if value != nil && !reflect.ValueOf(value).IsZero() {
					return
				}
			}
		}
		t.Errorf("muster %s has never printed %s", match[1], match[2])
	})
	eachRow(t, "States", func(t *testing.T, _ coverage, row coverageRow) {
		if assist.ParseStatus(row.Value) == "" {
			t.Errorf("muster does not know %s", row.Value)
		}
		action, place, _ := strings.Cut(row.Place, ":")
		if !o.sawValue(action, place, row.Value) {
			t.Errorf("no answer to %s has %s=%s, but %v", action, place, row.Value, o.answered[action][place])
		}
	})
}

// throughMuster runs commands with muster, with each outcome that a script can have by itself, on the first and the second instance.
func (o *observedLab) throughMuster() {
	saved, err := o.client.CreateCommand(o.t.Context(), &assist.CreateCommandRequest{
		RegionId: labRegion, Name: "hello", Type: "RunShellScript", ContentEncoding: assist.PlainText, CommandContent: "echo hello",
	})
	if err != nil {
		o.t.Fatal(err)
	}
	both := nth(1) + "," + nth(2)
	o.document(0, "run", "-i", both, "--name", "greet", "-P", "name=you", "--", "echo hello {{name}}")
	o.document(3, "run", "-i", nth(1), "--working-dir", "/no/such/place", "--", "true")
	o.document(3, "run", "-i", both, "--", `case $(hostname) in *1) exit 3;; esac`)
	o.document(0, "run", "-i", nth(1), "--", "mkdir only")
	o.document(3, "run", "-i", both, "--working-dir", "only", "--", "true")
	o.document(3, "run", "-i", nth(1), "--timeout", "1", "--", "exec sleep 600")
	o.document(0, "invoke", saved.CommandId, "-i", nth(1))
	o.document(0, "run", "-i", nth(1), "--frequency", "rate(5m)", "--", "true")
	page, err := o.client.DescribeInvocations(o.t.Context(), &assist.DescribeInvocationsRequest{RegionId: labRegion, CommandName: "greet"})
	if err != nil || len(page.Invocations.Invocation) != 1 {
		o.t.Fatalf("%+v, %v", page, err)
	}
	o.describe(page.Invocations.Invocation[0].InvokeId)
}

// stops stops running and pending scripts on the third instance.
func (o *observedLab) stops() {
	running := o.submit(nil, "exec sleep 600", nth(3))
	o.untilAll(running, assist.StatusRunning)
	o.stop(running)
	o.untilAll(running, assist.StatusTerminated)

	// A child that keeps the output open delays the end of the script, so that its state Stopping can be observed.
	for !o.sawValue("DescribeInvocations", "Invocations.Invocation.InvocationStatus", "Stopping") {
		lingering := o.submit(nil, "sleep 600 & wait", nth(3))
		o.untilAll(lingering, assist.StatusRunning)
		o.stop(lingering)
		o.describe(lingering)
		o.untilAll(lingering, assist.StatusTerminated)
	}

	o.change(3, func(it *lab.Instance) { it.Online = false })
	waiting := o.submit(nil, "true", nth(3))
	o.untilAll(waiting, assist.StatusPending)
	o.stop(waiting)
	o.untilAll(waiting, assist.StatusCancelled)
}

// breakdowns stops the fourth instance while scripts are running and pending.
func (o *observedLab) breakdowns() {
	running := o.submit(nil, "exec sleep 600", nth(4))
	o.untilAll(running, assist.StatusRunning)
	o.change(4, func(it *lab.Instance) { it.Status = "Stopped" })
	o.untilAll(running, assist.StatusError)

	o.change(4, func(it *lab.Instance) { it.Status, it.Online = "Running", false })
	waiting := o.submit(nil, "true", nth(4))
	o.change(4, func(it *lab.Instance) { it.Status = "Stopped" })
	o.untilAll(waiting, assist.StatusAborted)
}

// refusals makes each action refuse once, and muster report it.
func (o *observedLab) refusals() {
	for _, request := range []assist.Request{new(assist.RunCommandRequest), new(assist.InvokeCommandRequest), new(assist.DescribeInvocationsRequest)} {
		if err := o.caller.Call(o.t.Context(), request, new(struct{})); err == nil {
			o.t.Errorf("%s without a region is no error", request.Action())
		}
	}
	o.document(64, "invocations", "--region", "cn-nowhere")
}
