package assist

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	containerID   = regexp.MustCompile(`^((docker|containerd|cri-o)://)?[0-9a-fA-F]{64}$`)
	ossAddress    = regexp.MustCompile(`^oss://[a-z0-9][a-z0-9-]{1,61}[a-z0-9](/.*)?$`)
	parameterName = regexp.MustCompile(`^[a-z0-9_-]+$`)
)

// Faults are all that is wrong with one request, each in the API's own code and words.
type Faults []*Error

func (f Faults) Error() string {
	var lines []string
	for _, fault := range f {
		lines = append(lines, fault.Error())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the single faults to errors.As.
func (f Faults) Unwrap() []error {
	var list []error
	for _, fault := range f {
		list = append(list, fault)
	}
	return list
}

func (f *Faults) add(status int, code, format string, args ...any) {
	*f = append(*f, &Error{Code: code, Message: fmt.Sprintf(format, args...), HTTPStatus: status})
}

func (f *Faults) missing(name, value string) {
	if value == "" {
		f.add(http.StatusBadRequest, "MissingParameter."+name,
			"The input parameter %q that is mandatory for processing this request is not supplied.", name)
	}
}

func (f *Faults) tooLong(value string, most, status int, code, what string) {
	if n := utf8.RuneCountInString(value); n > most {
		f.add(status, code, "The length of the %s exceeds the upper limit: %d characters, at most %d.", what, n, most)
	}
}

func (f Faults) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}

// Validate judges all of a request that can be judged without the service. The error is Faults.
func (r *RunCommandRequest) Validate(limits Limits) error {
	var f Faults
	f.missing("RegionId", r.RegionId)
	f.commandType(r.Type)
	f.tooLong(r.Name, MaxName, http.StatusForbidden, "CmdName.ExceedLimit", "command name")
	f.tooLong(r.Description, MaxDescription, http.StatusForbidden, "CmdDesc.ExceedLimit", "command description")
	most := MaxContent
	if r.KeepCommand {
		most = MaxContentKept
	}
	content := f.content(r.CommandContent, Encoding(r.ContentEncoding, PlainText), most)
	f.parameters(content, r.EnableParameter, r.Parameters, http.StatusBadRequest)
	f.targets(r.Targets(), r.ResourceTag, limits.RunInstances)
	f.execution(execution{
		WorkingDir: r.WorkingDir, Username: r.Username, WindowsPasswordName: r.WindowsPasswordName, Type: r.Type,
		ContainerId: r.ContainerId, RepeatMode: r.RepeatMode, Frequency: r.Frequency, Launcher: r.Launcher,
		TerminationMode: r.TerminationMode, OssOutputDelivery: r.OssOutputDelivery, ClientToken: r.ClientToken,
	})
	f.tags(r.Tag)
	f.negativeTimeout(r.Timeout)
	return f.orNil()
}

// Validate judges all of a request that can be judged without the service. The error is Faults.
func (r *InvokeCommandRequest) Validate(limits Limits) error {
	var f Faults
	f.missing("RegionId", r.RegionId)
	f.missing("CommandId", r.CommandId)
	f.targets(r.Targets(), r.ResourceTag, limits.InvokeInstances)
	f.execution(execution{
		WorkingDir: r.WorkingDir, Username: r.Username, WindowsPasswordName: r.WindowsPasswordName,
		ContainerId: r.ContainerId, RepeatMode: r.RepeatMode, Frequency: r.Frequency, Launcher: r.Launcher,
		TerminationMode: r.TerminationMode, OssOutputDelivery: r.OssOutputDelivery, ClientToken: r.ClientToken,
	})
	f.tags(r.Tag)
	f.parameterValues(r.Parameters, http.StatusForbidden)
	if r.Timeout != 0 && r.Timeout < 10 {
		f.add(http.StatusBadRequest, "InvalidParameter.Timeout", "The specified parameter Timeout is not valid: %d s is less than 10 s.", r.Timeout)
	}
	return f.orNil()
}

// Validate judges all of a request that can be judged without the service. The error is Faults.
func (r *CreateCommandRequest) Validate() error {
	var f Faults
	f.missing("RegionId", r.RegionId)
	f.missing("Name", r.Name)
	f.commandType(r.Type)
	f.tooLong(r.Name, MaxName, http.StatusForbidden, "CmdName.ExceedLimit", "command name")
	f.tooLong(r.Description, MaxDescription, http.StatusForbidden, "CmdDesc.ExceedLimit", "command description")
	content := f.content(r.CommandContent, Encoding(r.ContentEncoding, Base64), MaxContent)
	f.parameters(content, r.EnableParameter, nil, http.StatusBadRequest)
	f.execution(execution{WorkingDir: r.WorkingDir, Launcher: r.Launcher, ClientToken: r.ClientToken})
	f.tags(r.Tag)
	f.negativeTimeout(r.Timeout)
	return f.orNil()
}

func (f *Faults) negativeTimeout(seconds int64) {
	if seconds < 0 {
		f.add(http.StatusBadRequest, "InvalidParameter.Timeout", "The specified parameter Timeout is not valid: it is negative.")
	}
}

func (f *Faults) commandType(name string) {
	f.missing("Type", name)
	if name != "" && !slices.Contains([]string{"RunShellScript", "RunBatScript", "RunPowerShellScript"}, name) {
		f.add(http.StatusNotFound, "InvalidCmdType.NotFound", "The specified command type does not exist: %s.", name)
	}
}

func (f *Faults) content(text, encoding string, most int) string {
	f.missing("CommandContent", text)
	content, err := DecodeContent(text, encoding)
	if err != nil {
		f.add(http.StatusBadRequest, "CmdContent.DecodeError", "The CommandContent can not be base64 decoded.")
		return ""
	}
	if size := Base64Size(content); size > most {
		f.add(http.StatusForbidden, "CmdContent.ExceedLimit",
			"The length of the command content exceeds the upper limit: %d bytes in Base64, at most %d.", size, most)
	}
	return string(content)
}

func (f *Faults) targets(ids []string, tags []Tag, most int) {
	switch {
	case len(ids) > 0 && len(tags) > 0:
		f.add(http.StatusBadRequest, "InvalidResourceTag.ConflictWithInstanceIds",
			"The specified param ResourceTag conflicts with InstanceId.")
	case len(ids) == 0 && len(tags) == 0, slices.Contains(ids, ""):
		f.add(http.StatusBadRequest, "MissingParam.InstanceId", "The parameter instanceId is missing or empty.")
	case len(ids) > most:
		f.add(http.StatusForbidden, "InstanceIds.ExceedLimit",
			"The number of instance IDs exceeds the upper limit: %d, at most %d.", len(ids), most)
	}
	f.tagList(tags, 10, tagCodes{
		count: "NumberExceed.ResourceTags", missing: "MissingParameter.ResourceTagKey",
		key: "InvalidResourceTagKey.Malformed", value: "InvalidResourceTagValue.Malformed",
		twice: "Duplicate.ResourceTagKey", name: "ResourceTag",
	})
}

func (f *Faults) tags(tags []Tag) {
	f.tagList(tags, MaxTags, tagCodes{
		count: "NumberExceed.Tags", missing: "MissingParameter.TagKey", key: "InvalidTagKey.Malformed",
		value: "InvalidTagValue.Malformed", twice: "Duplicate.TagKey", name: "Tag",
	})
}

type tagCodes struct{ count, missing, key, value, twice, name string }

func (f *Faults) tagList(tags []Tag, most int, codes tagCodes) {
	if len(tags) > most {
		f.add(http.StatusBadRequest, codes.count, "The number of %s parameters is %d, at most %d.", codes.name, len(tags), most)
	}
	seen := map[string]bool{}
	for i, tag := range tags {
		lower := strings.ToLower(tag.Key)
		switch {
		case tag.Key == "":
			f.add(http.StatusBadRequest, codes.missing, "You must specify %s.%d.Key.", codes.name, i+1)
		case utf8.RuneCountInString(tag.Key) > MaxTagKey, strings.HasPrefix(lower, "aliyun"),
			strings.HasPrefix(lower, "acs:"), hasScheme(tag.Key):
			f.add(http.StatusBadRequest, codes.key, "The specified %s.%d.Key is not valid: %s.", codes.name, i+1, tag.Key)
		case seen[tag.Key]:
			f.add(http.StatusBadRequest, codes.twice, "The %s.N.Key contain duplicate key: %s.", codes.name, tag.Key)
		}
		if utf8.RuneCountInString(tag.Value) > MaxTagValue || hasScheme(tag.Value) {
			f.add(http.StatusBadRequest, codes.value, "The specified %s.%d.Value is not valid.", codes.name, i+1)
		}
		seen[tag.Key] = true
	}
}

func hasScheme(s string) bool {
	return strings.Contains(s, "http://") || strings.Contains(s, "https://")
}

// execution is what all actions that run or save a command have in common.
type execution struct {
	WorkingDir, Username, WindowsPasswordName, Type string
	ContainerId, RepeatMode, Frequency, Launcher    string
	TerminationMode, OssOutputDelivery, ClientToken string
}

func (f *Faults) execution(e execution) {
	f.tooLong(e.WorkingDir, MaxWorkingDir, http.StatusBadRequest, "InvalidParameter.WorkingDir", "parameter WorkingDir")
	f.tooLong(e.Username, MaxUsername, http.StatusForbidden, "Username.ExceedLimit", "username")
	f.tooLong(e.WindowsPasswordName, MaxPasswordName, http.StatusForbidden, "WindowsPasswordName.ExceedLimit", "WindowsPasswordName")
	windows := e.Type == "RunBatScript" || e.Type == "RunPowerShellScript"
	if windows && e.Username != "" && !strings.EqualFold(e.Username, "System") && e.WindowsPasswordName == "" {
		f.add(http.StatusBadRequest, "WindowsPasswordName.Missed", "WindowsPasswordName must be specified when you create a Windows task.")
	}
	if e.ContainerId != "" && !containerID.MatchString(e.ContainerId) {
		f.add(http.StatusBadRequest, "InvalidContainerId.Malformed", "The specified parameter ContainerId is not valid.")
	}
	f.repeatMode(e.RepeatMode, e.Frequency)
	if len(e.Launcher) > MaxLauncher {
		f.add(http.StatusForbidden, "InvalidLauncher.LengthLimitExceeded", "The length of the parameter Launcher exceeds the limit of 1 KB characters.")
	}
	if !slices.Contains([]string{"", "process", "processtree"}, strings.ToLower(e.TerminationMode)) {
		f.add(http.StatusNotFound, "InvalidTerminationMode.NotFound", "The specified parameter TerminationMode does not exist: %s.", e.TerminationMode)
	}
	if e.OssOutputDelivery != "" && !ossAddress.MatchString(e.OssOutputDelivery) {
		f.add(http.StatusBadRequest, "InvalidParameter.OssOutputDelivery", "The specified parameter OssOutputDelivery is not valid.")
	}
	if len(e.ClientToken) > MaxClientToken || !ascii(e.ClientToken) {
		f.add(http.StatusBadRequest, "InvalidClientToken.Malformed", "The specified parameter clientToken is not valid.")
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}

func (f *Faults) repeatMode(mode, frequency string) {
	if mode != "" && !slices.Contains([]string{"Once", "Period", "NextRebootOnly", "EveryReboot", "DryRun"}, mode) {
		f.add(http.StatusNotFound, "InvalidRepeatMode.NotFound", "The specified repeat mode does not exist: %s.", mode)
	}
	if mode == "Period" && frequency == "" {
		f.add(http.StatusBadRequest, "MissingParam.Frequency", "The frequency must be specified when you create a timed task.")
	}
}

func (f *Faults) parameters(content string, enabled bool, values map[string]string, duplicateStatus int) {
	if !enabled {
		if len(values) > 0 {
			f.add(http.StatusBadRequest, "Parameter.Disabled", "Parameters should not be passed when EnableParameter is false.")
		}
		return
	}
	names := ParameterNames(content)
	if len(names) > MaxParameterNames {
		f.add(http.StatusForbidden, "CmdParamCount.ExceedLimit", "You've reached the limit on the count of command parameters: %d, at most %d.", len(names), MaxParameterNames)
	}
	for _, name := range names {
		switch {
		case len(name) > MaxParameterName:
			f.add(http.StatusForbidden, "CmdParamName.ExceedLimit", "The length of the command parameter name exceeds the limit: %s.", name)
		case !parameterName.MatchString(name):
			f.add(http.StatusBadRequest, "CmdParam.InvalidParamName", "A command parameter name is invalid: %s.", name)
		}
	}
	f.parameterValues(values, duplicateStatus)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "" && !slices.Contains(names, strings.ToLower(name)) {
			f.add(http.StatusBadRequest, "Parameter.NotMatched", "The parameters of creation do not match those of invocation: the content has no {{%s}}.", name)
		}
	}
}

func (f *Faults) parameterValues(values map[string]string, duplicateStatus int) {
	if len(values) > MaxParameters {
		f.add(http.StatusForbidden, "ParameterCount.ExceedLimit", "The number of command parameters exceeds the maximum number that can be set: %d, at most %d.", len(values), MaxParameters)
	}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch lower := strings.ToLower(name); {
		case name == "":
			f.add(http.StatusBadRequest, "CmdParam.EmptyKey", "Command parameters can not be empty.")
		case len(name) > MaxParameterName:
			f.add(http.StatusForbidden, "ParameterKey.ExceedLimit", "The length of the specified parameter key exceeds the maximum length that can be set: %s.", name)
		case seen[lower]:
			f.add(duplicateStatus, "ParameterKey.Duplicate", "The parameter may not contain duplicate keys: %s.", name)
		default:
			seen[lower] = true
		}
	}
}
