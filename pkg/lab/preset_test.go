//go:build unix

package lab

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

const presetFile = `
groups: [{name: web, count: 3}]
commands:
  - {id: c-deploy, name: deploy, content: ./deploy.sh, timeout: 5s, working_dir: /srv, tags: {team: a}}
invocations:
  - id: t-failed
    command: deploy
    instances: web
    created: 2h ago
    output: done
    results:
      - {instances: web-003, exit: 2, output: disk full, started: 1h ago, finished: 30m}
  - id: t-nightly
    command: c-deploy
    instances: [web-001, i-lab00002]
    frequency: rate(1h)
    results: [{instances: web-001, repeats: 4, exit: 3, output_base64: /wA=}]
  - {id: t-late, content: sleep 9, name: late, instances: web-001, timeout: 20s, status: Timeout, created: 1d ago}
  - {id: t-lost, content: x, instances: web-002, error_code: DeliveryTimeout, created: 1h ago}
  - {id: t-stopped, content: x, instances: web-002, status: Terminated, created: 1h ago}
`

// TestPreset starts labs with commands and invocations of a fleet file, without a data directory, with one, and again with that one.
func TestPreset(t *testing.T) {
	file, err := readFleetText(presetFile)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"t-nightly web-001 Scheduled 3 4 c-deploy \xff\x00", "t-nightly web-002 Scheduled 0 0 c-deploy ",
		"t-stopped web-002 Terminated 0 1  ",
		"t-lost web-002 Aborted 0 0 DeliveryTimeout ",
		"t-failed web-001 Success 0 1 c-deploy done", "t-failed web-002 Success 0 1 c-deploy done", "t-failed web-003 Failed 2 1 c-deploy disk full",
		"t-late web-001 Timeout 1 1 ExecutionTimeout ",
	}
	data := t.TempDir()
	for _, o := range []Options{{}, {Data: data}, {Data: data, Kept: LeaveKept}} {
		o.Region, o.Instances, o.Preset = file.Region, file.Instances, file.Preset
		l, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if got := presetRows(l); !cmp.Equal(got, want) {
			t.Errorf("data directory %q:\n%s", o.Data, cmp.Diff(want, got))
		}
		if n := len(l.own.store.inOrder); n != 1 || l.own.store.inOrder[0].invoked != 2 || l.own.store.inOrder[0].busy != 2 {
			t.Errorf("data directory %q: %d commands, %+v", o.Data, n, l.own.store.inOrder[0])
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestPresetRepeats checks that a scheduled invocation of a fleet file runs on from the start of the lab.
func TestPresetRepeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file, err := readFleetText("groups: [{name: web, simulate: 1s}]\ninvocations: [{id: t-x, content: x, instances: web, created: 3m, frequency: rate(2m), repeats: 1}]")
		if err != nil {
			t.Fatal(err)
		}
		l := newLab(t, Options{Instances: file.Instances, Preset: file.Preset})
		for _, want := range []int64{1, 2, 2, 3} { // it is due after one minute, and then after three
			r, ok := l.own.store.invocation("t-x")
			if !ok || r.Tasks[0].Repeats != want || r.Tasks[0].Status != assist.StatusScheduled {
				t.Errorf("after %s: want %d runs, got %+v", time.Since(file.Preset.invocations[0].Created), want, r.Tasks[0])
			}
			<-time.After(65 * time.Second)
		}
	})
}

func presetRows(l *Lab) []string {
	var rows []string
	for e := range l.own.store.newest(1<<60, indexKey{}) {
		r := l.own.store.read(e)
		for _, t := range r.Tasks {
			code := t.ErrorCode
			if r.Command.CommandId == "c-deploy" {
				code = r.Command.CommandId
			}
			name := l.own.inventory.byID[t.InstanceId].get().InstanceName
			rows = append(rows, fmt.Sprint(r.InvokeId, " ", name, " ", t.Status, " ", t.ExitCode, " ", t.Repeats, " ", code, " ", string(t.Output)))
		}
	}
	return rows
}

func TestPresetErrors(t *testing.T) {
	head := "groups: [{name: web, count: 3}, {name: desk, os: windows}, {name: old, agent: 1.0.0.1}]\n"
	for text, want := range map[string]string{
		"commands: {}":                  "2: commands: want a list",
		"commands:\n- {content: x}":     `3: commands: MissingParameter.Name: The input parameter "Name" that is mandatory for processing this request is not supplied.`,
		"commands:\n- {nam: x}":         `3: commands: unknown key "nam": did you mean name?`,
		"commands:\n- {id: x}":          `3: commands: id: "x": want an id such as c-backup`,
		"commands:\n- {type: RunShell}": `3: commands: type: "RunShell": want RunShellScript or RunBatScript or RunPowerShellScript`,
		"commands:\n- {id: c-a, name: a, content: a}\n- {id: c-a, name: a, content: a}":                                `4: commands: id: duplicate id "c-a", already used in line 3`,
		"commands:\n- name: a\n  content: a\n  content_base64: YQ==":                                                   "5: commands: content_base64: not allowed together with content",
		"commands:\n- {name: a, content_base64: '*'}":                                                                  "3: commands: content_base64: want Base64",
		"commands:\n- {name: a, content: a, timeout: 1500ms}":                                                          `3: commands: timeout: "1500ms": want whole seconds, at least one`,
		"commands:\n- {name: a, content: a}\n- {name: a, content: a}\ninvocations: [{command: a, instances: web}]":     `5: invocations: command: "a": several commands have this name: want an id`,
		"commands:\n- {name: a, content: a, created: 1h}\ninvocations:\n- command: a\n  instances: web\n  created: 2h": "7: invocations: created: the invocation is older than its command, which was created at",
		"commands:\n- {name: deploy, content: a}\ninvocations:\n- {command: delpoy, instances: web}":                   `5: invocations: command: "delpoy": no such command in commands: did you mean deploy?`,
		"commands:\n- {name: a, content: a}\ninvocations:\n- {command: a, content: a, instances: web}":                 "5: invocations: content: not allowed together with command",
		"invocations:\n- {instances: web}":                                                                             "3: invocations: the invocation has neither command nor content",
		"invocations:\n- {content: x}":                                                                                 "3: invocations: instances: missing",
		"invocations:\n- {content: x, instances: wbe}":                                                                 `3: invocations: instances: "wbe": the file has no such instance or group: did you mean`,
		"invocations:\n- {content: x, instances: web-004}":                                                             `3: invocations: instances: "web-004": the file has no such instance or group: did you mean web-001?`,
		"invocations:\n- {content: x, instances: []}":                                                                  "3: invocations: instances: want at least one instance",
		"invocations:\n- {content: x, instances: [web, web-001]}":                                                      `3: invocations: instances: "web-001": i-lab00001 is named twice`,
		"invocations:\n- {content: x, instances: desk}":                                                                "3: invocations: instances: i-lab00004 is windows, and the command RunShellScript",
		"invocations:\n- {content: x, instances: web, status: Succss}":                                                 `3: invocations: status: "Succss": did you mean Success?`,
		"invocations:\n- {content: x, instances: web, status: Running}":                                                `3: invocations: status: "Running": want Success or Failed or Timeout or Error or Aborted or Invalid or Cancelled or Terminated or Scheduled`,
		"invocations:\n- content: x\n  instances: web\n  status: Success\n  exit: 3":                                   "6: invocations: exit: Success has exit code 0, not 3",
		"invocations:\n- {content: x, instances: web, status: Failed, exit: 0}":                                        "3: invocations: exit: Failed has an exit code other than 0",
		"invocations:\n- {content: x, instances: web, status: Cancelled, output: x}":                                   "3: invocations: output: not allowed for a task that is Cancelled",
		"invocations:\n- {content: x, instances: web, status: Error}":                                                  "3: invocations: status: Error needs an error_code",
		"invocations:\n- {content: x, instances: web, error_code: DeliveryTimeot}":                                     "3: invocations: error_code: unknown code DeliveryTimeot: did you mean DeliveryTimeout?",
		"invocations:\n- {content: x, instances: web, status: Failed, error_code: DeliveryTimeout}":                    "3: invocations: error_code: DeliveryTimeout makes a task Aborted, not Failed",
		"invocations:\n- {content: x, instances: web, status: Scheduled}":                                              "3: invocations: status: Scheduled needs a frequency",
		"invocations:\n- {content: x, instances: web, frequency: rate(1h), status: Success}":                           "3: invocations: an invocation with a frequency is Scheduled or Cancelled, not Success",
		"invocations:\n- {content: x, instances: web, frequency: rate(1h), exit: 2}":                                   "3: invocations: exit: not allowed for a task that is Scheduled and has not run: want repeats",
		"invocations:\n- {content: x, instances: web, repeats: 2}":                                                     "3: invocations: repeats: not allowed for a task that is Success",
		"invocations:\n- {content: x, instances: web, started: 3h, created: 2h}":                                       "3: invocations: started: before the invocation was created",
		"invocations:\n- {content: x, instances: web, started: 1h, finished: 90m, created: 2h}":                        "3: invocations: finished: before started",
		"invocations:\n- {content: x, instances: web, created: yesterday}":                                             `3: invocations: created: "yesterday": want a time such as 2026-11-28T10:00:00Z, or 2h ago`,
		"invocations:\n- {content: x, instances: web, created: 31d ago}":                                               `3: invocations: created: the invocation ended more than 30 days ago: the service forgets such results`,
		"invocations:\n- {content: x, instances: web, created: '2999-01-01T00:00:00Z'}":                                `3: invocations: created: "2999-01-01T00:00:00Z" is in the future`,
		"invocations:\n- {content: x, instances: web, status: Timeout, created: 5s}":                                   "3: invocations: finished would be in the future: want an earlier created or started",
		"invocations:\n- {content: x, instances: web, output: " + strings.Repeat("x", 24577) + "}":                     "3: invocations: output: 24577 bytes: an output has at most 24576",
		"invocations:\n- {content: x, instances: web, error_info: y}":                                                  "3: invocations: error_info: only allowed together with error_code",
		"invocations:\n- {content: x, instances: web, error_code: ClientNotRunning, stopped: 1s}":                      "3: invocations: stopped: not allowed for a task that is Aborted",
		"invocations:\n- {content: x, instances: web, created: 1h, updated: 2h}":                                       "3: invocations: updated: before the invocation was created",
		"commands: [{name: a, content: a}]\ninvocations:\n- {command: a, command_id: c-x, instances: web}":             "4: invocations: command_id: not allowed together with command",
		"invocations:\n- content: x\n  instances: web-001\n  results:\n  - {instances: web-002}":                       "6: invocations: results: instances: the invocation is not on i-lab00002",
		"invocations:\n- content: x\n  instances: web\n  results:\n  - {instances: web-002}\n  - {instances: web}":     "7: invocations: results: instances: i-lab00002 has a result already",
		"invocations:\n- content: x\n  instances: web\n  results:\n  - {exit: 2}":                                      "6: invocations: results: instances: missing",
	} {
		_, err := readFleetText(head + text)
		if err == nil || !strings.HasPrefix(err.Error(), "f.yaml:"+want) {
			t.Errorf("%.90q:\n%v\nwant\nf.yaml:%s", text, err, want)
		}
	}
}

// TestPresetAliases checks that aliases cannot make a small file fill the memory.
func TestPresetAliases(t *testing.T) {
	var text strings.Builder
	text.WriteString("groups: [{name: web}]\ninvocations:\n- &a {content: &c '" + strings.Repeat("x", 10_000) + "', output: *c, instances: web}\n")
	for range 5_000 {
		text.WriteString("- *a\n")
	}
	_, err := readFleetText(text.String())
	if err == nil || !strings.Contains(err.Error(), "scripts and outputs of more than 64 MiB: aliases repeat them too often") {
		t.Error(err)
	}
}
