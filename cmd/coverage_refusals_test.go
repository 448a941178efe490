package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refusal is a command line that muster refuses as the service would, or the reason why none can say it.
type refusal struct {
	args []string
	says string // text of muster's own, if it is clearer for a command line than the code's
}

// TestCoverageRefusals checks that muster exits with 64, or with 1 for an id that does not exist, wherever the data say so, names
// the mistake, and sends nothing.
func TestCoverageRefusals(t *testing.T) {
	p := newProvoker(t)
	tables := map[string]map[string]refusal{
		"RunCommand": runRefusals(t), "InvokeCommand": p.invokeRefusals(t), "ModifyInvocationAttribute": p.modifyRefusals(t),
		"CreateActivation": activationRefusals(), "ModifyManagedInstance": p.renameRefusals(),
		"DescribeInvocations": {"MissingParameter.RegionId": {[]string{"invocations"}, "no region"}},
	}
	region := p.env["ALIBABA_CLOUD_REGION_ID"]
	eachRow(t, "Error codes", func(t *testing.T, c coverage, row coverageRow) {
		refused, ok := tables[c.Action][row.Item]
		code := exitUsage
		if strings.Contains(row.Where, "exit 1, nothing is sent") { // for an id that does not exist
			code = exitFailed
		}
		if says := strings.HasSuffix(row.Where, ", nothing is sent"); says != ok {
			t.Fatalf("a command line is refused for it: %v, and the data say: %s", ok, row.Where)
		}
		if !ok {
			return
		}
		p.env["ALIBABA_CLOUD_REGION_ID"] = region
		if row.Item == "MissingParameter.RegionId" {
			delete(p.env, "ALIBABA_CLOUD_REGION_ID")
		}
		before := p.Calls()
		stdout, stderr := p.muster(code, refused.args...)
		says := refused.says
		if says == "" {
			says = row.Item
		}
		if stdout != "" || !strings.Contains(stderr, says) {
			t.Errorf("muster %q: want %q in %s%s", refused.args, says, stdout, stderr)
		}
		for _, action := range []string{"RunCommand", "InvokeCommand", "DescribeInvocations", "ModifyInvocationAttribute", "CreateActivation", "ModifyManagedInstance"} {
			if n := p.Calls()[action]; n != before[action] {
				t.Errorf("muster %q: %d calls of %s", refused.args, n-before[action], action)
			}
		}
	})
	if n := len(p.Executions()); n != p.executed {
		t.Errorf("%d scripts were executed", n-p.executed)
	}
}

// repeated returns a flag with numbered values.
func repeated(n int, flag, format string) []string {
	var args []string
	for i := range n {
		args = append(args, flag, strings.ReplaceAll(format, "N", string(rune('a'+i))))
	}
	return args
}

func runRefusals(t *testing.T) map[string]refusal {
	t.Helper()
	long := filepath.Join(t.TempDir(), "long.sh")
	if err := os.WriteFile(long, []byte(strings.Repeat("#", 20_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	x := func(n int) string { return strings.Repeat("x", n) }
	run := func(script string, flags ...string) refusal {
		return refusal{args: append(append([]string{"run", "-i", nth(1)}, flags...), "--", script)}
	}
	tagged := func(flags ...string) refusal {
		return refusal{args: append(append([]string{"run", "--server-side-tags"}, flags...), "--", "true")}
	}
	own := func(r refusal, says string) refusal { return refusal{r.args, says} }
	return map[string]refusal{
		"MissingParam.InstanceId":                    {[]string{"run", "--", "true"}, "no instances chosen"},
		"NumberExceed.Tags":                          run("true", repeated(21, "--task-tag", "N=1")...),
		"InvalidTagValue.Malformed":                  run("true", "--task-tag", "a=http://x"),
		"Duplicate.TagKey":                           run("true", "--task-tag", "a=1", "--task-tag", "a=2"),
		"InvalidTagKey.Malformed":                    run("true", "--task-tag", "acs:a=1"),
		"MissingParameter.TagKey":                    own(run("true", "--task-tag", "=1"), "want KEY=VALUE"),
		"InvalidContainerId.Malformed":               run("true", "--container-id", "web"),
		"InvalidContainerName.Malformed":             run("true", "--container-name", "-web"),
		"InvalidClientToken.Malformed":               run("true", "--client-token", "é"),
		"CmdParam.EmptyKey":                          run("echo {{}}", "--enable-parameter"),
		"CmdParam.InvalidParamName":                  run("echo {{a.b}}", "--enable-parameter"),
		"CmdContent.DecodeError":                     own(run("a", "--content-encoding", "Base64"), "is not in Base64"),
		"MissingParam.Frequency":                     run("true", "--repeat", "Period"),
		"InvalidParam.Frequency":                     run("true", "--frequency", "rate(59s)"),
		"ParameterKey.Duplicate":                     own(run("{{a}}", "-P", "a=1", "-P", "A=2"), "given twice"),
		"Parameter.NotMatched":                       run("{{a}}", "-P", "b=1"),
		"WindowsPasswordName.Missed":                 run("echo", "--type", "bat", "--username", "web"),
		"InvalidParameter.WorkingDir":                run("true", "--working-dir", "/"+x(200)),
		"NumberExceed.ResourceTags":                  tagged(repeated(11, "--tag", "N=1")...),
		"MissingParameter.ResourceTagKey":            own(tagged("--tag", "=1"), "want a tag"),
		"InvalidResourceTagKey.Malformed":            tagged("--tag", "aliyun=1"),
		"InvalidResourceTagValue.Malformed":          tagged("--tag", "a=https://x"),
		"Duplicate.ResourceTagKey":                   tagged("--tag", "a=1", "--tag", "a=2"),
		"InvalidResourceTag.ConflictWithInstanceIds": own(tagged("--tag", "a=1", "-i", nth(1)), "needs -t KEY=VALUE and no other selection"),
		"CmdContent.ExceedLimit":                     {[]string{"run", "-i", nth(1), "-f", long}, "is too long"},
		"CmdName.ExceedLimit":                        run("true", "--name", x(129)),
		"CmdDesc.ExceedLimit":                        run("true", "--description", x(513)),
		"CmdParamCount.ExceedLimit":                  run(placeholders(21), "--enable-parameter"),
		"CmdParamName.ExceedLimit":                   run("{{"+x(65)+"}}", "--enable-parameter"),
		"ParameterCount.ExceedLimit":                 run("true", repeated(11, "--param", "N=1")...),
		"ParameterKey.ExceedLimit":                   run("true", "--param", x(65)+"=1"),
		"Username.ExceedLimit":                       run("true", "--username", x(256)),
		"WindowsPasswordName.ExceedLimit":            run("true", "--windows-password-name", x(256)),
		"InvalidCmdType.NotFound":                    own(run("true", "--type", "perl"), "--type"),
		"InvalidRepeatMode.NotFound":                 run("true", "--repeat", "Twice"),
		"InvalidInstance.NotFound":                   {[]string{"run", "-i", "i-nobody", "--", "true"}, "-i i-nobody: there is no such instance"},
		"InvalidInstance.NotMatch":                   {[]string{"run", "-i", nth(5), "--", "true"}, "CommandNotApplicable"},
	}
}

func (p *provoker) invokeRefusals(t *testing.T) map[string]refusal {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "binary")
	if err := os.WriteFile(binary, []byte{0}, 0o600); err != nil {
		t.Fatal(err)
	}
	x := func(n int) string { return strings.Repeat("x", n) }
	invoke := func(flags ...string) refusal {
		return refusal{args: append([]string{"invoke", p.shell, "-i", nth(1)}, flags...)}
	}
	tagged := func(flags ...string) refusal {
		return refusal{args: append([]string{"invoke", p.shell, "--server-side-tags"}, flags...)}
	}
	own := func(r refusal, says string) refusal { return refusal{r.args, says} }
	other := func(command string, flags ...string) refusal {
		return refusal{args: append([]string{"invoke", command, "-i", nth(1)}, flags...)}
	}
	on := func(n int, says string) refusal { return refusal{[]string{"invoke", p.shell, "-i", nth(n)}, says} }
	noInstances := refusal{[]string{"invoke", p.shell}, "no instances chosen"}
	return map[string]refusal{
		"InvalidParameter.WorkingDir":                 invoke("--working-dir", "/"+x(200)),
		"MissingParam.InstanceId":                     noInstances,
		"MissingParameter.InstanceIds":                noInstances,
		"InvalidContainerId.Malformed":                invoke("--container-id", "web"),
		"InvalidContainerName.Malformed":              invoke("--container-name", "-web"),
		"InvalidClientToken.Malformed":                invoke("--client-token", x(65)),
		"MissingParam.Frequency":                      invoke("--repeat", "Period"),
		"InvalidParam.Frequency":                      invoke("--frequency", "0 0 25 * * ?"),
		"Parameter.Disabled":                          other(p.plain, "-P", "a=1"),
		"NumberExceed.ResourceTags":                   tagged(repeated(11, "--tag", "N=1")...),
		"MissingParameter.ResourceTagKey":             own(tagged("--tag", "=1"), "want a tag"),
		"InvalidResourceTagKey.Malformed":             tagged("--tag", "acs:a=1"),
		"InvalidResourceTagValue.Malformed":           tagged("--tag", "a="+x(129)),
		"Duplicate.ResourceTagKey":                    tagged("--tag", "a=1", "--tag", "a=2"),
		"InvalidResourceTag.ConflictWithInstanceIds":  own(tagged("--tag", "a=1", "-i", nth(1)), "needs -t KEY=VALUE and no other selection"),
		"InvalidParameter.OssOutputDelivery":          invoke("--oss-output-delivery", "s3://bucket"),
		"InvalidOssOutputDelivery.KeyPrefixMalformed": invoke("--oss-output-delivery", "oss://bucket//x"),
		"ParameterCount.ExceedLimit":                  invoke(repeated(11, "--param", "N=1")...),
		"ParameterKey.ExceedLimit":                    invoke("--param", x(65)+"=1"),
		"CmdContent.ExceedLimit":                      other(p.long, "-P", "a="+x(1000)),
		"ParameterKey.Duplicate":                      own(invoke("-P", "a=1", "-P", "A=2"), "given twice"),
		"Parameter.NotMatched":                        invoke("-P", "c=1"),
		"Username.ExceedLimit":                        invoke("--username", x(256)),
		"WindowsPasswordName.ExceedLimit":             invoke("--windows-password-name", x(256)),
		"WindowsPasswordName.Missed":                  other(p.bat, "--username", "web"),
		"InvalidLauncher.LengthLimitExceeded":         invoke("--launcher", x(1025)),
		"InvalidParameterCharset.Parameters":          invoke("-P", "a=@"+binary),
		"InvalidRepeatMode.NotFound":                  invoke("--repeat", "Twice"),
		"InvalidTerminationMode.NotFound":             invoke("--termination-mode", "Thread"),
		"InvalidInstance.NotFound":                    {[]string{"invoke", p.shell, "-i", "i-nobody"}, "-i i-nobody: there is no such instance"},
		"InvalidCmdId.NotFound":                       own(other("c-none"), "there is no saved command c-none"),
		"InvalidInstance.NotMatch":                    on(5, "CommandNotApplicable"),
		"InvalidInstance.NoClient":                    on(3, "cannot run it"),
		"InvalidInstanceStatus":                       on(2, "InstanceNotRunning"),
		"MissingParameter.CommandId":                  {[]string{"invoke", "-i", nth(1)}, "want the id or the name of one saved command"},
		"MissingParameter.RegionId":                   {invoke().args, "no region"},
	}
}
