package assist

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestResponsesRoundTrip(t *testing.T) {
	text := rapid.StringMatching(`[a-zA-Z0-9 <>&"'/é界-]*`)
	for action := range wires() {
		t.Run(action, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				want := wires()[action].response
				fill(t, reflect.ValueOf(want).Elem(), text)
				bytes, err := json.Marshal(want)
				if err != nil {
					t.Fatal(err)
				}
				got := wires()[action].response
				if err := json.Unmarshal(bytes, got); err != nil {
					t.Fatalf("%s: %v", bytes, err)
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("%s:\n%s", bytes, diff)
				}
			})
		})
	}
}

func TestFillLists(t *testing.T) {
	for action, wire := range wires() {
		FillLists(wire.response)
		text, err := json.Marshal(wire.response)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "null") {
			t.Errorf("%s: %s", action, text)
		}
	}
	var inner DescribeInstancesResponse
	inner.Instances.Instance = List[Instance]{{}}
	FillLists(&inner)
	text, err := json.Marshal(inner)
	if err != nil || strings.Contains(string(text), "null") {
		t.Errorf("an instance: %v %s", err, text)
	}
}

func TestResponseShapes(t *testing.T) {
	var invocations DescribeInvocationsResponse
	invocations.NextToken = "n"
	var results DescribeInvocationResultsResponse
	results.Invocation.NextToken = "n"
	results.Invocation.InvocationResults.InvocationResult = List[InvocationResult]{{ExitCode: 3}}
	agents := DescribeCloudAssistantStatusResponse{RequestId: "r"}
	agents.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus = List[InstanceCloudAssistantStatus]{{CloudAssistantStatus: "true"}}
	managed := DescribeManagedInstancesResponse{Instances: List[ManagedInstance]{{Connected: true, Tags: List[TagPair]{{"env", "prod"}}}, {}}}
	tests := []struct {
		name     string
		response any
		path     []any
		want     any
	}{
		{"invocations: token at the top", &invocations, []any{"NextToken"}, "n"},
		{"invocations: empty list", &invocations, []any{"Invocations", "Invocation"}, []any{}},
		{"results: nested token", &results, []any{"Invocation", "NextToken"}, "n"},
		{"results: nothing at the top", &results, []any{"NextToken"}, nil},
		{"results: nested list", &results, []any{"Invocation", "InvocationResults", "InvocationResult", 0, "ExitCode"}, 3.0},
		{"managed instances: a bare list", &managed, []any{"Instances", 0, "Connected"}, true},
		{"managed instances: a bare list of tags", &managed, []any{"Instances", 0, "Tags", 0, "TagKey"}, "env"},
		{"managed instances: no tags", &managed, []any{"Instances", 1, "Tags"}, []any{}},
		{"agents: the set's name", &agents, []any{"InstanceCloudAssistantStatusSet", "InstanceCloudAssistantStatus", 0, "CloudAssistantStatus"}, "true"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			FillLists(test.response)
			text, err := json.Marshal(test.response)
			if err != nil {
				t.Fatal(err)
			}
			var got any
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			for _, step := range test.path {
				switch step := step.(type) {
				case string:
					got = got.(map[string]any)[step]
				case int:
					got = got.([]any)[step]
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s\n%s", diff, text)
			}
		})
	}
}
