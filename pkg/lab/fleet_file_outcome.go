package lab

import (
	"math"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
)

// outcomeNode is an outcome of a fleet file while it is read.
type outcomeNode struct {
	node              *yaml.Node
	instances         []string
	status            assist.Status
	exit, repeats     int
	output            []byte
	dropped           int
	failure           *failure
	errorInfo         string
	started, finished time.Time
	stopped, updated  time.Time
}

// outcomeKeys returns the readers of the keys that describe how a task ended.
func (r *presetReader) outcomeKeys(o *outcomeNode) map[string]func(*yaml.Node) error {
	return map[string]func(*yaml.Node) error{
		"status": func(n *yaml.Node) error {
			text, err := readOneOf(n, "Success", "Failed", "Timeout", "Error", "Aborted", "Invalid", "Cancelled", "Terminated", "Scheduled")
			o.status = assist.Status(text)
			return err
		},
		"exit":          func(n *yaml.Node) (err error) { o.exit, err = readNumber(n, -1, math.MaxInt32); return err },
		"repeats":       func(n *yaml.Node) (err error) { o.repeats, err = readNumber(n, 0, math.MaxInt32); return err },
		"output":        func(n *yaml.Node) (err error) { o.output, err = readOutput(n, r.readBytes); return err },
		"output_base64": func(n *yaml.Node) (err error) { o.output, err = readOutput(n, r.readBase64); return err },
		"dropped":       func(n *yaml.Node) (err error) { o.dropped, err = readNumber(n, 0, math.MaxInt32); return err },
		"error_info":    func(n *yaml.Node) (err error) { o.errorInfo, err = readText(n); return err },
		"updated":       func(n *yaml.Node) (err error) { o.updated, err = r.readTime(n); return err },
		"stopped":       func(n *yaml.Node) (err error) { o.stopped, err = r.readTime(n); return err },
		"error_code":    func(n *yaml.Node) (err error) { o.failure, err = readTaskCode(n); return err },
		"started":       func(n *yaml.Node) (err error) { o.started, err = r.readTime(n); return err },
		"finished":      func(n *yaml.Node) (err error) { o.finished, err = r.readTime(n); return err },
	}
}

func readOutput(n *yaml.Node, read func(*yaml.Node) ([]byte, error)) ([]byte, error) {
	b, err := read(n)
	if err == nil && len(b) > runner.OutputQuota {
		err = errorAt(n, "%d bytes: an output has at most %d", len(b), runner.OutputQuota)
	}
	return b, err
}

// readTaskCode reads an error code of a task.
func readTaskCode(n *yaml.Node) (*failure, error) {
	text, err := readText(n)
	if err != nil {
		return nil, err
	}
	a := &armedFault{Fault: Fault{Action: targetTask, Code: text}}
	if err := a.readCode(); err != nil {
		return nil, withLine(n, err)
	}
	return a.failure, nil
}

// outcome returns an outcome, or an error if the API could not show it.
func (r *presetReader) outcome(v *invocationNode, n *outcomeNode) (*presetOutcome, error) {
	if err := exclude(n.node, "output", "output_base64"); err != nil {
		return nil, err
	}
	o := &presetOutcome{
		exit: int64(n.exit), failure: n.failure, output: n.output, dropped: int64(n.dropped), started: n.started, finished: n.finished, stopped: n.stopped, updated: n.updated,
		repeats: int64(n.repeats),
	}
	if keyNode(n.node, "error_info") != nil {
		if n.failure == nil {
			return nil, atKey(n.node, "error_info", "only allowed together with error_code")
		}
		o.failure = &failure{n.failure.status, n.failure.code, n.errorInfo}
	}
	o.status = n.status
	if o.status == "" {
		o.status = n.impliedStatus(v)
	}
	refused := n.keysRefused(v, o.status)
	for _, key := range []string{"exit", "error_code", "output", "output_base64", "dropped", "started", "finished", "stopped", "repeats"} {
		if slices.Contains(refused, key) && keyNode(n.node, key) != nil {
			return nil, atKey(n.node, key, "not allowed for a task that is %s%s", o.status, n.unrun(o.status))
		}
	}
	if err := n.checkStatus(v, o.status, r.now); err != nil {
		return nil, err
	}
	o.complete(v.invocation)
	if o.status == assist.StatusScheduled {
		if v.over(r.now) {
			return nil, atKey(v.node, "frequency", "no time is left at which it fires")
		}
	}
	return o, n.checkTimes(v.invocation, o, r.now)
}

func (n *outcomeNode) impliedStatus(v *invocationNode) assist.Status {
	switch {
	case v.repeats():
		return assist.StatusScheduled
	case n.failure != nil:
		return n.failure.status
	case n.exit != 0:
		return assist.StatusFailed
	}
	return assist.StatusSuccess
}

// unrun explains why a Scheduled task without runs has no results.
func (n *outcomeNode) unrun(status assist.Status) string {
	if status == assist.StatusScheduled && n.repeats == 0 {
		return " and has not run: want repeats"
	}
	return ""
}

// keysRefused returns the keys that have no meaning for a status.
func (n *outcomeNode) keysRefused(v *invocationNode, status assist.Status) []string {
	once := []string{"repeats"}
	if v.repeats() {
		once = nil
	}
	ofRuns := []string{"exit", "output", "output_base64", "dropped", "finished"}
	switch status {
	case assist.StatusSuccess, assist.StatusFailed:
		return once
	case assist.StatusScheduled:
		if n.repeats == 0 {
			return append(ofRuns, "error_code", "started", "stopped")
		}
		return []string{"stopped"}
	case assist.StatusTimeout, assist.StatusTerminated:
		return append(once, "exit")
	case assist.StatusError:
		if n.started.IsZero() {
			return append(ofRuns, "repeats", "stopped")
		}
		return append(once, "exit")
	case assist.StatusCancelled:
		if v.repeats() && n.repeats > 0 {
			return nil
		}
		return append(ofRuns, "started", "repeats")
	}
	return append(ofRuns, "started", "repeats", "stopped")
}

// checkStatus returns an error if a status does not agree with the exit code, the error code or the frequency.
func (n *outcomeNode) checkStatus(v *invocationNode, status assist.Status, now time.Time) error {
	ran := slices.Contains([]assist.Status{assist.StatusSuccess, assist.StatusFailed, assist.StatusTimeout, assist.StatusError}, status)
	ofRun := n.repeats > 0 && (status == assist.StatusScheduled || status == assist.StatusCancelled) // the code is that of the latest run
	needsCode := status == assist.StatusError || status == assist.StatusAborted || status == assist.StatusInvalid
	switch {
	case status == assist.StatusScheduled && !v.repeats():
		return atKey(n.node, "status", "Scheduled needs a frequency")
	case v.repeats() && ran && !v.over(now):
		return errorAt(n.node, "an invocation with a frequency is Scheduled or Cancelled, not %s, as long as there is a time at which it fires", status)
	case status == assist.StatusSuccess && n.exit != 0:
		return atKey(n.node, "exit", "Success has exit code 0, not %d", n.exit)
	case status == assist.StatusFailed && n.exit == 0 && keyNode(n.node, "exit") != nil:
		return atKey(n.node, "exit", "Failed has an exit code other than 0")
	case n.failure != nil && n.failure.status != status && !ofRun:
		return atKey(n.node, "error_code", "%s makes a task %s, not %s", n.failure.code, n.failure.status, status)
	case n.failure == nil && needsCode:
		return atKey(n.node, "status", "%s needs an error_code", status)
	}
	return nil
}

// complete sets what the status implies.
func (o *presetOutcome) complete(inv *invocation) {
	ran := false
	switch o.status {
	case assist.StatusSuccess, assist.StatusFailed, assist.StatusTimeout, assist.StatusTerminated:
		ran = true
	case assist.StatusError:
		ran = !o.started.IsZero()
	case assist.StatusScheduled, assist.StatusCancelled:
		ran = o.repeats > 0
	}
	switch {
	case o.status == assist.StatusFailed && o.exit == 0:
		o.exit = 1
	case o.status == assist.StatusTimeout:
		o.exit = 1
		if o.failure == nil {
			o.failure = &failure{assist.StatusTimeout, "ExecutionTimeout", "The command execution has been timeout."}
		}
	}
	if o.failure == nil && ran && o.exit != 0 {
		o.failure = &failure{assist.StatusFailed, "ExitCodeNonzero", "The command execution exit code is not zero."}
	}
	if !ran {
		return
	}
	o.repeats = max(o.repeats, 1)
	if o.started.IsZero() {
		o.started = inv.Created
	}
	if o.finished.IsZero() {
		o.finished = o.started
		if o.status == assist.StatusTimeout {
			o.finished = o.started.Add(seconds(inv.Timeout))
		}
	}
}

// checkTimes returns an error if something happened too early or is yet to happen.
func (n *outcomeNode) checkTimes(inv *invocation, o *presetOutcome, now time.Time) error {
	for key, at := range map[string]time.Time{"stopped": o.stopped, "updated": o.updated} {
		if !at.IsZero() && at.Before(inv.Created) {
			return atKey(n.node, key, "before the invocation was created")
		}
	}
	switch {
	case o.started.IsZero():
	case o.started.Before(inv.Created):
		return atKey(n.node, "started", "before the invocation was created")
	case o.finished.Before(o.started):
		return atKey(n.node, "finished", "before started")
	case o.finished.After(now):
		return errorAt(n.node, "finished would be in the future: want an earlier created or started")
	}
	return nil
}

// keyNode returns the key of a map, or nil.
func keyNode(n *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i]
		}
	}
	return nil
}

// atKey returns an error with the line of a key of a map, or of the map if it has no such key.
func atKey(n *yaml.Node, key, format string, args ...any) error {
	if node := keyNode(n, key); node != nil {
		return errorAt(node, key+": "+format, args...)
	}
	return errorAt(n, key+": "+format, args...)
}

// needKey returns an error if a map lacks a key.
func needKey(n *yaml.Node, key string) error {
	if keyNode(n, key) == nil {
		return errorAt(n, "%s: missing", key)
	}
	return nil
}

// exclude returns an error if a map has both keys.
func exclude(n *yaml.Node, a, b string) error {
	if keyNode(n, a) != nil && keyNode(n, b) != nil {
		return atKey(n, b, "not allowed together with %s", a)
	}
	return nil
}
