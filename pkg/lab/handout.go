package lab

import (
	"fmt"
	"strings"
	"time"

	"muster/pkg/assist"
	protocol "muster/pkg/lab/agents"
	"muster/pkg/schedule"
)

const (
	// reportGrace is how long after its time a task may be reported. An agent tries four times, 2 s apart, and waits 5 s for each
	// response.
	reportGrace = 30 * time.Second
	// stopMemory is how long an agent is told to stop a task that has ended without it.
	stopMemory = 24 * time.Hour
	// firstForgetful is the build from which on an agent may run a task again that it has run before. Build 578 knows it by the
	// script's file, which build 857 removes; nothing is known of those between.
	firstForgetful = 631
)

// agentTask is the state of a task at the agent of an enrolled host. It is immutable.
type agentTask struct {
	Version int   // the latest that was handed out
	Run     int64 // when the latest run started, in milliseconds of the agent's clock, by which the agent tells runs apart
}

// handout is a task of an enrolled host, from its assignment until its agent need not know of it any more. The lock of its host guards
// it.
//
// A task is Pending until the agent reports that it runs. It is handed out once, since later builds would run it again: if the response
// was lost, it is Aborted with ClientNotResponse. A run ends with the report of its agent or, some time after its timeout, as an Error
// with ClientNotResponse; the agent is told to stop it then. The agent itself runs a schedule, and has it until it ends.
type handout struct {
	*invocation
	ref      taskRef
	enrolled *enrolledHost
	injected taskFaults

	version  int  // the latest that was handed out; 0 if none was
	handed   bool // the agent has it, or may have it
	replaced bool // it has changed since
	booted   bool // the host was started, which NextRebootOnly and EveryReboot wait for
	ended    bool // its task has ended without the agent, which is told to stop it
	timer    hostTimer
}

// refusal returns why the host cannot have a task, if it cannot.
func (h *handout) refusal() *failure {
	a, it := h.enrolled.agents, h.enrolled.host.get()
	if a.faults.occurs(h.injected.fail) {
		return h.injected.fail.failure
	}
	if f := checkAgentVersion(h.invocation, it); f != nil {
		return f
	}
	if h.Frequency != nil {
		if next, silent := h.Frequency.AgentNext(h.Created, h.Zone); next.IsZero() && !silent {
			return neverFires()
		}
	}
	return nil
}

// wanted reports whether the agent is to be given the task now.
func (h *handout) wanted(r protocol.ListRequest) bool {
	if h.atStart() {
		h.booted = h.booted || r.Startup && r.ColdStart
		return h.booted && !h.handed
	}
	if h.Frequency != nil {
		return !h.handed || r.Startup // an agent that was restarted has forgotten it
	}
	return !h.handed || h.enrolled.remembers() && !h.current().inProgress()
}

// atStart reports whether the task runs when its host is started.
func (h *handout) atStart() bool { return h.repeats() && h.Frequency == nil }

// given reports whether the agent may know the task.
func (h *handout) given() bool { return h.version > 0 }

func (h *handout) current() *task { return h.enrolled.agents.store.task(h.ref) }

// remembers reports whether the agent ignores a task that it has had before.
func (e *enrolledHost) remembers() bool {
	it := e.host.get()
	return assist.OlderBuild(it.OSType, it.AgentVersion, firstForgetful)
}

// hand hands the task to the agent. It reports false if the task fails instead.
func (h *handout) hand() (protocol.Task, bool) {
	if h.version == 0 || h.atStart() || h.replaced { // the agent keeps the script of an earlier version
		h.version++
		h.replaced = false
		h.change(func(t *task) bool { t.Agent = t.Agent.withVersion(h.version); return true })
	}
	t := h.task()
	if f := h.check(t); f != nil {
		h.fail(f)
		h.enrolled.remove(h)
		return protocol.Task{}, false
	}
	h.handed = true
	h.arm()
	return t, true
}

// mayRunOn reports whether a task that has ended may still run on its host, because its agent has not reported an end.
func (t *task) mayRunOn() bool {
	given := t.Agent != nil && time.Since(t.Updated) < stopMemory
	return given && (t.ErrorCode == noResponse().code || t.Status == assist.StatusCancelled)
}

// withVersion returns what the agent knows once it has a version.
func (k *agentTask) withVersion(version int) *agentTask {
	next := agentTask{Version: version}
	if k != nil {
		next.Run = k.Run
	}
	return &next
}

// task returns the task for the agent.
func (h *handout) task() protocol.Task {
	a, it, c := h.enrolled.agents, h.enrolled.host.get(), h.Command
	t := protocol.Task{
		Id: h.InvokeId, Version: max(h.version, 1), CommandId: c.CommandId, Type: c.Type, Content: c.Content,
		Timeout: seconds(h.Timeout), WorkingDir: h.WorkingDir, Username: h.Username, Created: h.Created, EnableParameter: c.EnableParameter,
		ContainerId: h.ContainerId, ContainerName: h.ContainerName, TerminationMode: h.TerminationMode, Launcher: h.Launcher,
		Repeat: protocol.Once,
	}
	if c.EnableParameter {
		t.Content = []byte(assist.FillParameters(string(c.Content), h.Parameters))
		t.BuiltIn = map[string]string{"RegionId": it.RegionId, "AccountId": a.account, "InstanceName": it.InstanceName}
	}
	if h.Frequency == nil {
		return t
	}
	t.Schedule = h.FrequencyText
	switch h.Frequency.Kind() {
	case schedule.Rate:
		t.Repeat = protocol.Rate
	case schedule.At:
		t.Repeat = protocol.At
		t.At, _ = h.Frequency.AgentNext(h.Created, h.Zone)
	default:
		t.Repeat = protocol.Period
	}
	return t
}

// check returns why a task may not leave the lab, if it may not.
func (h *handout) check(t protocol.Task) *failure {
	it := h.enrolled.host.get()
	switch err := t.Check(it.OSType); {
	case err == nil:
		return nil
	case err.Field == "Username":
		return noAccount()
	case err.Field == "WorkingDir":
		return noDirectory()
	case err.Field == "Launcher":
		return invalid("InvalidLauncher", "The launcher is not valid: "+err.Reason+".")
	default:
		return invalid("CommandNotApplicable", fmt.Sprintf("The command cannot be sent to the instance: %s %s.", err.Field, err.Reason))
	}
}

// progress notes that a run has started, or its new output.
func (h *handout) progress(r protocol.Report) {
	h.change(func(t *task) bool {
		if !h.enter(t, r) {
			return false
		}
		t.Output = joinOutput(t.Output, r.Output)
		return true
	})
	h.arm()
}

// enter makes the run of a report the current one of its task. It reports false if that run has ended.
func (h *handout) enter(t *task, r protocol.Report) bool {
	start := r.Start.UnixMilli()
	begun := t.inProgress() && !t.Started.IsZero()
	switch {
	case t.Agent == nil || r.Version < t.Agent.Version:
		return false // it was never handed out, or was replaced
	case begun && start == t.Agent.Run:
		return true
	case begun && (!h.repeats() || start < t.Agent.Run):
		return false
	case !begun && h.repeats() && start <= t.Agent.Run:
		return false
	case begun: // the end of the run before was never reported
		noEnd().put(t)
		t.Outcome, t.Finished = t.Status, time.Now()
		t.Status = assist.StatusScheduled
		h.enrolled.host.taskEnded()
	}
	stopped := t.Stopped
	t.startRun(h.enrolled.agents.store.nextRun())
	if h.repeats() {
		t.CommandId = h.Command.CommandId
	}
	t.Started, t.Stopped = onLabClock(r.Start), stopped
	if t.Status != assist.StatusStopping {
		t.Status = assist.StatusRunning
	}
	t.Agent = &agentTask{Version: r.Version, Run: start}
	h.enrolled.host.taskStarted()
	return true
}

// onLabClock returns a time of an agent's clock, or the present if that clock is far from the lab's.
func onLabClock(t time.Time) time.Time {
	now := time.Now()
	if t.Before(now.Add(-48*time.Hour)) || t.After(now.Add(time.Minute)) {
		return now
	}
	return t
}

// joinOutput appends output up to what a task keeps.
func joinOutput(kept, more []byte) []byte {
	room := assist.MaxOutput - len(kept)
	if room <= 0 || len(more) == 0 {
		return kept
	}
	return append(kept[:len(kept):len(kept)], more[:min(room, len(more))]...)
}

// conclude notes the end of a run, or of the whole task.
func (h *handout) conclude(r protocol.Report) {
	switch {
	case r.Kind == protocol.Stopped && r.Completed:
		h.finish()
	case r.Start.IsZero():
		h.endUnstarted(r)
	default:
		h.endRun(r)
	}
	if h.current().Status.Terminal() {
		h.enrolled.remove(h)
		return
	}
	if h.atStart() {
		h.handed, h.booted = false, false
	}
	h.arm()
}

// endRun notes the end of a run.
func (h *handout) endRun(r protocol.Report) {
	over := h.over()
	h.change(func(t *task) bool {
		if !h.enter(t, r) {
			return false
		}
		t.Output, t.Dropped = joinOutput(t.Output, r.Output), r.Dropped
		t.Finished = onLabClock(r.End)
		if t.Finished.Before(t.Started) {
			t.Finished = t.Started
		}
		t.Lost = h.enrolled.agents.faults.occurs(h.injected.loss)
		putReport(t, r)
		h.settleRun(t, over)
		return true
	})
}

// endUnstarted notes the end of a task that has not started.
func (h *handout) endUnstarted(r protocol.Report) {
	h.change(func(t *task) bool {
		if t.Status == assist.StatusRunning {
			if r.Kind != protocol.Stopped { // an agent that has had the task before
				return false
			}
			h.enrolled.host.taskEnded()
			noEnd().put(t)
			t.Finished = time.Now()
			return true
		}
		if r.Kind == protocol.Stopped && t.Stopped.IsZero() {
			return false
		}
		t.Output = joinOutput(t.Output, r.Output)
		if putReport(t, r); r.Kind == protocol.Failed && hadBefore(r.ErrorCode) {
			noEnd().put(t)
		}
		if t.Status == assist.StatusTerminated && t.Started.IsZero() {
			t.Status = assist.StatusCancelled
		}
		return true
	})
}

// hadBefore reports whether the code of a failure says that the agent has had the task before, so that it has run.
func hadBefore(code string) bool { return code == "-9" || code == "ScriptFileExisted" }

// settleRun makes the state that a run has put the outcome of the run, and the task wait for the next one if there is any.
func (h *handout) settleRun(t *task, over bool) {
	h.enrolled.host.taskEnded()
	if h.repeats() {
		t.endRun(over)
	}
}

// over reports whether the task has no further run.
func (h *handout) over() bool {
	switch {
	case !h.repeats():
		return true
	case h.Frequency == nil:
		return h.RepeatMode == repeatNextReboot
	default:
		next, silent := h.Frequency.AgentNext(time.Now(), h.Zone)
		return next.IsZero() && !silent
	}
}

// finish ends a schedule after its last run, or without one.
func (h *handout) finish() {
	h.change(func(t *task) bool {
		if t.Repeats == 0 {
			noResponse().put(t)
			return true
		}
		if t.inProgress() {
			return false
		}
		t.Status = t.Outcome
		return true
	})
}

// putReport puts the state that a report means.
func putReport(t *task, r protocol.Report) {
	switch r.Kind {
	case protocol.Finished:
		t.ExitCode = int64(r.ExitCode)
		if t.Status = assist.StatusSuccess; r.ExitCode != 0 {
			t.Status, t.ErrorCode = assist.StatusFailed, "ExitCodeNonzero"
			t.ErrorInfo = "The command execution exit code is not zero."
		}
	case protocol.TimedOut:
		t.Status, t.ErrorCode, t.ExitCode = assist.StatusTimeout, "ExecutionTimeout", 1
		t.ErrorInfo = "The command execution has been timeout."
	case protocol.Stopped:
		t.Status = assist.StatusTerminated
	case protocol.Invalid:
		invalidParam(r.Param).put(t)
	default:
		text := strings.TrimSpace(r.ErrorCode + " " + r.ErrorDesc)
		(&failure{assist.StatusError, "ExecutionException", "The command execution got an exception: " + text + "."}).put(t)
	}
}

// invalidParam returns the failure of a task that its agent refuses because of a parameter.
func invalidParam(param string) *failure {
	switch param {
	case "workingDirectory":
		return noDirectory()
	case "UsernameOrPasswordInvalid":
		return noAccount()
	case "cron":
		return invalid("BadCronExpression", "The specified frequency is invalid.")
	case "InvalidEnvironmentParameter":
		return invalid("InvalidEnvironmentParameter", "An environment parameter is invalid.")
	case "CommandContentInvalid":
		return invalid("CommandContentInvalid", "The command content is invalid.")
	default:
		return invalid("CommandNotApplicable", "The agent cannot run the command.")
	}
}

// stop stops the task: at once if the agent has not got it.
func (h *handout) stop() {
	h.change(func(t *task) bool {
		switch {
		case t.Status == assist.StatusStopping:
			return false
		case t.Status == assist.StatusRunning, t.Status == assist.StatusPending && h.handed:
			t.Status = assist.StatusStopping
		default:
			t.Status = assist.StatusCancelled
		}
		t.Stopped = time.Now()
		return true
	})
	if !h.given() {
		h.enrolled.remove(h)
		return
	}
	h.ended = h.current().Status.Terminal()
	h.arm()
	h.enrolled.notify()
}

// replace continues with a changed invocation. If it is another task for the agent, it replaces the one that the agent has, and kills its
// run without a report.
func (h *handout) replace(next *invocation, resent bool) {
	h.invocation = next
	if resent && h.given() {
		h.replaced, h.handed = true, false
	}
	h.arm()
	h.enrolled.notify()
}

// fail ends the task.
func (h *handout) fail(f *failure) {
	h.change(func(t *task) bool {
		if t.inProgress() && !t.Started.IsZero() {
			h.enrolled.host.taskEnded()
		}
		f.put(t)
		if !t.Started.IsZero() {
			t.Finished = time.Now()
		}
		return true
	})
}

func (h *handout) change(f func(*task) bool) { h.enrolled.agents.store.change(h.ref, f) }

// arm sets the timer for the time until which the lab waits for the next report.
func (h *handout) arm() { h.armAfter(0) }

// armAfter is like arm, but waits at least for some time.
func (h *handout) armAfter(least time.Duration) {
	h.timer.stop()
	if wait, ok := h.deadline(time.Now()); ok && !h.enrolled.closed {
		h.timer.set(h.enrolled, max(wait, least), h.expire)
	}
}

// deadline returns how long the lab waits for the next report. ok is false if it waits for ever.
func (h *handout) deadline(now time.Time) (wait time.Duration, ok bool) {
	t := h.current()
	switch {
	case h.ended:
		return stopMemory, true
	case t.Status == assist.StatusStopping:
		return t.Stopped.Add(2 * reportGrace).Sub(now), true
	case t.Status == assist.StatusRunning:
		return t.Started.Add(seconds(h.Timeout) + reportGrace).Sub(now), true
	case h.atStart() && !h.handed:
		return 0, false
	case h.Frequency == nil:
		return h.enrolled.agents.patience, true
	case h.Frequency.Kind() == schedule.Rate:
		return 0, false
	}
	next, silent := h.Frequency.AgentNext(now, h.Zone)
	if next.IsZero() {
		return reportGrace, !silent
	}
	return next.Sub(now) + reportGrace, true
}

// expire ends what the agent has not reported in time. A schedule is looked at again after each of its times.
func (h *handout) expire() {
	t := h.current()
	switch {
	case h.ended:
		h.enrolled.remove(h)
		return
	case h.repeats() && t.inProgress():
		over := h.over()
		h.change(func(t *task) bool {
			noEnd().put(t)
			t.Finished = time.Now()
			h.settleRun(t, over)
			return true
		})
	case t.Status == assist.StatusScheduled && h.Frequency != nil:
		if h.over() {
			h.finish()
		}
	case !h.handed && t.Status == assist.StatusPending && h.enrolled.reachable(): // it waits for others
		h.arm()
		return
	case !h.handed && t.Status == assist.StatusPending:
		h.fail(notDelivered())
	case !t.Started.IsZero():
		h.fail(noEnd())
	default:
		h.fail(noResponse())
	}
	if !h.current().Status.Terminal() {
		h.arm()
		return
	}
	if !h.given() {
		h.enrolled.remove(h)
		return
	}
	h.ended = true
	h.arm()
	h.enrolled.notify()
}
