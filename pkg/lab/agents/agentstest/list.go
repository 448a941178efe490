package agentstest

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type list struct {
	Code       int        `json:"code"`
	InstanceID string     `json:"instanceId"`
	Run        []listItem `json:"run"`
	Stop       []listItem `json:"stop"`
	Test       []listItem `json:"test"`
	File       []listFile `json:"file"`
}

type listItem struct {
	Task   listTask   `json:"task"`
	Output listOutput `json:"output"`
	Repeat string     `json:"repeat"`
}

type listTask struct {
	TaskID              string            `json:"taskID"`
	InvokeVersion       int               `json:"invokeVersion"`
	CommandID           string            `json:"commandId"`
	CommandName         string            `json:"commandName"`
	Type                string            `json:"type"`
	CommandContent      string            `json:"commandContent"`
	TimeOut             string            `json:"timeOut"`
	WorkingDirectory    string            `json:"workingDirectory"`
	Username            string            `json:"username"`
	WindowsPasswordName string            `json:"windowsPasswordName"`
	Cron                string            `json:"cron"`
	CreationTime        int64             `json:"creationTime"`
	EnableParameter     bool              `json:"enableParameter"`
	BuiltInParameter    map[string]string `json:"builtInParameter"`
	TerminationMode     string            `json:"terminationMode"`
	Launcher            string            `json:"launcher"`
}

type listOutput struct {
	Interval  int  `json:"interval"`
	LogQuota  int  `json:"logQuota"`
	SkipEmpty bool `json:"skipEmpty"`
	SendStart bool `json:"sendStart"`
}

type listFile struct {
	Task listFileTask `json:"task"`
}

type listFileTask struct {
	TaskID      string `json:"taskID"`
	Name        string `json:"name"`
	Destination string `json:"destination"`
	Content     string `json:"content"`
	Signature   string `json:"signature"`
	Owner       string `json:"owner"`
	Group       string `json:"group"`
	Mode        string `json:"mode"`
	Overwrite   bool   `json:"overwrite"`
	Timeout     int64  `json:"timeout"`
}

// fetch fetches tasks after a notification.
func (l *life) fetch(taskID string) {
	l.mu.Lock()
	reason := "kickoff"
	if !l.fetching {
		l.mu.Unlock()
		return
	}
	if taskID == "" && !l.startup {
		l.startup = true
		reason = fmt.Sprintf("startup&cold_start=%t", l.coldStart)
	}
	l.mu.Unlock()
	if n := l.fetchTasks(reason, taskID); n == 0 && l.wait(3) {
		l.fetchTasks("kickoff", taskID)
	}
}

// fetchTasks fetches the list and does what it says. It returns how many items the list had, without tests.
func (l *life) fetchTasks(reason, taskID string) int {
	received, ok := l.fetchList(reason, taskID)
	if !ok {
		return 0
	}
	for _, f := range received.File {
		l.receiveFile(f.Task)
	}
	for _, item := range received.Run {
		l.receive(item)
	}
	for _, item := range received.Stop {
		l.stop(item)
	}
	for _, item := range received.Test {
		t := l.newTask(item)
		l.run(func() {
			if t.check() {
				l.report("verified", t.identity(), nil)
			}
		})
	}
	return len(received.Run) + len(received.Stop) + len(received.File)
}

func (l *life) fetchList(reason, taskID string) (list, bool) {
	target := "/luban/api/v1/task/list?reason=" + reason
	if taskID != "" {
		target += "&taskId=" + taskID
	}
	for range 4 { // of lists that say to ask again
		now := l.o.Clock.Now()
		_, offset := now.Zone()
		query := fmt.Sprintf("&currentTime=%d&offset=%d&timeZone=%s", now.UnixMilli(), offset, url.QueryEscape("UTC"))
		answer, err := l.call(l.ctx, http.MethodPost, target+query, "application/json; charset=utf-8", nil, listTimeout)
		for retry := 0; retry < 3 && err != nil && l.wait(2); retry++ {
			answer, err = l.call(l.ctx, http.MethodPost, target+query, "application/json; charset=utf-8", nil, listTimeout)
		}
		if err != nil {
			return list{}, false
		}
		var received list
		if err := json.Unmarshal(answer, &received); err != nil { // also for a timeOut that is no text
			l.violation("task list %s: %v", answer, err)
			return list{}, false
		}
		if received.Code != http.StatusRequestTimeout {
			return received, l.ctx.Err() == nil
		}
		l.wait(2)
	}
	return list{}, false
}

// newTask returns a task of a list.
func (l *life) newTask(item listItem) *task {
	timeout, err := strconv.Atoi(item.Task.TimeOut)
	if err != nil {
		timeout = 3600
	}
	repeat := item.Repeat
	if repeat == "" {
		repeat = "Once"
	}
	if item.Task.CommandName != "" {
		l.violation("task %s has a commandName", item.Task.TaskID)
	}
	if !wellFormed(item.Task.TaskID) {
		l.violation("task id %q", item.Task.TaskID)
	}
	if strings.HasSuffix(repeat, "Reboot") || repeat == "NextRebootOnly" {
		l.violation("task %s has the repeat mode %s", item.Task.TaskID, repeat)
	}
	content, decodeErr := base64.StdEncoding.DecodeString(item.Task.CommandContent)
	return &task{
		life: l, decodeErr: decodeErr, output: item.Output,
		Task: Task{
			ID: item.Task.TaskID, Version: item.Task.InvokeVersion, Repeat: repeat, Cron: item.Task.Cron,
			Created: time.UnixMilli(item.Task.CreationTime), Type: item.Task.Type, Content: string(content),
			Timeout: time.Duration(timeout) * time.Second, WorkingDir: item.Task.WorkingDirectory, Username: item.Task.Username,
			BuiltIns: item.Task.BuiltInParameter, Parameters: item.Task.EnableParameter,
			Termination: item.Task.TerminationMode, Launcher: item.Task.Launcher,
		},
	}
}

// receiveFile writes a file, and reports once how that went.
func (l *life) receiveFile(f listFileTask) {
	number, param, value := l.writeFile(f)
	var path, query string
	switch {
	case param != "":
		path, query = "invalid", "?taskId="+f.TaskID+"&taskType=sendfile&param="+param+"&value="+value // not encoded
	case number != 0:
		path, query = "finish", fmt.Sprintf("?taskId=%s&status=Failed&taskType=sendfile&errorcode=%d", f.TaskID, number)
	default:
		path, query = "finish", "?taskId="+f.TaskID+"&status=Success&taskType=sendfile&errorcode=0"
	}
	_, _ = l.call(l.ctx, http.MethodPost, "/luban/api/v1/task/"+path+query, "text/plain; charset=utf-8", nil, requestTimeout)
}

func (l *life) writeFile(f listFileTask) (errorNumber int, param, value string) {
	content, err := base64.StdEncoding.DecodeString(f.Content)
	sum := md5.Sum([]byte(f.Content))
	switch {
	case f.Name == "":
		return 0, "FileNameInvalid", f.Name
	case f.Content == "":
		return 0, "EmptyFile", ""
	case err != nil:
		return 0, "InvalidFileContent", ""
	case !strings.EqualFold(hex.EncodeToString(sum[:]), f.Signature):
		return 0, "InvalidSignature", f.Signature
	}
	if l.o.WriteFile != nil {
		errorNumber, param, value = l.o.WriteFile(File{f.TaskID, f.Name, f.Destination, content, f.Owner, f.Group, f.Mode, f.Overwrite})
	}
	if errorNumber == 0 && param == "" {
		l.Agent.mu.Lock()
		defer l.Agent.mu.Unlock()
		l.written[f.TaskID]++
	}
	return errorNumber, param, value
}
