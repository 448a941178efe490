//go:build unix

package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

// chaosReport is muster's report of a run.
type chaosReport struct {
	RunId, Status, Gate string
	Counts              map[string]int
	Instances           []chaosInstance
}

type chaosInstance struct {
	InstanceId, InvokeId, Cause, Output, ErrorCode string
	OutputBase64                                   []byte
	ExitCode                                       *int64
}

// chaosRecord is the lab's record of one instance in one invocation.
type chaosRecord struct {
	invokeID, status, errorCode string
	exitCode                    int64
	output                      []byte
}

// check compares the last process's report with the lab's records, its exit code, and muster's later reports of the run.
func (c *chaos) check(ctx context.Context, l *chaosLab, last ended, tally *chaosTally) error {
	if err := l.lab.SetFaults(nil); err != nil {
		return err
	}
	document, err := c.document(last.stdout)
	if err != nil {
		return err
	}
	var report chaosReport
	if err := convert(document, &report); err != nil {
		return err
	}
	records, err := c.records(ctx, l)
	if err != nil {
		return err
	}
	if len(report.Instances) != c.instances {
		return fmt.Errorf("%d instances are reported, want %d", len(report.Instances), c.instances)
	}
	executions := map[string]int{}
	for _, execution := range l.lab.Executions() {
		executions[execution.InstanceId]++
	}
	var errs []error
	for i := range report.Instances {
		one := &report.Instances[i]
		if err := c.checkInstance(l, one, records[one.InstanceId], executions[one.InstanceId], report.Gate != ""); err != nil {
			errs = append(errs, fmt.Errorf("%s, reported as %+v: %w; the lab has %+v", one.InstanceId, *one, err, records[one.InstanceId]))
		}
		tally.count(one, max(len(records[one.InstanceId]), executions[one.InstanceId]))
	}
	errs = append(errs, c.checkEnd(report, last), c.checkLater(ctx, l, document, report))
	return errors.Join(errs...)
}

// count adds up how often the lab has accepted a target.
func (y *chaosTally) count(one *chaosInstance, times int) {
	y.add(func() {
		y.targets++
		switch {
		case times > 1:
			y.twice++
		case times == 1:
			y.once++
		case one.Cause == "rejected", one.Cause == "skipped", one.Cause == "unsent", one.Cause == "unknown":
			y.never++
		default:
			y.lost++
		}
	})
}

// document returns the run that a process printed. A send that was never killed prints a list.
func (c *chaos) document(text string) (map[string]any, error) {
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		return nil, fmt.Errorf("read the report %q: %w", text, err)
	}
	if files, ok := document["Files"].([]any); ok && len(files) == 1 {
		document, _ = files[0].(map[string]any)
		delete(document, "Name")
		delete(document, "TargetDir")
	}
	delete(document, "Calls")
	return document, nil
}

func convert(document any, to any) error {
	text, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

// records reads all records of the lab with another client.
func (c *chaos) records(ctx context.Context, l *chaosLab) (map[string][]chaosRecord, error) {
	records := map[string][]chaosRecord{}
	if c.action == "send" {
		request := &assist.DescribeSendFileResultsRequest{RegionId: labRegion}
		for request.MaxResults = 50; ; {
			page, err := l.call.DescribeSendFileResults(ctx, request)
			if err != nil {
				return nil, err
			}
			for _, invocation := range page.Invocations.Invocation {
				for _, one := range invocation.InvokeInstances.InvokeInstance {
					records[one.InstanceId] = append(records[one.InstanceId], chaosRecord{
						invokeID: invocation.InvokeId, status: one.InvocationStatus, errorCode: one.ErrorCode,
					})
				}
			}
			if request.NextToken = page.NextToken; page.NextToken == "" {
				return records, nil
			}
		}
	}
	for one, err := range l.call.AllInvocationResults(ctx, assist.DescribeInvocationResultsRequest{RegionId: labRegion, ContentEncoding: assist.Base64}) {
		if err != nil {
			return nil, err
		}
		output, err := assist.DecodeContent(one.Output, one.Encoding)
		if err != nil {
			return nil, err
		}
		records[one.InstanceId] = append(records[one.InstanceId], chaosRecord{
			invokeID: one.InvokeId, status: one.InvocationStatus, errorCode: one.ErrorCode, exitCode: one.ExitCode, output: output,
		})
	}
	return records, nil
}

// causeOfRecord returns the cause of a record, independently of muster's own code.
func (c *chaos) causeOfRecord(r chaosRecord) string {
	if c.action == "send" && r.status == "Failed" {
		return "error"
	}
	return map[string]string{
		"Success": "success", "Failed": "exit", "Timeout": "timeout", "Aborted": "undelivered", "Invalid": "invalid", "Error": "error",
	}[r.status]
}

func (c *chaos) checkInstance(l *chaosLab, one *chaosInstance, records []chaosRecord, executions int, stopped bool) error {
	if len(records) > 1 || executions > 1 {
		return fmt.Errorf("it was taken %d times and executed %d times", len(records), executions)
	}
	if c.real {
		ran, _ := os.ReadFile(filepath.Join(l.home, "instances", one.InstanceId, "rootfs", "root", "ran"))
		if lines := bytes.Count(ran, []byte("\n")); lines != executions {
			return fmt.Errorf("it was executed %d times, and ran %d times", executions, lines)
		}
	}
	switch one.Cause {
	case "rejected", "skipped", "unsent":
		if len(records) > 0 || executions > 0 || one.InvokeId != "" {
			return errors.New("it was taken all the same")
		}
		return nil
	case "unknown":
		if len(records) > 0 || !stopped {
			return errors.New("it can be known how it ended")
		}
		return nil
	}
	if len(records) == 0 {
		return errors.New("it was never taken")
	}
	record := records[0]
	if one.InvokeId != record.invokeID || one.Cause != c.causeOfRecord(record) || one.ErrorCode != record.errorCode {
		return errors.New("they differ")
	}
	if c.action == "send" {
		return nil
	}
	output := []byte(one.Output)
	if len(one.OutputBase64) > 0 {
		output = one.OutputBase64
	}
	if !bytes.Equal(output, record.output) {
		return fmt.Errorf("its output is %q, and the lab has %q", output, record.output)
	}
	ran := one.Cause == "success" || one.Cause == "exit"
	if ran != (executions == 1) || ran != (one.ExitCode != nil) || ran && *one.ExitCode != record.exitCode {
		return fmt.Errorf("it was executed %d times", executions)
	}
	return nil
}

// checkEnd compares the exit code and the counts with the instances.
func (c *chaos) checkEnd(report chaosReport, last ended) error {
	counts := map[string]int{}
	for _, one := range report.Instances {
		counts[one.Cause]++
	}
	for cause, n := range report.Counts {
		if cause != "Total" && n != counts[cause] || cause == "Total" && n != c.instances {
			return fmt.Errorf("%d targets are counted as %s", n, cause)
		}
	}
	want := exitUnsuccess
	switch {
	case report.Gate != "":
		want = exitStopped
	case counts["unsent"] > 0:
		return errors.New("some were not sent, and nothing says why")
	case counts["success"] == c.instances:
		want = exitDone
	}
	if last.code != want {
		return fmt.Errorf("exit code %d, want %d", last.code, want)
	}
	if (report.Gate != "") != (c.maxFailures != "" && counts["unsent"]+counts["unknown"] > 0) {
		return fmt.Errorf("gate %q", report.Gate)
	}
	return nil
}

// checkLater shows, lists and resumes the run again: the report stays the same, and nothing is sent.
func (c *chaos) checkLater(ctx context.Context, l *chaosLab, document map[string]any, report chaosReport) error {
	before := l.lab.Calls()
	looks := [][]string{{"runs", "show", "last", "-o", "json"}}
	if report.Gate == "" {
		looks = append(looks, []string{"runs", "resume", "last", "-o", "json"})
	}
	for _, args := range looks {
		again, err := l.muster(ctx, l.env, nil, 0, args...)
		if err != nil {
			return err
		}
		shown, err := c.document(again.stdout)
		if err != nil {
			return err
		}
		if diff := cmp.Diff(document, shown); diff != "" {
			return fmt.Errorf("muster %s differs: %s", strings.Join(args, " "), diff)
		}
	}
	list, err := l.muster(ctx, l.env, nil, 0, "runs", "-o", "json")
	if err != nil {
		return err
	}
	var runs struct {
		Runs []struct{ RunId, Status string }
	}
	if err := json.Unmarshal([]byte(list.stdout), &runs); err != nil {
		return err
	}
	if len(runs.Runs) != 1 || runs.Runs[0].RunId != report.RunId || runs.Runs[0].Status != report.Status {
		return fmt.Errorf("the list of runs has %+v, want %s, %s", runs.Runs, report.RunId, report.Status)
	}
	if diff := cmp.Diff(before, l.lab.Calls()); diff != "" {
		return fmt.Errorf("a look at the run makes calls: %s", diff)
	}
	return nil
}
