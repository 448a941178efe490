package render

import (
	"io"
	"iter"
	"slices"
	"strconv"

	"muster/pkg/assist"
)

// Invocations is a list of invocations.
type Invocations struct {
	TotalCount  int64  `json:",omitempty"` // for a single page, as are the next three
	PageNumber  int64  `json:",omitempty"`
	PageSize    int64  `json:",omitempty"`
	RequestId   string `json:",omitempty"`
	Invocations []Invocation
}

// Invocation is an invocation, with the service's own fields.
type Invocation struct {
	InvokeId           string
	CommandId          string
	CommandName        string
	CommandType        string
	CommandDescription string
	CommandContent     string
	Parameters         string
	InvocationStatus   assist.Status
	RepeatMode         string
	Frequency          string
	Timed              bool
	Timeout            int64
	WorkingDir         string
	Username           string
	ContainerId        string
	ContainerName      string
	TerminationMode    string
	Launcher           string
	OssOutputDelivery  string
	CreationTime       string
	Tags               []assist.TagPair
	InvokeInstances    []InvokeInstance
}

// InvokeInstance is the state of an invocation on one instance.
type InvokeInstance struct {
	InstanceId       string
	InvocationStatus assist.Status
	ExitCode         int64
	ErrorCode        string
	ErrorInfo        string
	Dropped          int64
	Repeats          int64
	CreationTime     string
	StartTime        string
	FinishTime       string
	StopTime         string
}

// NewInvocations returns the document of a list. The contents must be in plain text.
func NewInvocations(list []assist.Invocation) *Invocations {
	document := &Invocations{Invocations: []Invocation{}}
	for i := range list {
		document.Invocations = append(document.Invocations, newInvocation(&list[i]))
	}
	return document
}

// NewInvocationsPage returns the document of one page.
func NewInvocationsPage(page *assist.DescribeInvocationsResponse) *Invocations {
	document := NewInvocations(page.Invocations.Invocation)
	document.TotalCount, document.PageNumber, document.PageSize = page.TotalCount, page.PageNumber, page.PageSize
	document.RequestId = page.RequestId
	return document
}

func newInvocation(i *assist.Invocation) Invocation {
	invocation := Invocation{
		InvokeId: i.InvokeId, CommandId: i.CommandId, CommandName: i.CommandName, CommandType: i.CommandType,
		CommandDescription: i.CommandDescription, CommandContent: i.CommandContent, Parameters: i.Parameters,
		InvocationStatus: i.Status(), RepeatMode: i.RepeatMode, Frequency: i.Frequency, Timed: i.Timed, Timeout: i.Timeout,
		WorkingDir: i.WorkingDir, Username: i.Username, ContainerId: i.ContainerId, ContainerName: i.ContainerName,
		TerminationMode: i.TerminationMode, Launcher: i.Launcher, OssOutputDelivery: i.OssOutputDelivery, CreationTime: i.CreationTime,
		Tags: notNil(i.Tags.Tag), InvokeInstances: []InvokeInstance{},
	}
	for _, n := range i.InvokeInstances.InvokeInstance {
		invocation.InvokeInstances = append(invocation.InvokeInstances, InvokeInstance{
			InstanceId: n.InstanceId, InvocationStatus: n.Status(), ExitCode: n.ExitCode, ErrorCode: n.ErrorCode,
			ErrorInfo: n.ErrorInfo, Dropped: n.Dropped, Repeats: n.Repeats, CreationTime: n.CreationTime,
			StartTime: n.StartTime, FinishTime: n.FinishTime, StopTime: n.StopTime,
		})
	}
	return invocation
}

func notNil[T any](list assist.List[T]) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Records returns the invocations.
func (d *Invocations) Records() iter.Seq2[any, error] { return Records(d.Invocations) }

// Record returns an invocation without values.
func (d *Invocations) Record() any { return Invocation{} }

// WriteTable writes a row for each invocation.
func (d *Invocations) WriteTable(w io.Writer, style Style) error {
	narrow := style.Width > 0 && style.Width < ageBelow && !style.wide
	rows := make([][]string, 0, len(d.Invocations))
	for _, i := range d.Invocations {
		row := []string{
			cell(i.InvokeId), cell(i.CommandName), paintStatus(style, i.InvocationStatus), strconv.Itoa(len(i.InvokeInstances)),
			cell(i.RepeatMode), cell(i.CreationTime),
		}
		if narrow {
			row[5] = age(assist.ParseTime(i.CreationTime))
		}
		if style.wide {
			row = append(row, cell(i.CommandId), cell(i.CommandType), cell(i.Frequency), cell(i.Username), cell(i.WorkingDir))
		}
		rows = append(rows, row)
	}
	header := []string{"INVOCATION", "NAME", "STATUS", "INSTANCES", "REPEAT", "CREATED"}
	if style.wide {
		header = append(header, "COMMAND", "TYPE", "FREQUENCY", "USER", "DIRECTORY")
	}
	if narrow {
		header[5] = "AGE"
	}
	fit := narrowing{drop: []string{"REPEAT"}, cut: []string{"NAME"}}
	return writeTable(w, style, fit, header, slices.Values(rows))
}

func paintStatus(style Style, status assist.Status) string {
	switch status {
	case "":
		return "-"
	case assist.StatusSuccess, assist.StatusFinished:
		return style.Paint.Good(string(status))
	case assist.StatusStopped, assist.StatusCancelled, assist.StatusStopping:
		return style.Paint.Warn(string(status))
	}
	if status.Terminal() {
		return style.Paint.Bad(string(status))
	}
	return string(status)
}
