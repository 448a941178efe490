package cmd

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"muster/pkg/lab"
)

// TestCoverageExits checks how muster reports a refusal of the service: with the exit code in the data, and with the error code.
func TestCoverageExits(t *testing.T) {
	p := newProvoker(t)
	exits := regexp.MustCompile(`exit (\d+), with code`)
	eachRow(t, "Error codes", func(t *testing.T, c coverage, row coverageRow) {
		match := exits.FindStringSubmatch(row.Where)
		if match == nil || strings.Contains(row.Where, "retries") {
			return
		}
		args := p.refusedLine(c.Action, row.Item)
		if strings.HasPrefix(row.Lab, "by a fault:") {
			p.fault(t, c.Action, row.Item)
		}
		code, err := strconv.Atoi(match[1])
		if err != nil {
			t.Fatal(err)
		}
		stdout, stderr := p.muster(code, args...)
		if !strings.Contains(stdout+stderr, row.Item) {
			t.Errorf("muster %q does not report the code: %s%s", args, stdout, stderr)
		}
	})
	if n := len(p.Executions()); n != p.executed {
		t.Errorf("%d scripts were executed", n-p.executed)
	}
}

// refusedLine returns a command line whose call the lab refuses with a code without a fault.
func (p *provoker) refusedLine(action, code string) []string {
	name, target, flags := "run", nth(1), []string{}
	command, script := []string{}, []string{"--", "true"}
	if action != "RunCommand" {
		name, command, script = "invoke", []string{p.shell}, nil
	}
	tagged := func(tag string) []string {
		return append(append(append([]string{name}, command...), "--server-side-tags", "--tag", tag), script...)
	}
	switch code {
	case "InvalidResourceTag.InstanceNotFound":
		return tagged("env=nowhere")
	case "InstanceIds.ExceedLimit":
		return tagged("env=lab")
	case "InvalidInstance.NotVpc":
		target = nth(4)
	case "IdempotentParameterMismatch":
		flags = []string{"--client-token", "used"}
	case "InvalidRegionId.NotFound":
		flags = []string{"--region", "cn-nowhere"}
	case "InvalidOssOutputDelivery.BucketNotFound":
		flags = []string{"--oss-output-delivery", "oss://bucket/x"}
	case "ParameterStore.NotSupported":
		if action == "RunCommand" {
			flags, script = []string{"--enable-parameter"}, []string{"--", "echo {{oos:name}}"}
		} else {
			command = []string{p.store}
		}
	}
	if action == "ModifyInvocationAttribute" {
		return append(append([]string{"schedule", "edit", p.scheduled}, flags...), "--", "echo changed")
	}
	if line := p.managedLine(action, code); line != nil {
		return append(line, flags...)
	}
	if action == "DescribeInvocations" {
		return append([]string{"invocations"}, flags...)
	}
	return append(append(append(append([]string{name}, command...), "-i", target), flags...), script...)
}

// TestCoveragePermission checks the report of a call that the account may not make.
func TestCoveragePermission(t *testing.T) {
	p := newProvoker(t)
	for _, action := range []string{"RunCommand", "InvokeCommand", "DescribeInvocations"} {
		fault := lab.Fault{Action: action, Code: "Forbidden.RAM", Times: 1}
		if err := p.SetFaults([]lab.Fault{fault}); err != nil {
			t.Fatal(err)
		}
		_, stderr := p.muster(exitDenied, p.refusedLine(action, fault.Code)...)
		if !strings.Contains(stderr, action+": Forbidden.RAM: ") {
			t.Errorf("%s: %s", action, stderr)
		}
	}
}
