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
	Dropped      int64
	Repeats      int64
	ErrorCode    string
	ErrorInfo    string
	Username     string
	StartTime    string
	FinishedTime string
	StopTime     string
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
			StartTime: r.StartTime, FinishedTime: r.FinishedTime, StopTime: r.StopTime,
		})
	}
	return document
}

// Records are the results.
func (d *Results) Records() []any { return records(d.InvocationResults) }

// WriteTable writes a row a result, then the outputs.
func (d *Results) WriteTable(w io.Writer, style Style) error {
	run := &Run{Counts: Counts{"Total": len(d.InvocationResults)}}
	for _, r := range d.InvocationResults {
		instance := RunInstance{
			InstanceId: r.InstanceId, InvokeId: r.InvokeId, InvocationStatus: r.InvocationStatus, Cause: r.Cause, Text: r.Text,
			Dropped: r.Dropped, ErrorCode: r.ErrorCode, ErrorInfo: r.ErrorInfo, StartTime: r.StartTime, FinishTime: r.FinishedTime,
		}
		if r.Cause.Ran() {
			instance.ExitCode = &r.ExitCode
		}
		if r.Cause != "" {
			run.Counts[string(r.Cause)]++
		}
		run.Instances = append(run.Instances, instance)
	}
	return run.WriteTable(w, style)
}
