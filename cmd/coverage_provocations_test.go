package cmd

import (
	"fmt"
	"strconv"
	"strings"

	"muster/pkg/assist"
)

func (p *provoker) runProvocations() map[string]func(*assist.RunCommandRequest) {
	type run = assist.RunCommandRequest
	tags := func(list ...assist.Tag) func(*run) { return func(r *run) { r.Tag = list } }
	targets := func(list ...assist.Tag) func(*run) {
		return func(r *run) { r.InstanceId, r.ResourceTag = nil, list }
	}
	content := func(text string) func(*run) { return func(r *run) { r.EnableParameter, r.CommandContent = true, text } }
	parameters := func(text string, values assist.JSONMap) func(*run) {
		return func(r *run) { r.EnableParameter, r.CommandContent, r.Parameters = true, text, values }
	}
	return map[string]func(*run){
		"MissingParam.InstanceId":                    func(r *run) { r.InstanceId = nil },
		"NumberExceed.Tags":                          tags(numberedTags(21)...),
		"InvalidTagValue.Malformed":                  tags(assist.Tag{Key: "a", Value: "http://x"}),
		"Duplicate.TagKey":                           tags(assist.Tag{Key: "a"}, assist.Tag{Key: "a"}),
		"InvalidTagKey.Malformed":                    tags(assist.Tag{Key: "acs:a"}),
		"MissingParameter.TagKey":                    tags(assist.Tag{Value: "1"}),
		"InvalidContainerId.Malformed":               func(r *run) { r.ContainerId = "web" },
		"InvalidContainerName.Malformed":             func(r *run) { r.ContainerName = "-web" },
		"InvalidClientToken.Malformed":               func(r *run) { r.ClientToken = "é" },
		"CmdParam.EmptyKey":                          content("echo {{}}"),
		"CmdParam.InvalidParamName":                  content("echo {{a.b}}"),
		"CmdContent.DecodeError":                     func(r *run) { r.ContentEncoding, r.CommandContent = assist.Base64, "a" },
		"InvalidInstance.NotMatch":                   func(r *run) { r.Type = "RunBatScript" },
		"MissingParam.Frequency":                     func(r *run) { r.RepeatMode = "Period" },
		"InvalidParam.Frequency":                     func(r *run) { r.Frequency = "now and then" },
		"ParameterKey.Duplicate":                     parameters("{{a}}", assist.JSONMap{"a": "1", "A": "2"}),
		"Parameter.NotMatched":                       parameters("{{a}}", assist.JSONMap{"b": "1"}),
		"WindowsPasswordName.Missed":                 func(r *run) { r.Type, r.Username, r.InstanceId = "RunBatScript", "web", []string{nth(5)} },
		"Parameter.Disabled":                         func(r *run) { r.Parameters = assist.JSONMap{"a": "1"} },
		"InvalidParameter.WorkingDir":                func(r *run) { r.WorkingDir = "/" + strings.Repeat("x", 200) },
		"NumberExceed.ResourceTags":                  targets(numberedTags(11)...),
		"MissingParameter.ResourceTagKey":            targets(assist.Tag{Value: "1"}),
		"InvalidResourceTagKey.Malformed":            targets(assist.Tag{Key: "aliyun"}),
		"InvalidResourceTagValue.Malformed":          targets(assist.Tag{Key: "a", Value: "https://x"}),
		"Duplicate.ResourceTagKey":                   targets(assist.Tag{Key: "a"}, assist.Tag{Key: "a"}),
		"InvalidResourceTag.InstanceNotFound":        targets(assist.Tag{Key: "env", Value: "nowhere"}),
		"InvalidResourceTag.ConflictWithInstanceIds": func(r *run) { r.ResourceTag = numberedTags(1) },
		"CmdContent.ExceedLimit":                     func(r *run) { r.CommandContent = strings.Repeat("x", 18_433) },
		"CmdName.ExceedLimit":                        func(r *run) { r.Name = strings.Repeat("x", 129) },
		"CmdDesc.ExceedLimit":                        func(r *run) { r.Description = strings.Repeat("x", 513) },
		"CmdParamCount.ExceedLimit":                  content(placeholders(21)),
		"CmdParamName.ExceedLimit":                   content("{{" + strings.Repeat("x", 65) + "}}"),
		"InstanceIds.ExceedLimit":                    func(r *run) { r.InstanceId = instanceIDs(51) },
		"ParameterCount.ExceedLimit":                 parameters(placeholders(11), numberedValues(11)),
		"ParameterKey.ExceedLimit": func(r *run) {
			r.EnableParameter, r.Parameters = true, assist.JSONMap{strings.Repeat("x", 65): "1"}
		},
		"Username.ExceedLimit":            func(r *run) { r.Username = strings.Repeat("x", 256) },
		"WindowsPasswordName.ExceedLimit": func(r *run) { r.WindowsPasswordName = strings.Repeat("x", 256) },
		"ParameterStore.NotSupported":     content("echo {{oos:name}}"),
		"IdempotentParameterMismatch":     func(r *run) { r.ClientToken, r.Name = "used", "another" },
		"InvalidCmdType.NotFound":         func(r *run) { r.Type = "RunPerlScript" },
		"InvalidRepeatMode.NotFound":      func(r *run) { r.RepeatMode = "Twice" },
		"InvalidRegionId.NotFound":        func(r *run) { r.RegionId = "cn-nowhere" },
		"InvalidInstance.NotFound":        func(r *run) { r.InstanceId = []string{"i-nobody"} },
	}
}

func (p *provoker) invokeProvocations() map[string]func(*assist.InvokeCommandRequest) {
	type invoke = assist.InvokeCommandRequest
	yes := true
	targets := func(list ...assist.Tag) func(*invoke) {
		return func(r *invoke) { r.InstanceId, r.ResourceTag = nil, list }
	}
	parameters := func(values assist.JSONMap) func(*invoke) { return func(r *invoke) { r.Parameters = values } }
	instance := func(n int) func(*invoke) { return func(r *invoke) { r.InstanceId = []string{nth(n)} } }
	return map[string]func(*invoke){
		"InvalidParameter.WorkingDir":                 func(r *invoke) { r.WorkingDir = "/" + strings.Repeat("x", 200) },
		"MissingParam.InstanceId":                     func(r *invoke) { r.InstanceId = nil },
		"InvalidContainerId.Malformed":                func(r *invoke) { r.ContainerId = "podman://" + strings.Repeat("0", 64) },
		"InvalidContainerName.Malformed":              func(r *invoke) { r.ContainerName = "a b" },
		"InvalidClientToken.Malformed":                func(r *invoke) { r.ClientToken = strings.Repeat("x", 65) },
		"InvalidInstance.NotMatch":                    instance(5),
		"MissingParam.Frequency":                      func(r *invoke) { r.RepeatMode = "Period" },
		"InvalidParam.Frequency":                      func(r *invoke) { r.Frequency = "rate(59s)" },
		"Parameter.Disabled":                          func(r *invoke) { r.CommandId, r.Parameters = p.plain, assist.JSONMap{"a": "1"} },
		"NumberExceed.ResourceTags":                   targets(numberedTags(11)...),
		"MissingParameter.ResourceTagKey":             targets(assist.Tag{Value: "1"}),
		"InvalidResourceTagKey.Malformed":             targets(assist.Tag{Key: "http://x"}),
		"InvalidResourceTagValue.Malformed":           targets(assist.Tag{Key: "a", Value: strings.Repeat("x", 129)}),
		"Duplicate.ResourceTagKey":                    targets(assist.Tag{Key: "a"}, assist.Tag{Key: "a"}),
		"InvalidResourceTag.InstanceNotFound":         targets(assist.Tag{Key: "env", Value: "nowhere"}),
		"InvalidResourceTag.ConflictWithInstanceIds":  func(r *invoke) { r.ResourceTag = numberedTags(1) },
		"InvalidParameter.OssOutputDelivery":          func(r *invoke) { r.OssOutputDelivery = "s3://bucket" },
		"InvalidOssOutputDelivery.KeyPrefixMalformed": func(r *invoke) { r.OssOutputDelivery = "oss://bucket//x" },
		"InvalidOssOutputDelivery.BucketNotFound":     func(r *invoke) { r.OssOutputDelivery = "oss://bucket/x" },
		"InstanceIds.ExceedLimit":                     func(r *invoke) { r.InstanceId = instanceIDs(101) },
		"ParameterCount.ExceedLimit":                  parameters(numberedValues(11)),
		"ParameterKey.ExceedLimit":                    parameters(assist.JSONMap{strings.Repeat("x", 65): "1"}),
		"CmdContent.ExceedLimit":                      func(r *invoke) { r.CommandId, r.Parameters = p.long, assist.JSONMap{"a": strings.Repeat("x", 1000)} },
		"ParameterKey.Duplicate":                      parameters(assist.JSONMap{"a": "1", "A": "2"}),
		"Parameter.NotMatched":                        parameters(assist.JSONMap{"c": "1"}),
		"Username.ExceedLimit":                        func(r *invoke) { r.Username = strings.Repeat("x", 256) },
		"WindowsPasswordName.ExceedLimit":             func(r *invoke) { r.WindowsPasswordName = strings.Repeat("x", 256) },
		"WindowsPasswordName.Missed":                  func(r *invoke) { r.CommandId, r.Username, r.InstanceId = p.bat, "web", []string{nth(5)} },
		"ParameterStore.NotSupported":                 func(r *invoke) { r.CommandId = p.store },
		"IdempotentParameterMismatch":                 func(r *invoke) { r.ClientToken = "used" },
		"InvalidLauncher.LengthLimitExceeded":         func(r *invoke) { r.Launcher = strings.Repeat("x", 1025) },
		"InvalidParameterCharset.Parameters":          parameters(assist.JSONMap{"a": "\x00"}),
		"InvalidRepeatMode.NotFound":                  func(r *invoke) { r.RepeatMode = "Twice" },
		"InvalidRegionId.NotFound":                    func(r *invoke) { r.RegionId = "cn-nowhere" },
		"InvalidInstance.NotFound":                    func(r *invoke) { r.InstanceId = []string{"i-nobody"} },
		"InvalidCmdId.NotFound":                       func(r *invoke) { r.CommandId = "c-none" },
		"InvalidTerminationMode.NotFound":             func(r *invoke) { r.TerminationMode = "Thread" },
		"InvalidInstance.NoClient":                    instance(3),
		"InvalidInstance.NotVpc":                      instance(4),
		"InvalidInstanceStatus":                       instance(2),
		"MissingParameter.CommandId":                  func(r *invoke) { r.CommandId = "" },
		"MissingParameter.InstanceIds":                func(r *invoke) { r.InstanceId, r.InstanceIds = nil, assist.JSONList{} },
		"MissingParameter.RegionId":                   func(r *invoke) { r.RegionId = "" },
		"MissingParameter.Frequency":                  func(r *invoke) { r.InstanceId, r.InstanceIds, r.Timed = nil, assist.JSONList{"i-lab00001"}, &yes },
	}
}

func numberedTags(n int) []assist.Tag {
	var tags []assist.Tag
	for i := range n {
		tags = append(tags, assist.Tag{Key: fmt.Sprint("k", i), Value: "v"})
	}
	return tags
}

func numberedValues(n int) assist.JSONMap {
	values := assist.JSONMap{}
	for i := range n {
		values["p"+strconv.Itoa(i)] = "v"
	}
	return values
}

func placeholders(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{{p%d}} ", i)
	}
	return b.String()
}

func instanceIDs(n int) []string {
	var ids []string
	for i := range n {
		ids = append(ids, nth(i+1))
	}
	return ids
}
