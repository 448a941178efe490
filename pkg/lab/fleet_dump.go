package lab

import (
	"muster/pkg/assist"
)

// FleetDump is the state of a lab in the words of a fleet file. Its JSON is a fleet file, too.
type FleetDump struct {
	Region      string           `json:"region"`
	Groups      []GroupDump      `json:"groups"`
	Faults      []string         `json:"faults,omitempty"`
	Commands    []CommandDump    `json:"commands,omitempty"`
	Invocations []InvocationDump `json:"invocations,omitempty"`
}

// GroupDump is a group of a [FleetDump].
type GroupDump struct {
	Name         string          `json:"name"`
	Region       string          `json:"region,omitempty"` // omitted for the region of the file
	Count        int             `json:"count,omitempty"`  // omitted for one instance, as are the zero values of all other keys
	Id           string          `json:"id,omitempty"`     // of the first instance
	InstanceName string          `json:"instance_name,omitempty"`
	HostName     string          `json:"host_name,omitempty"`
	Tags         DumpedMap       `json:"tags,omitempty"`
	Zone         string          `json:"zone,omitempty"`
	Type         string          `json:"type,omitempty"`
	Os           string          `json:"os,omitempty"`
	Agent        string          `json:"agent,omitempty"`
	Shell        string          `json:"shell,omitempty"`
	Home         string          `json:"home,omitempty"`
	Network      string          `json:"network,omitempty"`
	Online       string          `json:"online,omitempty"`
	Status       string          `json:"status,omitempty"`
	Latency      string          `json:"latency,omitempty"`
	Managed      bool            `json:"managed,omitempty"`
	Simulate     *SimulationDump `json:"simulate,omitempty"`
}

// SimulationDump is a simulation of a [FleetDump].
type SimulationDump struct {
	Duration DistributionDump `json:"duration"`
	Exit     DumpedMap        `json:"exit,omitempty"`
	Output   string           `json:"output,omitempty"`
	Text     string           `json:"text,omitempty"`
	Seed     *uint64          `json:"seed,omitempty"`
}

// DistributionDump is a distribution of a [FleetDump].
type DistributionDump struct {
	Least  string `json:"least,omitempty"`
	Most   string `json:"most,omitempty"`
	Median string `json:"median,omitempty"`
	P99    string `json:"p99,omitempty"`
}

// ScriptDump has the keys of a script that commands and invocations of a [FleetDump] share.
type ScriptDump struct {
	Name            string    `json:"name,omitempty"`
	Type            string    `json:"type,omitempty"`
	Description     string    `json:"description,omitempty"`
	Content         string    `json:"content,omitempty"`
	ContentBase64   string    `json:"content_base64,omitempty"`
	EnableParameter bool      `json:"enable_parameter,omitempty"`
	WorkingDir      string    `json:"working_dir,omitempty"`
	Launcher        string    `json:"launcher,omitempty"`
	ResourceGroupId string    `json:"resource_group_id,omitempty"`
	Timeout         string    `json:"timeout,omitempty"`
	Tags            DumpedMap `json:"tags,omitempty"`
	Created         string    `json:"created"`
}

// CommandDump is a saved command of a [FleetDump].
type CommandDump struct {
	Id     string `json:"id"`
	Region string `json:"region,omitempty"` // omitted for the region of the file
	ScriptDump
}

// InvocationDump is an invocation of a [FleetDump].
type InvocationDump struct {
	Id        string `json:"id"`
	Command   string `json:"command,omitempty"`
	CommandId string `json:"command_id,omitempty"`
	ScriptDump
	Frequency       string    `json:"frequency,omitempty"`
	Username        string    `json:"username,omitempty"`
	Parameters      DumpedMap `json:"parameters,omitempty"`
	TerminationMode string    `json:"termination_mode,omitempty"`
	ContainerId     string    `json:"container_id,omitempty"`
	ContainerName   string    `json:"container_name,omitempty"`
	Instances       []string  `json:"instances"`
	OutcomeDump
	Results []ResultDump `json:"results,omitempty"`
}

// OutcomeDump is the end of tasks of an invocation.
type OutcomeDump struct {
	Status       assist.Status `json:"status,omitempty"`
	Exit         int64         `json:"exit,omitempty"`
	ErrorCode    string        `json:"error_code,omitempty"`
	ErrorInfo    string        `json:"error_info,omitempty"`
	Repeats      int64         `json:"repeats,omitempty"`
	Started      string        `json:"started,omitempty"`
	Finished     string        `json:"finished,omitempty"`
	Stopped      string        `json:"stopped,omitempty"`
	Updated      string        `json:"updated,omitempty"`
	Output       string        `json:"output,omitempty"`
	OutputBase64 string        `json:"output_base64,omitempty"`
	Dropped      int64         `json:"dropped,omitempty"`
}

// ResultDump is the end of the tasks of an invocation on some of its instances.
type ResultDump struct {
	Instances []string `json:"instances"`
	OutcomeDump
}
