package assist

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// validatable is a request that is validated with the default limits.
type validatable interface{ validate() error }

type (
	run    struct{ RunCommandRequest }
	invoke struct{ InvokeCommandRequest }
	create struct{ CreateCommandRequest }
	send   struct{ SendFileRequest }
	modify struct{ ModifyCommandRequest }
	saved  struct {
		InvokeCommandRequest
		command Command
	}
	scheduled struct {
		ModifyInvocationAttributeRequest
	}
	matched struct {
		ModifyInvocationAttributeRequest
		invocation Invocation
	}
	// plain is a request without limits.
	plain struct{ request interface{ Validate() error } }
)

func (r run) validate() error    { return r.Validate(DefaultLimits()) }
func (r invoke) validate() error { return r.Validate(DefaultLimits()) }
func (r create) validate() error { return r.Validate() }
func (r send) validate() error   { return r.Validate(DefaultLimits()) }
func (r modify) validate() error { return r.Validate() }
func (r saved) validate() error  { return r.ValidateWith(&r.command) }

func (r scheduled) validate() error { return r.Validate(DefaultLimits()) }
func (r matched) validate() error   { return r.ValidateWith(&r.invocation, DefaultLimits()) }

func (r plain) validate() error { return r.request.Validate() }

// running and the functions below return a valid request with a change.
func running(change func(r *RunCommandRequest)) validatable {
	r := RunCommandRequest{RegionId: "cn-hangzhou", Type: "RunShellScript", CommandContent: "uptime", InstanceId: []string{"i-1"}}
	change(&r)
	return run{r}
}

func invoking(change func(r *InvokeCommandRequest)) validatable {
	r := InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: "c-1", InstanceId: []string{"i-1"}}
	change(&r)
	return invoke{r}
}

func sending(change func(r *SendFileRequest)) validatable {
	r := SendFileRequest{RegionId: "cn-hangzhou", Name: "app.conf", TargetDir: "/etc", Content: "x", InstanceId: []string{"i-1"}}
	change(&r)
	return send{r}
}

func rescheduling(change func(r *ModifyInvocationAttributeRequest)) validatable {
	r := ModifyInvocationAttributeRequest{RegionId: "cn-hangzhou", InvokeId: "t-1"}
	change(&r)
	return scheduled{r}
}

// reschedulingOne is like rescheduling, with the invocation.
func reschedulingOne(change func(r *ModifyInvocationAttributeRequest, inv *Invocation)) validatable {
	r := ModifyInvocationAttributeRequest{RegionId: "cn-hangzhou", InvokeId: "t-1"}
	inv := Invocation{RepeatMode: "Period", InvocationStatus: "Scheduled", Timeout: 60, CommandContent: "echo {{a}}"}
	inv.InvokeInstances.InvokeInstance = []InvokeInstance{{InstanceId: "i-1"}}
	change(&r, &inv)
	return matched{r, inv}
}

func activating(change func(r *CreateActivationRequest)) validatable {
	r := CreateActivationRequest{RegionId: "cn-hangzhou", InstanceName: "web", Description: "hosts of the factory", InstanceCount: 1000, IpAddressRange: "2001:db8::/32"}
	change(&r)
	return plain{&r}
}

func renaming(name string) validatable {
	return plain{&ModifyManagedInstanceRequest{RegionId: "cn-hangzhou", InstanceId: "mi-1", InstanceName: name}}
}

func modifying(change func(r *ModifyCommandRequest)) validatable {
	r := ModifyCommandRequest{RegionId: "cn-hangzhou", CommandId: "c-1"}
	change(&r)
	return modify{r}
}

func assuming(change func(r *AssumeRoleRequest)) validatable {
	r := AssumeRoleRequest{RoleArn: "acs:ram::1234567890123456:role/deploy", RoleSessionName: "muster"}
	change(&r)
	return plain{&r}
}

func assumingWithOIDC(change func(r *AssumeRoleWithOIDCRequest)) validatable {
	r := AssumeRoleWithOIDCRequest{
		OIDCProviderArn: "acs:ram::1234567890123456:oidc-provider/idp", RoleArn: "acs:ram::1234567890123456:role/deploy", OIDCToken: "a.b.c",
		RoleSessionName: "muster",
	}
	change(&r)
	return plain{&r}
}

// invokingSaved returns a request with a saved command that has the parameter a.
func invokingSaved(change func(r *InvokeCommandRequest, c *Command)) validatable {
	s := saved{command: Command{Type: "RunShellScript", CommandContent: "echo {{a}}", EnableParameter: true, Timeout: 60}}
	change(&s.InvokeCommandRequest, &s.command)
	return s
}

func creating(change func(r *CreateCommandRequest)) validatable {
	r := CreateCommandRequest{RegionId: "cn-hangzhou", Name: "n", Type: "RunShellScript", CommandContent: "dXB0aW1l"}
	change(&r)
	return create{r}
}

func TestValidRequests(t *testing.T) {
	for name, request := range map[string]validatable{
		"minimal RunCommand":    running(func(*RunCommandRequest) {}),
		"minimal InvokeCommand": invoking(func(*InvokeCommandRequest) {}),
		"minimal CreateCommand": creating(func(*CreateCommandRequest) {}),
		"all fields of RunCommand": run{RunCommandRequest{
			RegionId: "cn-hangzhou", ResourceGroupId: "rg-1", Name: "nightly", Description: "cleans up", Type: "RunShellScript",
			CommandContent: "echo {{ name }} {{Name}} {{ACS::InstanceId}} {{oos:secret}}", ContentEncoding: "plaintext", WorkingDir: "/srv",
			Timeout: 600, EnableParameter: true, Parameters: JSONMap{"NAME": ""}, KeepCommand: true, RepeatMode: "Period",
			Frequency: "rate(30m)", Username: "web", ResourceTag: []Tag{{"env", "prod"}, {"role", ""}}, Tag: []Tag{{"team", "ops"}},
			ContainerId: "containerd://" + strings.Repeat("0aF9", 16), ContainerName: "web", ClientToken: "123e4567-e89b-12d3-a456-426655440000",
			TerminationMode: "ProcessTree", Launcher: `python3 -u {{ACS::ScriptFileName|Ext(".py")}}`, OssOutputDelivery: "oss://9-bucket-9/a/b",
		}},
		"RunCommand with the oldest name of the targets": running(func(r *RunCommandRequest) {
			r.InstanceId, r.InstanceIds = nil, JSONList{"i-1"}
		}),
		"RunCommand on Windows as another user": running(func(r *RunCommandRequest) {
			r.Type, r.Username, r.WindowsPasswordName = "RunPowerShellScript", "web", "secret"
		}),
		"RunCommand on Windows as System": running(func(r *RunCommandRequest) { r.Type, r.Username = "RunBatScript", "system" }),
		"RunCommand without parameters enabled": running(func(r *RunCommandRequest) {
			r.CommandContent = "docker inspect -f '{{.State.Status}}'"
		}),
		"InvokeCommand with Timed, which has no effect": invoking(func(r *InvokeCommandRequest) { yes := true; r.Timed = &yes }),
		"a repeat mode without a frequency":             running(func(r *RunCommandRequest) { r.RepeatMode = "EveryReboot" }),
		"a Base64 content in lines": running(func(r *RunCommandRequest) {
			r.ContentEncoding, r.CommandContent = "base64", "dXB0\r\naW1l\n"
		}),
		"InvokeCommand by tags":      invoking(func(r *InvokeCommandRequest) { r.InstanceId, r.ResourceTag = nil, []Tag{{"env", "prod"}} }),
		"minimal AssumeRole":         assuming(func(*AssumeRoleRequest) {}),
		"minimal AssumeRoleWithOIDC": assumingWithOIDC(func(*AssumeRoleWithOIDCRequest) {}),
		"all fields of AssumeRole": assuming(func(r *AssumeRoleRequest) {
			r.RoleArn, r.RoleSessionName = "acs:ram::1:role/"+strings.Repeat("a.B_9-", 10), strings.Repeat("aZ0.@_-x", 8)
			r.DurationSeconds, r.Policy, r.ExternalId = 43200, `{"Version":"1","Statement":[]}`, "abc"
		}),
		"AssumeRole for a short time, which only the service checks": assuming(func(r *AssumeRoleRequest) { r.DurationSeconds = 1 }),
		"CreateCommand in plain text": creating(func(r *CreateCommandRequest) {
			r.ContentEncoding, r.CommandContent = PlainText, "not; Base64"
		}),
	} {
		if err := request.validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryValidationError(t *testing.T) {
	long := strings.Repeat("x", 65)
	tests := []struct {
		code    string
		status  int
		request validatable
	}{
		{"MissingParameter.RegionId", 400, running(func(r *RunCommandRequest) { r.RegionId = "" })},
		{"MissingParameter.RegionId", 400, invoking(func(r *InvokeCommandRequest) { r.RegionId = "" })},
		{"MissingParameter.RegionId", 400, creating(func(r *CreateCommandRequest) { r.RegionId = "" })},
		{"MissingParameter.CommandId", 400, invoking(func(r *InvokeCommandRequest) { r.CommandId = "" })},
		{"MissingParameter.Name", 400, creating(func(r *CreateCommandRequest) { r.Name = "" })},
		{"MissingParameter.Type", 400, running(func(r *RunCommandRequest) { r.Type = "" })},
		{"MissingParameter.CommandContent", 400, running(func(r *RunCommandRequest) { r.CommandContent = "" })},
		{"MissingParameter.Type", 400, creating(func(r *CreateCommandRequest) { r.Type = "" })},
		{"InvalidCmdType.NotFound", 404, creating(func(r *CreateCommandRequest) { r.Type = "runshellscript" })},
		{"InvalidCmdType.NotFound", 404, running(func(r *RunCommandRequest) { r.Type = "RunPythonScript" })},
		{"CmdName.ExceedLimit", 403, running(func(r *RunCommandRequest) { r.Name = strings.Repeat("x", 129) })},
		{"CmdName.ExceedLimit", 403, creating(func(r *CreateCommandRequest) { r.Name = strings.Repeat("x", 129) })},
		{"CmdDesc.ExceedLimit", 403, running(func(r *RunCommandRequest) { r.Description = strings.Repeat("x", 513) })},
		{"CmdDesc.ExceedLimit", 403, creating(func(r *CreateCommandRequest) { r.Description = strings.Repeat("x", 513) })},
		{"CmdContent.DecodeError", 400, creating(func(r *CreateCommandRequest) { r.CommandContent = "echo hello" })},
		{"CmdContent.DecodeError", 400, running(func(r *RunCommandRequest) { r.ContentEncoding, r.CommandContent = "BASE64", "a" })},
		{"CmdContent.ExceedLimit", 403, running(func(r *RunCommandRequest) { r.CommandContent = strings.Repeat("x", 20000) })},
		{"Parameter.Disabled", 400, running(func(r *RunCommandRequest) { r.Parameters = JSONMap{"a": "1"} })},
		{"CmdParamCount.ExceedLimit", 403, running(func(r *RunCommandRequest) { r.EnableParameter, r.CommandContent = true, placeholders(21) })},
		{"CmdParamName.ExceedLimit", 403, running(func(r *RunCommandRequest) { r.EnableParameter, r.CommandContent = true, "{{"+long+"}}" })},
		{"CmdParam.InvalidParamName", 400, running(func(r *RunCommandRequest) { r.EnableParameter, r.CommandContent = true, "{{a.b}}" })},
		{"CmdParam.InvalidParamName", 400, creating(func(r *CreateCommandRequest) {
			r.EnableParameter, r.ContentEncoding, r.CommandContent = true, PlainText, "{{é}}"
		})},
		{"Parameter.NotMatched", 400, running(func(r *RunCommandRequest) {
			r.EnableParameter, r.CommandContent, r.Parameters = true, "{{a}}", JSONMap{"b": "1"}
		})},
		{"ParameterCount.ExceedLimit", 403, running(func(r *RunCommandRequest) {
			r.EnableParameter, r.CommandContent, r.Parameters = true, placeholders(11), valuesOf(11)
		})},
		{"ParameterCount.ExceedLimit", 403, invoking(func(r *InvokeCommandRequest) { r.Parameters = valuesOf(11) })},
		{"CmdParam.EmptyKey", 400, invoking(func(r *InvokeCommandRequest) { r.Parameters = JSONMap{"": "1"} })},
		{"ParameterKey.ExceedLimit", 403, invoking(func(r *InvokeCommandRequest) { r.Parameters = JSONMap{long: "1"} })},
		{"ParameterKey.Duplicate", 400, running(func(r *RunCommandRequest) {
			r.EnableParameter, r.CommandContent, r.Parameters = true, "{{a}}", JSONMap{"a": "1", "A": "2"}
		})},
		{"ParameterKey.Duplicate", 403, invoking(func(r *InvokeCommandRequest) { r.Parameters = JSONMap{"a": "1", "A": "2"} })},
		{"MissingParam.InstanceId", 400, running(func(r *RunCommandRequest) { r.InstanceId = nil })},
		{"MissingParam.InstanceId", 400, invoking(func(r *InvokeCommandRequest) { r.InstanceId = []string{"i-1", ""} })},
		{"InstanceIds.ExceedLimit", 403, running(func(r *RunCommandRequest) { r.InstanceId = ids(51) })},
		{"InvalidResourceTag.ConflictWithInstanceIds", 400, running(func(r *RunCommandRequest) { r.ResourceTag = []Tag{{"a", "1"}} })},
		{"NumberExceed.ResourceTags", 400, invoking(func(r *InvokeCommandRequest) { r.InstanceId, r.ResourceTag = nil, tags(11) })},
		{"MissingParameter.ResourceTagKey", 400, running(func(r *RunCommandRequest) { r.InstanceId, r.ResourceTag = nil, []Tag{{"", "1"}} })},
		{"InvalidResourceTagKey.Malformed", 400, running(func(r *RunCommandRequest) { r.InstanceId, r.ResourceTag = nil, []Tag{{"acs:x", ""}} })},
		{"InvalidResourceTagValue.Malformed", 400, running(func(r *RunCommandRequest) {
			r.InstanceId, r.ResourceTag = nil, []Tag{{"a", "see https://x"}}
		})},
		{"Duplicate.ResourceTagKey", 400, running(func(r *RunCommandRequest) { r.InstanceId, r.ResourceTag = nil, []Tag{{"a", "1"}, {"a", "2"}} })},
		{"NumberExceed.Tags", 400, running(func(r *RunCommandRequest) { r.Tag = tags(21) })},
		{"MissingParameter.TagKey", 400, invoking(func(r *InvokeCommandRequest) { r.Tag = []Tag{{"", "1"}} })},
		{"InvalidTagKey.Malformed", 400, creating(func(r *CreateCommandRequest) { r.Tag = []Tag{{"Aliyun-x", "1"}} })},
		{"InvalidTagKey.Malformed", 400, creating(func(r *CreateCommandRequest) { r.Tag = []Tag{{"http://x", "1"}} })},
		{"InvalidTagValue.Malformed", 400, creating(func(r *CreateCommandRequest) { r.Tag = []Tag{{"a", "http://x"}} })},
		{"Duplicate.TagKey", 400, creating(func(r *CreateCommandRequest) { r.Tag = []Tag{{"a", "1"}, {"b", ""}, {"a", "1"}} })},
		{"InvalidParameter.WorkingDir", 400, creating(func(r *CreateCommandRequest) { r.WorkingDir = strings.Repeat("x", 201) })},
		{"Username.ExceedLimit", 403, invoking(func(r *InvokeCommandRequest) { r.Username = strings.Repeat("x", 256) })},
		{"WindowsPasswordName.ExceedLimit", 403, invoking(func(r *InvokeCommandRequest) { r.WindowsPasswordName = strings.Repeat("x", 256) })},
		{"WindowsPasswordName.Missed", 400, running(func(r *RunCommandRequest) { r.Type, r.Username = "RunBatScript", "web" })},
		{"InvalidContainerId.Malformed", 400, running(func(r *RunCommandRequest) { r.ContainerId = "web" })},
		{"InvalidContainerId.Malformed", 400, invoking(func(r *InvokeCommandRequest) { r.ContainerId = "podman://" + strings.Repeat("0", 64) })},
		{"InvalidRepeatMode.NotFound", 404, running(func(r *RunCommandRequest) { r.RepeatMode = "Twice" })},
		{"MissingParam.Frequency", 400, invoking(func(r *InvokeCommandRequest) { r.RepeatMode = "Period" })},
		{"InvalidLauncher.LengthLimitExceeded", 403, creating(func(r *CreateCommandRequest) { r.Launcher = strings.Repeat("x", 1025) })},
		{"InvalidTerminationMode.NotFound", 404, running(func(r *RunCommandRequest) { r.TerminationMode = "Thread" })},
		{"InvalidParameter.OssOutputDelivery", 400, running(func(r *RunCommandRequest) { r.OssOutputDelivery = "s3://bucket" })},
		{"InvalidClientToken.Malformed", 400, running(func(r *RunCommandRequest) { r.ClientToken = long })},
		{"InvalidClientToken.Malformed", 400, creating(func(r *CreateCommandRequest) { r.ClientToken = "é" })},
		{"InvalidParameter.Timeout", 400, running(func(r *RunCommandRequest) { r.Timeout = -1 })},
		{"InvalidParameter.Timeout", 400, creating(func(r *CreateCommandRequest) { r.Timeout = -1 })},
		{"InvalidParameter.Timeout", 400, invoking(func(r *InvokeCommandRequest) { r.Timeout = 9 })},
		{"InvalidParameterCharset.Parameters", 403, invoking(func(r *InvokeCommandRequest) { r.Parameters = JSONMap{"a": "\xff"} })},
		{"InvalidContainerName.Malformed", 400, running(func(r *RunCommandRequest) { r.ContainerName = "-web; rm" })},
		{"InvalidOssOutputDelivery.KeyPrefixMalformed", 400, invoking(func(r *InvokeCommandRequest) { r.OssOutputDelivery = "oss://bucket/a//b" })},
		{"MissingParameter.Frequency", 400, invoking(func(r *InvokeCommandRequest) {
			yes := true
			r.InstanceId, r.InstanceIds, r.Timed = nil, JSONList{"i-1"}, &yes
		})},
		{"MissingParameter.InstanceIds", 400, invoking(func(r *InvokeCommandRequest) { r.InstanceId, r.InstanceIds = nil, JSONList{} })},
		{"InvalidParam.Frequency", 400, running(func(r *RunCommandRequest) { r.Frequency = "0 0 25 * * ?" })},
		{"InvalidParam.Frequency", 400, running(func(r *RunCommandRequest) { r.Frequency = "rate(59s)" })},
		{"InvalidParam.Frequency", 400, running(func(r *RunCommandRequest) { r.Frequency, r.Timeout = "*/30 * * * * ?", 31 })},
		{"CmdParam.EmptyKey", 400, running(func(r *RunCommandRequest) { r.EnableParameter, r.CommandContent = true, "echo {{ }}" })},
		{"CmdContent.ExceedLimit", 403, running(func(r *RunCommandRequest) {
			r.EnableParameter, r.CommandContent, r.Parameters = true, "{{a}}", JSONMap{"a": strings.Repeat("x", 20000)}
		})},
		{"Parameter.Disabled", 400, invokingSaved(func(r *InvokeCommandRequest, c *Command) {
			c.EnableParameter, r.Parameters = false, JSONMap{"a": "1"}
		})},
		{"Parameter.NotMatched", 403, invokingSaved(func(r *InvokeCommandRequest, _ *Command) { r.Parameters = JSONMap{"b": "1"} })},
		{"WindowsPasswordName.Missed", 403, invokingSaved(func(r *InvokeCommandRequest, c *Command) { c.Type, r.Username = "RunBatScript", "web" })},
		{"InvalidParam.Frequency", 400, invokingSaved(func(r *InvokeCommandRequest, c *Command) { r.Frequency, c.Timeout = "rate(5m)", 300 })},
		{"InvalidParameter.Name", 400, sending(func(r *SendFileRequest) { r.Name = "a/b" })},
		{"InvalidParameter.FileMode", 400, sending(func(r *SendFileRequest) { r.FileMode = "rw" })},
		{"InvalidParameter.Content", 400, sending(func(r *SendFileRequest) { r.Content = strings.Repeat("x", 24577) })},
		{"InvalidParameter.Content", 400, sending(func(r *SendFileRequest) { r.ContentType, r.Content = Base64, "a" })},
		{"InvalidParameter.TargetDir", 400, sending(func(r *SendFileRequest) { r.TargetDir = strings.Repeat("x", 256) })},
		{"InstanceIds.ExceedLimit", 403, sending(func(r *SendFileRequest) { r.InstanceId = ids(51) })},
		{"MissingParameter.CommandId", 400, modifying(func(r *ModifyCommandRequest) { r.CommandId = "" })},
		{"MissingParameter.InvokeId", 400, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.InvokeId = "" })},
		{"InvalidCommandContent.DecodeError", 400, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.ContentEncoding, r.CommandContent = "base64", "*" })},
		{"InvalidCommandContent.LengthLimitExceeded", 403, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.CommandContent = strings.Repeat("x", 18433) })},
		{"InvalidCommandContent.LengthLimitExceeded", 403, reschedulingOne(func(r *ModifyInvocationAttributeRequest, _ *Invocation) {
			r.Parameters = JSONMap{"a": strings.Repeat("x", 18432)}
		})},
		{"InvalidParameters.KeyEmpty", 400, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.Parameters = JSONMap{"": "1"} })},
		{"InvalidParameters.KeyEmpty", 400, rescheduling(func(r *ModifyInvocationAttributeRequest) {
			r.EnableParameter, r.CommandContent = new(true), "echo {{}}"
		})},
		{"InvalidParameters.KeyDuplicate", 400, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.Parameters = JSONMap{"a": "1", "A": "1"} })},
		{"InvalidParameters.KeyMalformed", 400, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.Parameters = JSONMap{"a.b": "1"} })},
		{"InvalidParameters.KeyLengthLimitExceeded", 403, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.Parameters = JSONMap{long: "1"} })},
		{"InvalidParameters.CountLimitExceeded", 403, rescheduling(func(r *ModifyInvocationAttributeRequest) {
			r.Parameters = JSONMap{}
			for _, id := range ids(11) {
				r.Parameters[id] = ""
			}
		})},
		{"InvalidParameters.CountLimitExceeded", 403, rescheduling(func(r *ModifyInvocationAttributeRequest) {
			r.EnableParameter, r.CommandContent = new(true), "{{"+strings.Join(ids(21), "}}{{")+"}}"
		})},
		{"InvalidParameters.KeyNotMatch", 400, reschedulingOne(func(r *ModifyInvocationAttributeRequest, _ *Invocation) { r.Parameters = JSONMap{"b": "1"} })},
		{"InvalidParameters.KeyNotMatch", 400, reschedulingOne(func(r *ModifyInvocationAttributeRequest, _ *Invocation) {
			r.CommandContent, r.Parameters = "echo {{b}}", JSONMap{"a": "1"}
		})},
		{"InvalidParameter.Frequency", 400, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.Frequency = "rate(59s)" })},
		{"InvalidParameter.Frequency", 400, reschedulingOne(func(r *ModifyInvocationAttributeRequest, _ *Invocation) { r.Frequency = "rate(60s)" })},
		{"InvalidInstanceId.NotFound", 404, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.InstanceId = []string{""} })},
		{"InvalidInstanceId.CountLimitExceeded", 403, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.InstanceId = ids(101) })},
		{"InvalidInstanceId.CountLimitExceeded", 403, reschedulingOne(func(r *ModifyInvocationAttributeRequest, inv *Invocation) {
			inv.InvokeInstances.InvokeInstance, r.InstanceId = []InvokeInstance{{InstanceId: "i-other"}}, ids(100)
		})},
		{"InvalidOperation.RepeatModeUnsupported", 403, reschedulingOne(func(_ *ModifyInvocationAttributeRequest, inv *Invocation) { inv.RepeatMode = "Once" })},
		{"InvalidOperation.InvokeAlreadyFinished", 403, reschedulingOne(func(_ *ModifyInvocationAttributeRequest, inv *Invocation) { inv.InvocationStatus = "Stopped" })},
		{"InvalidClientToken.Malformed", 400, rescheduling(func(r *ModifyInvocationAttributeRequest) { r.ClientToken = long })},
		{"MissingParameter.RoleArn", 400, assuming(func(r *AssumeRoleRequest) { r.RoleArn = "" })},
		{"MissingParameter.RoleSessionName", 400, assuming(func(r *AssumeRoleRequest) { r.RoleSessionName = "" })},
		{"InvalidParameter.RoleArn", 400, assuming(func(r *AssumeRoleRequest) { r.RoleArn = "deploy" })},
		{"InvalidParameter.RoleArn", 400, assuming(func(r *AssumeRoleRequest) { r.RoleArn = "acs:ram::me:role/deploy" })},
		{"InvalidParameter.RoleArn", 400, assuming(func(r *AssumeRoleRequest) { r.RoleArn = "acs:ram::1:user/deploy" })},
		{"InvalidParameter.RoleArn", 400, assuming(func(r *AssumeRoleRequest) { r.RoleArn = "acs:ram::1:role/" })},
		{"InvalidParameter.RoleArn", 400, assuming(func(r *AssumeRoleRequest) { r.RoleArn += "\n" })},
		{"InvalidParameter.RoleSessionName", 400, assuming(func(r *AssumeRoleRequest) { r.RoleSessionName = "a" })},
		{"InvalidParameter.RoleSessionName", 400, assuming(func(r *AssumeRoleRequest) { r.RoleSessionName = long })},
		{"InvalidParameter.RoleSessionName", 400, assuming(func(r *AssumeRoleRequest) { r.RoleSessionName = "a b" })},
		{"InvalidParameter.DurationSeconds", 400, assuming(func(r *AssumeRoleRequest) { r.DurationSeconds = 43201 })},
		{"InvalidParameter.DurationSeconds", 400, assuming(func(r *AssumeRoleRequest) { r.DurationSeconds = -1 })},
		{"InvalidParameter.PolicyGrammar", 400, assuming(func(r *AssumeRoleRequest) { r.Policy = `["*"]` })},
		{"MissingParameter.OIDCProviderArn", 400, assumingWithOIDC(func(r *AssumeRoleWithOIDCRequest) { r.OIDCProviderArn = "" })},
		{"MissingParameter.OIDCToken", 400, assumingWithOIDC(func(r *AssumeRoleWithOIDCRequest) { r.OIDCToken = "" })},
		{"InvalidParameter.RoleArn", 400, assumingWithOIDC(func(r *AssumeRoleWithOIDCRequest) { r.RoleArn = "deploy" })},
		{"MissingParameter.SettingType", 400, plain{&DescribeCloudAssistantSettingsRequest{RegionId: "cn-hangzhou"}}},
		{"InvalidParameter.SettingType", 400, plain{&DescribeCloudAssistantSettingsRequest{RegionId: "cn-hangzhou", SettingType: []string{"Other"}}}},
		{"InvalidTagKey.Malformed", 400, plain{&DescribeInvocationsRequest{Tag: []Tag{{"acs:x", "1"}}}}},
		{"MissingParameter.ActivationId", 400, plain{&DisableActivationRequest{RegionId: "cn-hangzhou"}}},
		{"MissingParameter.ActivationId", 400, plain{&DeleteActivationRequest{RegionId: "cn-hangzhou"}}},
		{"MissingParameter.InstanceName", 400, renaming("")},
		{"MissingParameter.InstanceId", 400, plain{&DeregisterManagedInstanceRequest{RegionId: "cn-hangzhou"}}},
		{"InvalidClientToken.Malformed", 400, plain{&DeregisterManagedInstanceRequest{RegionId: "cn-hangzhou", InstanceId: "mi-1", ClientToken: long}}},
		{"InstanceName.ExceedLimit", 400, renaming(strings.Repeat("x", 129))},
		{"InstanceName.InvalidPattern", 400, renaming("x")},
		{"InstanceName.InvalidPattern", 400, renaming("1x")},
		{"InstanceName.InvalidPattern", 400, renaming("a b")},
		{"InstanceName.InvalidPattern", 400, renaming("http://x")},
		{"InstanceName.ExceedLimit", 400, activating(func(r *CreateActivationRequest) { r.InstanceName = strings.Repeat("x", 51) })},
		{"InstanceName.InvalidPattern", 400, activating(func(r *CreateActivationRequest) { r.InstanceName = "-x" })},
		{"InstanceName.InvalidPattern", 400, activating(func(r *CreateActivationRequest) { r.InstanceName = "x" })},
		{"ActivationDesc.ExceedLimit", 400, activating(func(r *CreateActivationRequest) { r.Description = strings.Repeat("é", 101) })},
		{"ActivationLimitation.Invalid", 400, activating(func(r *CreateActivationRequest) { r.InstanceCount = 1001 })},
		{"ActivationLimitation.Invalid", 400, activating(func(r *CreateActivationRequest) { r.InstanceCount = -1 })},
		{"ActivationTTL.ExceedLimit", 400, activating(func(r *CreateActivationRequest) { r.TimeToLiveInHours = 876_577 })},
		{"ActivationTTL.ExceedLimit", 400, activating(func(r *CreateActivationRequest) { r.TimeToLiveInHours = -1 })},
		{"AddressRange.InvalidPattern", 400, activating(func(r *CreateActivationRequest) { r.IpAddressRange = "10.0.0.0/33" })},
		{"AddressRange.InvalidPattern", 400, activating(func(r *CreateActivationRequest) { r.IpAddressRange = "web.example" })},
		{"NumberExceed.Tags", 400, activating(func(r *CreateActivationRequest) { r.Tag = tags(21) })},
		{"InvalidClientToken.Malformed", 400, activating(func(r *CreateActivationRequest) { r.ClientToken = long })},
		{"Duplicate.TagKey", 400, plain{&DescribeActivationsRequest{RegionId: "cn-hangzhou", Tag: []TagFilter{{Key: "x"}, {Key: "x"}}}}},
		{"Duplicate.TagKey", 400, plain{&DescribeManagedInstancesRequest{Tag: []TagFilter{{Key: "x"}, {Key: "x"}}}}},
		{"NumberExceed.Tags", 400, plain{&DescribeInvocationResultsRequest{Tag: tags(21)}}},
		{"MissingParameter.TagKey", 400, plain{&DescribeCommandsRequest{Tag: []Tag{{"", "1"}}}}},
		{"InvalidTagValue.Malformed", 400, plain{&DescribeSendFileResultsRequest{Tag: []Tag{{"a", "http://x"}}}}},
	}
	tested := map[string]bool{}
	for _, test := range tests {
		tested[test.code] = true
		err := test.request.validate()
		faults, ok := errors.AsType[ValidationErrors](err)
		if !ok || len(faults) != 1 {
			t.Errorf("%s: %T finds %q", test.code, test.request, err)
			continue
		}
		fault := faults[0]
		if fault.Code != test.code || fault.HTTPStatus != test.status || fault.Message == "" {
			t.Errorf("%s, status %d: got %s, status %d, %q", test.code, test.status, fault.Code, fault.HTTPStatus, fault.Message)
		}
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	validates := regexp.MustCompile(`func \(f \*ValidationErrors\)|\) Validate\(`)
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") || !validates.Match(source) {
			continue
		}
		for _, quoted := range regexp.MustCompile(`"[A-Z]\w+\.[A-Z]\w+"`).FindAllString(string(source), -1) {
			if code := strings.Trim(quoted, `"`); !tested[code] {
				t.Errorf("%s: %s is not in this table", name, code)
			}
		}
	}
}

func TestAllErrorsAreReported(t *testing.T) {
	err := (&RunCommandRequest{
		Type: "RunPythonScript", Name: strings.Repeat("x", 129), RepeatMode: "Period", Timeout: -1,
		EnableParameter: true, CommandContent: "{{a}}", Parameters: JSONMap{"b": "", "c": "", "": ""}, Tag: []Tag{{}, {"acs:a", "http://"}},
	}).Validate(DefaultLimits())
	want := []string{
		"MissingParameter.RegionId", "InvalidCmdType.NotFound", "CmdName.ExceedLimit", "CmdParam.EmptyKey", "Parameter.NotMatched",
		"Parameter.NotMatched", "MissingParam.InstanceId", "MissingParam.Frequency", "MissingParameter.TagKey",
		"InvalidTagKey.Malformed", "InvalidTagValue.Malformed", "InvalidParameter.Timeout",
	}
	if diff := cmp.Diff(want, codes(err)); diff != "" {
		t.Error(diff)
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(want) {
		t.Errorf("%d lines for %d errors:\n%v", len(lines), len(want), err)
	}
	if i, j := strings.Index(err.Error(), "{{b}}"), strings.Index(err.Error(), "{{c}}"); i < 0 || j < i {
		t.Errorf("the parameters are not in order:\n%v", err)
	}
	for _, place := range []string{"Tag.1.Key", "Tag.2.Key", "Tag.2.Value"} {
		if !strings.Contains(err.Error(), place) {
			t.Errorf("%s is not reported:\n%v", place, err)
		}
	}
	first, ok := errors.AsType[*Error](err)
	if !ok || first.Code != want[0] || first.HTTPStatus != http.StatusBadRequest {
		t.Errorf("the first error is %+v", first)
	}
}
