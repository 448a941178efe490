package render

import (
	"io"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// Results is what instances gave back, as the service keeps it.
type Results struct {
	InvocationResults []InvocationResult
}

// InvocationResult is one run on one instance.
type InvocationResult struct {
	InvokeId         string
	CommandId        string
	InstanceId       string
	InvocationStatus assist.Status
	Cause            fleet.Cause
	ExitCode         int64
	Text
	Dropped                    int64
	Repeats                    int64
	ErrorCode                  string
	ErrorInfo                  string
	Username                   string
	ContainerId, ContainerName string
	TerminationMode, Launcher  string
	StartTime                  string
	FinishedTime               string
	StopTime                   string
	OssOutputUri               string // where the whole output is, when it was delivered
	OssOutputStatus            string
}

// NewResults makes the document of a list. The outputs are in Base64.
func NewResults(list []assist.InvocationResult) *Results {
	document := &Results{InvocationResults: []InvocationResult{}}
	for i := range list {
		r := &list[i]
		result := fleet.ResultOf(r)
		document.InvocationResults = append(document.InvocationResults, InvocationResult{
			InvokeId: r.InvokeId, CommandId: r.CommandId, InstanceId: r.InstanceId, InvocationStatus: result.InvocationStatus,
			Cause: fleet.CauseOf(result.InvocationStatus), ExitCode: r.ExitCode, Text: textOf(result.Output),
			Dropped: r.Dropped, Repeats: r.Repeats, ErrorCode: r.ErrorCode, ErrorInfo: r.ErrorInfo, Username: r.Username,
			ContainerId: r.ContainerId, ContainerName: r.ContainerName, TerminationMode: r.TerminationMode, Launcher: r.Launcher,
			StartTime: r.StartTime, FinishedTime: r.FinishedTime, StopTime: r.StopTime, OssOutputUri: r.OssOutputUri, OssOutputStatus: r.OssOutputStatus,
		})
	}
	return document
}

// Records are the results.
func (d *Results) Records() []any { return Records(d.InvocationResults) }

// WriteTable writes a row a result, then the outputs, the same ones once, then a line that sums up.
func (d *Results) WriteTable(w io.Writer, style Style) error {
	run := &Run{Counts: Counts{"Total": len(d.InvocationResults)}, noun: "result"}
	var rows [][]string
	for i := range d.InvocationResults {
		instance := d.InvocationResults[i].instance()
		if instance.Cause != "" {
			run.Counts[string(instance.Cause)]++
		}
		run.Instances = append(run.Instances, instance)
		row := instance.row(style)
		rows = append(rows, []string{
			instance.InvokeId, instance.InstanceId, row[2], row[3], cell(instance.StartTime), row[4], row[5],
		})
	}
	if err := writeTable(w, style, []string{"INVOCATION", "INSTANCE", "STATUS", "EXIT", "STARTED", "TIME", "INFO"}, rows); err != nil {
		return err
	}
	return run.writeEnd(w, style)
}

// instance is a result as a run's table has it.
func (r *InvocationResult) instance() RunInstance {
	i := RunInstance{
		InstanceId: r.InstanceId, InvokeId: r.InvokeId, InvocationStatus: r.InvocationStatus, Cause: r.Cause, Text: r.Text,
		Dropped: r.Dropped, ErrorCode: r.ErrorCode, ErrorInfo: r.ErrorInfo, StartTime: r.StartTime, FinishTime: r.FinishedTime,
	}
	if r.Cause.Ran() {
		i.ExitCode = &r.ExitCode
	}
	return i
}
