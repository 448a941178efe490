package lab

import (
	"strings"
	"time"

	"muster/pkg/lab/keep"
)

// The kinds of records that a lab keeps.
const (
	ofLab        keep.Kind = "lab"
	ofInstance   keep.Kind = "instances"
	ofCommand    keep.Kind = "commands"
	ofInvocation keep.Kind = "invocations"
	ofTask       keep.Kind = "tasks"
	ofRun        keep.Kind = "runs"
	ofFile       keep.Kind = "files"
	ofFileTask   keep.Kind = "file tasks"
	ofToken      keep.Kind = "tokens"
	ofActivation keep.Kind = "activations"
)

func kinds() []keep.Kind {
	return []keep.Kind{ofLab, ofInstance, ofCommand, ofInvocation, ofTask, ofRun, ofFile, ofFileTask, ofToken, ofActivation}
}

// The records of a lab. Their keys sort in the order of creation.

type keptInstance struct {
	Index      int
	Instance   *Instance
	Installing bool
	LastSeen   time.Time
	Added      *Instance `json:",omitempty"` // as it was added; nil if it has not changed
}

type keptCommand struct {
	Sequence  uint64
	Command   *command
	Forgotten int64
	Region    string `json:",omitempty"` // empty for the first region of the lab
}

type keptInvocation struct {
	Sequence   uint64
	Invocation *invocation
	ZoneOffset *int   // seconds, of a zone that is not the machine's own
	Region     string `json:",omitempty"`
}

type keptFile struct {
	Sequence uint64
	File     *sentFile
	Region   string `json:",omitempty"`
}

type keptToken struct {
	Account, Action, Token string
	Parameters             []byte
	Answer                 any
	Region                 string `json:",omitempty"`
}

func (k tokenKey) String() string {
	words := []string{k.account, k.action, k.token}
	if k.region != "" {
		words = append(words, k.region)
	}
	return strings.Join(words, "\n")
}

func (s *store) keepInvocation(e *entry) keep.Change {
	kept := keptInvocation{Sequence: e.sequence, Invocation: e.invocation, Region: s.region}
	if e.Zone != nil && e.Zone != time.Local {
		_, offset := e.Created.In(e.Zone).Zone()
		kept.ZoneOffset = &offset
	}
	return keep.Set(ofInvocation, keep.Key(e.sequence), kept)
}

func (k *keptInvocation) restore() (*invocation, error) {
	k.Invocation.Zone = time.Local
	if k.ZoneOffset != nil {
		k.Invocation.Zone = time.FixedZone("UTC+8", *k.ZoneOffset)
	}
	return k.Invocation, k.Invocation.readFrequency()
}
