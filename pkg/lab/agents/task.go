package agents

import "time"

// List has the work for a host.
type List struct {
	Run   []Task
	Stop  []Task // only Id, Version and Repeat count
	Test  []Task // to be checked, not to be run
	Files []File
}

// Repeat is the mode in which a task is repeated on a host.
type Repeat string

// The values of Repeat. NextRebootOnly and EveryReboot are not among them: an agent runs these at once, so that the lab must hold them
// back and send them as Once when the host was booted.
const (
	Once   Repeat = "Once"
	Period Repeat = "Period" // Schedule is a cron
	Rate   Repeat = "Rate"
	At     Repeat = "At" // once
)

// Task is a command for one host.
type Task struct {
	Id                  string // of the invocation
	Version             int    // 1; a higher one replaces a schedule, and ends its run, without a report
	CommandId           string
	Type                string // RunShellScript, RunBatScript or RunPowerShellScript
	Content             []byte // with custom parameters filled in
	Timeout             time.Duration
	WorkingDir          string
	Username            string
	WindowsPasswordName string
	Repeat              Repeat
	Schedule            string    // as in the API: the Frequency; empty for Once
	At                  time.Time // for At
	Created             time.Time
	EnableParameter     bool
	BuiltIn             map[string]string // values of ACS:: parameters, without those that an agent knows by itself
	ContainerId         string
	ContainerName       string
	TerminationMode     string
	Launcher            string
}

// File is a file for one host.
type File struct {
	Id        string
	Name      string
	TargetDir string
	Content   []byte
	Owner     string
	Group     string
	Mode      string // three or four octal digits
	Overwrite bool
	Timeout   time.Duration
}
