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

// command is a script with all that is saved of it. It is never changed.
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

// invocation is one command sent to some instances. It is never changed.
type invocation struct {
	InvokeId          string
	Command           *command // as it was then
	Parameters        map[string]string
	RepeatMode        string
	FrequencyText     string
	Frequency         *schedule.Frequency `json:"-"` // what FrequencyText says; nil when it is empty
	Zone              *time.Location      `json:"-"` // of a cron that names none
	Instances         int                 // how many it was sent to
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

// task is how an invocation stands on one instance.
type task struct {
	InstanceId string
	Status     assist.Status
	ExitCode   int64
	ErrorCode  string
	ErrorInfo  string
	Output     []byte        // once it has ended
	Dropped    int64         // bytes of output that were cut
	Repeats    int64         // how often it was started; of a repeated one also counts runs that ended before their script began
	Order      uint64        // of the latest run among all runs
	Outcome    assist.Status // of the latest run of a repeated one, once it has ended
	History    []*task       `json:"-"` // the runs before the latest, oldest first; the slice's elements are never changed
	Created    time.Time
	Started    time.Time
	Finished   time.Time
	Stopped    time.Time // when StopInvocation was called
	Updated    time.Time
	Lost       bool  // its result is in no list, as a fault would have it
	Simulated  bool  `json:",omitempty"` // its script only seemed to run, and its output is made when it is asked for
	Turn       int64 // which of its instance's tasks it is, from 1
}

func newCommandID() string { return "c-" + randomHex(16) }

func newInvokeID() string { return "t-" + randomHex(16) }

func newFileInvokeID() string { return "f-" + randomHex(16) }

// newRequestID is a version 4 UUID in upper case.
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
