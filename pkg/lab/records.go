package lab

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/schedule"
)

// command is a script with its settings. It is immutable.
type command struct {
	CommandId       string
	Name            string
	Type            string
	Description     string
	Content         []byte
	WorkingDir      string
	Timeout         int64 // seconds
	EnableParameter bool
	Launcher        string
	ResourceGroupId string
	Tags            []assist.TagPair
	Created         time.Time
}

// invocation is one execution of a command on some instances. It is immutable; ModifyInvocationAttribute replaces it.
type invocation struct {
	InvokeId          string
	Command           *command // the command at that time
	Parameters        map[string]string
	RepeatMode        string
	FrequencyText     string
	Frequency         *schedule.Frequency `json:"-"` // parsed FrequencyText; nil if that is empty
	Zone              *time.Location      `json:"-"` // the zone of a cron expression without one
	Instances         int                 // the number of instances
	Timeout           int64               // seconds
	WorkingDir        string
	Username          string
	ContainerId       string
	ContainerName     string
	TerminationMode   string
	Launcher          string
	OssOutputDelivery string
	ResourceGroupId   string
	Tags              []assist.TagPair
	Created           time.Time
}

// task is an invocation on one instance.
type task struct {
	InstanceId string
	Status     assist.Status
	ExitCode   int64
	ErrorCode  string
	ErrorInfo  string
	Output     []byte        // set when the task has finished
	Dropped    int64         // bytes of output that were dropped
	Repeats    int64         // the number of starts; for a repeated task including runs that ended before their script started
	Order      uint64        // order of the latest run among the runs of all tasks
	CommandId  string        `json:",omitempty"` // of the latest run of a repeated task; empty if it is the invocation's
	Outcome    assist.Status // status of the latest run of a repeated task, set when the run has finished
	History    []*task       `json:"-"` // the runs before the latest, oldest first; the elements are immutable
	Created    time.Time
	Started    time.Time
	Finished   time.Time
	Stopped    time.Time // when StopInvocation was called
	Updated    time.Time
	Lost       bool  // a fault hides its result from all lists
	Simulated  bool  `json:",omitempty"` // its script was simulated; its output is generated when it is read
	Turn       int64 // its number among the tasks of its instance, from 1

	Agent *agentTask `json:",omitempty"` // what the agent of an enrolled host knows; nil before it was handed out
}

// inProgress reports whether a run of the task is in progress.
func (t *task) inProgress() bool {
	return t.Status == assist.StatusRunning || t.Status == assist.StatusStopping
}

func newCommandID() string { return "c-" + randomHex(16) }

func newInvokeID() string { return "t-" + randomHex(16) }

func newFileInvokeID() string { return "f-" + randomHex(16) }

// newRequestID returns a version 4 UUID in upper case.
func newRequestID() string {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
