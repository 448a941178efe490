package fleet

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"muster/pkg/assist"
)

// record is the service's record of a call that it accepted.
type record struct {
	assist.Invocation
	file *assist.FileInvocation // nil for commands
}

// fileRecord returns the record of a file as that of a command.
func fileRecord(f *assist.FileInvocation) record {
	r := record{file: f, Invocation: assist.Invocation{
		InvokeId: f.InvokeId, CommandName: f.Name, InvocationStatus: f.InvocationStatus, CreationTime: f.CreationTime,
	}}
	for _, i := range f.InvokeInstances.InvokeInstance {
		r.InvokeInstances.InvokeInstance = append(r.InvokeInstances.InvokeInstance, assist.InvokeInstance{
			InstanceId: i.InstanceId, InvocationStatus: i.InvocationStatus, ErrorCode: i.ErrorCode, ErrorInfo: i.ErrorInfo,
			StartTime: i.StartTime, FinishTime: i.FinishTime,
		})
	}
	return r
}

// instances returns the ids of the record's instances, sorted.
func (r *record) instances() []string {
	ids := make([]string, 0, len(r.InvokeInstances.InvokeInstance))
	for _, instance := range r.InvokeInstances.InvokeInstance {
		ids = append(ids, instance.InstanceId)
	}
	slices.Sort(ids)
	return ids
}

// matches reports whether a record can be that of a call, judging by its content: the same script, saved command or file, with
// the same parameters, user, directory and timeout. A value that the service leaves out of its record agrees with any.
func (r *record) matches(request assist.Request) bool {
	switch request := request.(type) {
	case *assist.RunCommandRequest:
		return r.CommandName == request.Name && r.hasScript(request) && agrees(r.CommandType, request.Type) &&
			r.hasParameters(request.Parameters) && r.hasTimeout(cmp.Or(request.Timeout, assist.DefaultTimeout)) &&
			r.runsAs(request.Username, request.WorkingDir) && agrees(r.ContainerId, request.ContainerId) &&
			agrees(r.ContainerName, request.ContainerName) && agrees(r.Launcher, request.Launcher) && agrees(r.Frequency, request.Frequency)
	case *assist.InvokeCommandRequest:
		return agrees(r.CommandId, request.CommandId) && r.hasParameters(request.Parameters) &&
			(request.Timeout == 0 || r.hasTimeout(request.Timeout)) && r.runsAs(request.Username, request.WorkingDir) &&
			agrees(r.ContainerId, request.ContainerId) && agrees(r.ContainerName, request.ContainerName) && agrees(r.Frequency, request.Frequency)
	case *assist.SendFileRequest:
		return r.file != nil && r.isFile(request)
	}
	return false
}

// agrees reports whether a value in a record agrees with the requested one.
func agrees(recorded, asked string) bool { return recorded == "" || asked == "" || recorded == asked }

func (r *record) hasScript(request *assist.RunCommandRequest) bool {
	recorded, err := assist.DecodeContent(r.CommandContent, assist.Base64)
	sent, sentErr := assist.DecodeContent(request.CommandContent, assist.Encoding(request.ContentEncoding, assist.PlainText))
	return err == nil && sentErr == nil && bytes.Equal(recorded, sent)
}

func (r *record) hasParameters(asked assist.JSONMap) bool {
	if r.Parameters == "" {
		return true
	}
	var recorded map[string]string
	return json.Unmarshal([]byte(r.Parameters), &recorded) == nil && maps.Equal(recorded, map[string]string(asked))
}

func (r *record) hasTimeout(seconds int64) bool { return r.Timeout == 0 || r.Timeout == seconds }

// runsAs compares users and directories, which the service replaces by its defaults.
func (r *record) runsAs(user, dir string) bool {
	users := []string{"", "root", "System"}
	dirs := []string{"", "/root", `C:\Windows\system32`}
	sameUser := r.Username == user || user == "" && slices.Contains(users, r.Username)
	sameDir := r.WorkingDir == dir || dir == "" && (slices.Contains(dirs, r.WorkingDir) || strings.HasPrefix(r.WorkingDir, "/home/"))
	return (sameUser || r.Username == "") && (sameDir || r.WorkingDir == "")
}

func (r *record) isFile(request *assist.SendFileRequest) bool {
	f := r.file
	recorded, err := assist.DecodeContent(f.Content, assist.Encoding(f.ContentType, assist.PlainText))
	sent, sentErr := assist.DecodeContent(request.Content, assist.Encoding(request.ContentType, assist.PlainText))
	return err == nil && sentErr == nil && bytes.Equal(recorded, sent) &&
		agrees(f.Name, request.Name) && agrees(f.TargetDir, request.TargetDir) &&
		agrees(f.FileOwner, cmp.Or(request.FileOwner, "root")) && agrees(f.FileGroup, cmp.Or(request.FileGroup, "root")) &&
		agrees(f.FileMode, cmp.Or(request.FileMode, "0644")) && agrees(strings.ToLower(f.Overwrite), strconv.FormatBool(request.Overwrite))
}
