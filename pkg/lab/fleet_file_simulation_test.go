//go:build unix

package lab

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestSimulationInFleetFile(t *testing.T) {
	seed := uint64(7)
	for text, want := range map[string]*Simulation{
		"2s": {Duration: Distribution{Least: 2 * time.Second, Most: 2 * time.Second}},
		"{}": {},
		"{duration: {least: 1s, most: 5s}, exit: 3}": {
			Duration: Distribution{Least: time.Second, Most: 5 * time.Second}, Exit: []ExitShare{{3, 100}},
		},
		"{duration: {median: 2s, p99: 30s}, exit: {137: 0.5%, 0: 99.5%}, output: 24KB, text: 'on {{ACS::InstanceName}}', seed: 7}": {
			Duration: Distribution{Median: 2 * time.Second, P99: 30 * time.Second}, Exit: []ExitShare{{137, 0.5}, {0, 99.5}},
			Size: 24 << 10, Text: "on {{ACS::InstanceName}}", Seed: &seed,
		},
		"{output: 100}": {Size: 100},
	} {
		file, err := readFleetText("groups: [{name: a, count: 2, simulate: " + text + "}, {name: b}]")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := file.Instances[1].Simulation; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
		if file.Instances[2].Simulation != nil {
			t.Errorf("%s: the other group is simulated too", text)
		}
		if flag, err := ParseSimulation(text); err != nil || !reflect.DeepEqual(flag, want) {
			t.Errorf("--simulate %s: %+v, %v", text, flag, err)
		}
	}
}

func TestSimulationErrors(t *testing.T) {
	const syntax = "want a duration, {least: 1s, most: 5s} or {median: 2s, p99: 30s}, with the smaller value first"
	for text, want := range map[string]string{
		"soon":                                       `"soon": want a duration such as 20ms, at most 1d`,
		"25h":                                        `"25h": want a duration such as 20ms, at most 1d`,
		"[2s]":                                       "want a map with the keys duration, exit, output, seed, text",
		"{time: 2s}":                                 `unknown key "time": want duration, exit, output, seed, text`,
		"{duration: -1s}":                            `duration: "-1s": want a duration such as 20ms, at most 1d`,
		"{duration: {least: 5s, most: 1s}}":          "duration: " + syntax,
		"{duration: {median: 5s, p99: 1s}}":          "duration: " + syntax,
		"{duration: {median: 0s, p99: 1s}}":          "duration: " + syntax,
		"{duration: {least: 1s, p99: 5s}}":           "duration: " + syntax,
		"{duration: {most: 5s}}":                     "duration: " + syntax,
		"{duration: {least: 1s, most: x}}":           `duration: most: "x": want a duration such as 20ms, at most 1d`,
		"{exit: 256}":                                `exit: "256": want a number from 0 to 255`,
		"{exit: {0: 97%}}":                           "exit: the shares add up to 97%, want 100%",
		"{exit: {}}":                                 "exit: the shares add up to 0%, want 100%",
		"{exit: {0: 60%, 1: 60%}}":                   "exit: the shares add up to 120%, want 100%",
		"{exit: {0: 0.97, 1: 0.03}}":                 `exit: "0.97": want a share such as 2% or 0.5%`,
		"{exit: {0: 50%, 00: 50%}}":                  "exit: duplicate exit code 0",
		"{exit: {ok: 100%}}":                         `exit: "ok": want a number from 0 to 255`,
		"{output: 25KB}":                             `output: "25KB": want a size such as 1KB, at most 24KB`,
		"{output: 1MB}":                              `output: "1MB": want a size such as 1KB, at most 24KB`,
		"{text: '{{ACS::Nothing}}'}":                 "text: unknown parameter ACS::Nothing: want ACS::RegionId, ACS::AccountId, ACS::InstanceId, ACS::InstanceName, ACS::InvokeId, ACS::CommandId",
		"{text: [a]}":                                "text: want a single value",
		"{text: " + strings.Repeat("x", 24577) + "}": "text: the text has 24577 bytes, want at most 24576",
		"{seed: -1}":                                 `seed: "-1": want a number of at least 0`,
	} {
		_, err := readFleetText("groups:\n- name: a\n  simulate: " + text)
		if got := fmt.Sprint(err); got != "f.yaml:3: groups: simulate: "+want {
			t.Errorf("%.60s:\n%s\nwant\n%s", text, got, want)
		}
		if _, err := ParseSimulation(text); fmt.Sprint(err) != want {
			t.Errorf("--simulate %.60s:\n%v\nwant\n%s", text, err, want)
		}
	}
	if _, err := ParseSimulation(""); err == nil {
		t.Error("an empty text is accepted")
	}
}
