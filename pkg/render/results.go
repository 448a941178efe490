package render

import (
	"cmp"
	"fmt"
	"io"
	"iter"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// Results are the results of instances, as the service keeps them.
type Results struct {
	InvocationResults []InvocationResult

	names *fleet.Names
}

// InvocationResult is the result of an invocation on one instance.
type InvocationResult struct {
	InvokeId         string
	CommandId        string
	InstanceId       string
	InstanceName     string // empty if it could not be looked up
	InvocationStatus assist.Status
	Cause            fleet.Cause
	ExitCode         *int64 // null if the script did not run to its end
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
	OssOutputUri               string // the location of the whole output, if it was delivered
	OssOutputStatus            string
	OssOutputErrorCode         string
	OssOutputErrorInfo         string
}

// NewResults returns the document of a list, with the names of instances by their ids. The outputs are in Base64.
func NewResults(list []assist.InvocationResult, names map[string]string) *Results {
	document := &Results{InvocationResults: []InvocationResult{}}
	for i := range list {
		r := &list[i]
		result := fleet.ResultOf(r)
		cause := fleet.CauseOf(result.InvocationStatus)
		var exitCode *int64
		if cause.Exited(r.ExitCode) || !cause.Ran() && r.Repeats > 0 && r.FinishedTime != "" { // as in a run's report
			exitCode = &r.ExitCode
		}
		document.InvocationResults = append(document.InvocationResults, InvocationResult{
			InvokeId: r.InvokeId, CommandId: r.CommandId, InstanceId: r.InstanceId, InstanceName: names[r.InstanceId],
			InvocationStatus: result.InvocationStatus,
			Cause:            cause, ExitCode: exitCode, Text: textOf(result.Output),
			Dropped: result.Dropped, Repeats: r.Repeats, ErrorCode: r.ErrorCode, ErrorInfo: r.ErrorInfo, Username: r.Username,
			ContainerId: r.ContainerId, ContainerName: r.ContainerName, TerminationMode: r.TerminationMode, Launcher: r.Launcher,
			StartTime: r.StartTime, FinishedTime: r.FinishedTime, StopTime: r.StopTime, OssOutputUri: r.OssOutputUri, OssOutputStatus: r.OssOutputStatus,
			OssOutputErrorCode: r.OssOutputErrorCode, OssOutputErrorInfo: r.OssOutputErrorInfo,
		})
	}
	document.names = fleet.NewNames(len(document.InvocationResults), func(i int) fleet.Named {
		r := &document.InvocationResults[i]
		return fleet.Named{InstanceId: r.InstanceId, InstanceName: r.InstanceName}
	})
	return document
}

// name returns the shown name of the instance of a result.
func (d *Results) name(n int32) string {
	r := &d.InvocationResults[n]
	return d.names.Of(r.InstanceName, r.InstanceId)
}

// InstanceNames returns the shown name of the instance of each result.
func (d *Results) InstanceNames() []string {
	names := make([]string, len(d.InvocationResults))
	for i := range names {
		names[i] = d.name(int32(i))
	}
	return names
}

// instances returns the number of distinct instances among some results.
func (d *Results) instances(numbers []int32) int {
	distinct := map[string]struct{}{}
	for _, n := range numbers {
		distinct[d.InvocationResults[n].InstanceId] = struct{}{}
	}
	return len(distinct)
}

// Records returns the results.
func (d *Results) Records() iter.Seq2[any, error] { return Records(d.InvocationResults) }

// Record returns a result without values.
func (d *Results) Record() any { return InvocationResult{} }

// WriteTable writes the outputs, equal ones once, then the results with failures last, and a summary line. Results have a row
// each in a wide table and if they fit on the screen; otherwise equal ones share a row.
func (d *Results) WriteTable(w io.Writer, style Style) error {
	counts := Counts{"Total": len(d.InvocationResults)}
	for i := range d.InvocationResults {
		if cause := d.InvocationResults[i].Cause; cause != "" {
			counts[string(cause)]++
		}
	}
	if style.markdown != nil {
		style.markdown.outputs = true
		if err := style.markdown.sum(w, sum(counts, "result", results(style, counts))); err != nil {
			return err
		}
		if err := d.writeRows(w, style, d.numbers); err != nil {
			return err
		}
		_, err := d.outcomes().write(w, style, d.numbers)
		return err
	}
	if err := writeAbove(w, style, d.outcomes(), d.numbers); err != nil {
		return err
	}
	if err := d.writeEnds(w, style, style.rows(tableRows)); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", style.wrapped(sum(counts, "result", results(style, counts))))
	return err
}

func (d *Results) numbers(yield func(int32) bool) {
	for n := range d.InvocationResults {
		if !yield(int32(n)) {
			return
		}
	}
}

// outcomes returns the outcomes of the results.
func (d *Results) outcomes() outcomes {
	outputs := resultOutputs{}
	all := make([]outcome, len(d.InvocationResults))
	for i := range all {
		r := &d.InvocationResults[i]
		all[i] = outcome{cause: r.Cause, output: outputs.add(r.Text), dropped: r.Dropped, delivery: r.delivery()}
		if r.Cause.Ran() && r.ExitCode != nil {
			all[i].exit, all[i].exited = *r.ExitCode, true
		}
	}
	return outcomes{
		of: func(n int32) outcome { return all[n] }, outputs: outputs, name: d.name, instances: d.instances,
		called: func(n int32) string {
			return cmp.Or(d.InvocationResults[n].InstanceName, d.InvocationResults[n].InstanceId)
		},
	}
}

// writeEnds writes the table of the results.
func (d *Results) writeEnds(w io.Writer, style Style, rows int) error {
	table := outcomesTable{
		numbers: d.numbers, name: d.name,
		of: func(n int32) outcomeRow {
			r := &d.InvocationResults[n]
			row := outcomeRow{
				id: r.InstanceId, name: r.InstanceName, place: r.InvokeId, status: r.InvocationStatus, cause: r.Cause,
				code: r.ErrorCode, info: r.ErrorInfo, start: r.StartTime, finish: r.FinishedTime,
			}
			if r.Cause.Ran() && r.ExitCode != nil {
				row.exit, row.exited = *r.ExitCode, true
			}
			return row
		},
	}
	for i := range d.InvocationResults {
		if d.InvocationResults[i].InvokeId != d.InvocationResults[0].InvokeId {
			table.place = "INVOCATION"
		}
	}
	if groups, by, folded := table.folds(style, rows); folded {
		return table.writeFolded(w, style, groups, by, rows)
	}
	return d.writeRows(w, style, table.failuresLast())
}

// writeRows writes a row for each result.
func (d *Results) writeRows(w io.Writer, style Style, order iter.Seq[int32]) error {
	header := []string{"INVOCATION", "INSTANCE", "NAME", "STATUS", "EXIT", "STARTED", "TIME", "INFO"}
	if style.wide {
		header = append(header, "FINISHED", "COMMAND", "USER", "OUTPUT AT")
	}
	var times durations
	fit := narrowing{drop: []string{"TIME", "STARTED", "INVOCATION"}, cut: []string{"INFO", "NAME"}}
	return writeTable(w, style, fit, header, func(yield func([]string) bool) {
		for n := range order {
			r := &d.InvocationResults[n]
			instance := r.instance()
			row := instance.row(nil, style, &times)
			cells := []string{cell(r.InvokeId), row[0], row[1], row[2], row[3], cell(r.StartTime), row[4], row[5]}
			if style.wide {
				cells = append(cells, cell(r.FinishedTime), cell(r.CommandId), cell(r.Username), cell(r.OssOutputUri))
			}
			if !yield(cells) {
				return
			}
		}
	})
}

// resultOutputs are the outputs of a list that is in memory anyway.
type resultOutputs map[fleet.OutputKey]fleet.Output

func (o resultOutputs) add(text Text) fleet.OutputKey {
	output := text.bytes()
	key := output.Key()
	o[key] = output
	return key
}

// Output returns the output of a key.
func (o resultOutputs) Output(key fleet.OutputKey) (fleet.Output, error) { return o[key], nil }

func (r *InvocationResult) delivery() *fleet.Delivery {
	return &fleet.Delivery{
		OssOutputStatus: r.OssOutputStatus, OssOutputUri: r.OssOutputUri,
		OssOutputErrorCode: r.OssOutputErrorCode, OssOutputErrorInfo: r.OssOutputErrorInfo,
	}
}

// instance returns a result in the form of a run's table.
func (r *InvocationResult) instance() RunInstance {
	i := RunInstance{
		InstanceId: r.InstanceId, InstanceName: r.InstanceName, InvokeId: r.InvokeId, InvocationStatus: r.InvocationStatus, Cause: r.Cause,
		Dropped: r.Dropped, ErrorCode: r.ErrorCode, ErrorInfo: r.ErrorInfo, StartTime: r.StartTime, FinishTime: r.FinishedTime,
	}
	if r.Cause.Ran() {
		i.ExitCode = r.ExitCode
	}
	return i
}
