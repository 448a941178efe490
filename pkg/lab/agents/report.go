package agents

import "time"

// ReportKind is the subject of a report.
type ReportKind int

// The kinds of reports. Running comes when a script starts, and again with new output. All others end a task, or one run of a schedule.
const (
	Running ReportKind = iota
	Finished
	TimedOut
	Failed    // the agent could not run the script
	Stopped   // by a stop of the lab or, with Completed, because a schedule has had its last run
	Invalid   // the agent refuses the task
	Verified  // a test found nothing wrong
	FileEnded // a file was written, or not
)

// Report is the report of a host about a task or a file. A run is identified by Task, Version and Start.
type Report struct {
	Kind     ReportKind
	TaskId   string
	Version  int
	Start    time.Time // zero if the run has not started
	End      time.Time // zero if it has not ended
	ExitCode int
	Dropped  int64  // bytes of output left out between those of Running and of the last report
	Output   []byte // since the report before; any bytes

	ErrorCode string // of Failed: an errno, a negative number or a name
	ErrorDesc string
	Param     string // of Invalid: what is wrong
	Completed bool   // of Stopped

	File        bool // Invalid and FileEnded: the task is a file
	FileWritten bool
	FileError   int // 1 create, 2 owner, 3 mode, 4 directory
}
