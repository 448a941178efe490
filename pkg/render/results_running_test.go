package render

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"muster/pkg/assist"
)

func TestResultsOfRunningInstances(t *testing.T) {
	output := base64.StdEncoding.EncodeToString([]byte("so far\n"))
	document := NewResults([]assist.InvocationResult{
		{InvokeId: "t-1", InstanceId: "i-1", InvocationStatus: "Running", InvokeRecordStatus: "Running", Output: output},
		{InvokeId: "t-1", InstanceId: "i-2", InvocationStatus: "Running", InvokeRecordStatus: "Running", Output: output},
	}, nil)
	if text := formatted(t, Table, document); !strings.Contains(text, "==> i-[1-2] (2 instances): running <==\n") {
		t.Errorf("no heading with the status: %s", text)
	}
	var read struct{ InvocationResults []map[string]any }
	if err := json.Unmarshal([]byte(formatted(t, JSON, document)), &read); err != nil {
		t.Fatal(err)
	}
	for _, result := range read.InvocationResults {
		if code, ok := result["ExitCode"]; !ok || code != nil {
			t.Errorf("the exit code is %v, want null", code)
		}
	}
	if text := formatted(t, CSV, document); strings.Contains(text, ",Running,,0,") {
		t.Errorf("a running instance has an exit code: %s", text)
	}
}
