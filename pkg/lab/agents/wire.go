package agents

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"math"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// wireList is a task list on the wire.
type wireList struct {
	Code       int        `json:"code"`
	InstanceId string     `json:"instanceId"`
	Run        []wireItem `json:"run"`
	Stop       []wireItem `json:"stop"`
	Test       []wireItem `json:"test"`
	File       []wireFile `json:"file"`
	Session    []struct{} `json:"session"`
}

type wireItem struct {
	Task   wireTask   `json:"task"`
	Output wireOutput `json:"output"`
	Repeat Repeat     `json:"repeat"`
}

// wireTask has no commandName: agents make it part of a script's path.
type wireTask struct {
	TaskID              string            `json:"taskID"`
	InvokeVersion       int               `json:"invokeVersion"`
	CommandId           string            `json:"commandId"`
	Type                string            `json:"type"`
	CommandContent      string            `json:"commandContent"` // Base64
	TimeOut             string            `json:"timeOut"`        // seconds, as text
	WorkingDirectory    string            `json:"workingDirectory"`
	Username            string            `json:"username"`
	WindowsPasswordName string            `json:"windowsPasswordName"`
	Cron                string            `json:"cron"`
	CreationTime        int64             `json:"creationTime"` // milliseconds since 1970
	EnableParameter     bool              `json:"enableParameter"`
	BuiltInParameter    map[string]string `json:"builtInParameter,omitempty"`
	ContainerId         string            `json:"containerId"`
	ContainerName       string            `json:"containerName"`
	TerminationMode     string            `json:"terminationMode"`
	Launcher            string            `json:"launcher"`
}

// wireOutput has the settings with which an agent reports output.
type wireOutput struct {
	Interval  int  `json:"interval"` // milliseconds
	LogQuota  int  `json:"logQuota"` // bytes
	SkipEmpty bool `json:"skipEmpty"`
	SendStart bool `json:"sendStart"`
}

type wireFile struct {
	Task   wireFileTask `json:"task"`
	Output wireOutput   `json:"output"`
}

type wireFileTask struct {
	TaskID      string `json:"taskID"`
	Name        string `json:"name"`
	Destination string `json:"destination"`
	Content     string `json:"content"` // Base64
	ContentType string `json:"contentType"`
	Signature   string `json:"signature"` // MD5 of Content as it is here
	Owner       string `json:"owner"`
	Group       string `json:"group"`
	Mode        string `json:"mode"`
	Overwrite   bool   `json:"overwrite"`
	Timeout     int64  `json:"timeout"` // seconds
}

// outputReports makes agents report that a script has started, and its output once a second, of which 24 KiB are kept.
func outputReports() wireOutput {
	return wireOutput{Interval: 1000, LogQuota: 24 << 10, SkipEmpty: true, SendStart: true}
}

// encode returns a task for the wire. It has passed Check.
func (t Task) encode(refusesRoot bool) wireItem {
	username := t.Username
	if username == "root" && refusesRoot {
		username = "" // the agent's own account
	}
	return wireItem{
		Repeat: t.Repeat,
		Output: outputReports(),
		Task: wireTask{
			TaskID: t.Id, InvokeVersion: t.Version, CommandId: t.CommandId, Type: t.Type,
			CommandContent:   base64.StdEncoding.EncodeToString(t.Content),
			TimeOut:          strconv.FormatInt(seconds(t.Timeout), 10),
			WorkingDirectory: t.WorkingDir, Username: username, WindowsPasswordName: t.WindowsPasswordName,
			Cron: t.cron(), CreationTime: milliseconds(t.Created),
			EnableParameter: t.EnableParameter, BuiltInParameter: t.BuiltIn,
			ContainerId: t.ContainerId, ContainerName: t.ContainerName, TerminationMode: t.TerminationMode,
			Launcher: quotedExt().ReplaceAllString(t.Launcher, "Ext($2)"),
		},
	}
}

// quotedExt is the ending of a script's file as the API wants it. Agents want it without quotes.
var quotedExt = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`Ext\(\s*("|')([^"'(){}]*)["']\s*\)`) })

// encodeStop returns a task for the wire that is to be stopped. It has passed checkStop.
func (t Task) encodeStop() wireItem {
	return wireItem{Repeat: t.Repeat, Output: outputReports(), Task: wireTask{TaskID: t.Id, InvokeVersion: t.Version, TimeOut: "60"}}
}

// cron returns the schedule in the form of agents, whose form of a time differs from that of the API.
func (t Task) cron() string {
	switch t.Repeat {
	case Once:
		return ""
	case At:
		return t.At.UTC().Format("at(2006-01-02T15:04:05)")
	default:
		return t.Schedule
	}
}

// encode returns a file for the wire. It has passed Check.
func (file File) encode() wireFile {
	content := base64.StdEncoding.EncodeToString(file.Content)
	sum := md5.Sum([]byte(content))
	return wireFile{
		Output: outputReports(),
		Task: wireFileTask{
			TaskID: file.Id, Name: file.Name, Destination: file.TargetDir, Content: content, ContentType: "Base64",
			Signature: hex.EncodeToString(sum[:]), Owner: file.Owner, Group: file.Group, Mode: file.Mode,
			Overwrite: file.Overwrite, Timeout: seconds(file.Timeout),
		},
	}
}

// seconds returns a duration in seconds, rounded up: on the wire, 0 is no timeout.
func seconds(d time.Duration) int64 { return int64(math.Ceil(d.Seconds())) }

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
