package agentstest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
)

// task is a task that waits or runs, or one run of a schedule.
type task struct {
	Task
	life      *life
	output    listOutput
	decodeErr error
	onEnd     func() // of a run of a schedule, after its report

	mu       sync.Mutex
	canceled bool
	starting bool // its start was reported, and the script has not begun
	started  time.Time
	ended    time.Time
	cancel   context.CancelFunc // kills the script
	buffer   *buffer
}

// receive takes a task of a list: it runs it, schedules it, or ignores it because it is here already.
func (l *life) receive(item listItem) {
	t := l.newTask(item)
	l.mu.Lock()
	if s := l.schedules[t.ID]; s != nil && s.task.Version != t.Version && t.Repeat != "Once" {
		delete(l.schedules, t.ID)
		running := l.tasks[t.ID]
		l.mu.Unlock()
		s.end()
		if running != nil {
			running.kill()
		}
		l.mu.Lock()
	} else if s != nil || l.tasks[t.ID] != nil {
		l.mu.Unlock()
		return
	}
	switch t.Repeat {
	case "Once":
		l.tasks[t.ID] = t
		l.mu.Unlock()
		l.enqueue(t)
	case "Period", "Rate", "At":
		l.mu.Unlock()
		l.repeat(t)
	default: // dropped without a word
		l.mu.Unlock()
		l.violation("task %s has the repeat mode %q", t.ID, t.Repeat)
	}
}

// enqueue waits for a place among the waiting tasks.
func (l *life) enqueue(t *task) {
	select {
	case l.queue <- t:
	case <-l.ctx.Done():
	}
}

// stop stops a task.
func (l *life) stop(item listItem) {
	t := l.newTask(item)
	l.mu.Lock()
	running, s := l.tasks[t.ID], l.schedules[t.ID]
	delete(l.schedules, t.ID)
	l.mu.Unlock()
	if s != nil {
		s.end()
	}
	switch {
	case running != nil:
		running.stop()
	case s != nil && t.Repeat != "Once":
		s.task.mu.Lock()
		start, end := s.task.started, s.task.ended
		s.task.mu.Unlock()
		l.report("stopped", t.identity()+fmt.Sprintf("&start=%d&end=%d&exitcode=0&dropped=0&result=killed", ms(start), ms(end)), nil)
	default:
		l.report("stopped", t.identity()+"&start=0&end=0&exitcode=0&dropped=0&result=killed", nil)
	}
}

// stop reports that the task is stopped, and then kills the script. A task that waits is reported too, and runs all the same later.
func (t *task) stop() {
	t.mu.Lock()
	if t.canceled {
		t.mu.Unlock()
		return
	}
	t.canceled = true
	t.ended = time.Now()
	start, end, out := t.started, t.ended, t.buffer
	t.mu.Unlock()
	body, dropped := out.rest(t.output.LogQuota)
	t.life.report("stopped", t.identity()+fmt.Sprintf("&start=%d&end=%d&exitcode=0&dropped=%d&result=killed", ms(start), ms(end), dropped), body)
	t.mu.Lock()
	starting := t.starting
	t.mu.Unlock()
	if starting {
		t.life.violation("a stop of task %s before its script runs", t.ID)
	}
	t.end()
}

// kill kills the script without a report.
func (t *task) kill() {
	t.mu.Lock()
	t.canceled = true
	t.mu.Unlock()
	t.end()
}

func (t *task) end() {
	t.mu.Lock()
	cancel := t.cancel
	t.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

func (t *task) isCanceled() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.canceled
}

// identity returns the parameters that every report begins with.
func (t *task) identity() string { return fmt.Sprintf("?taskId=%s&invokeVersion=%d", t.ID, t.Version) }

func (t *task) invalid(param, value string) {
	t.life.report("invalid", t.identity()+"&param="+url.QueryEscape(param)+"&value="+url.QueryEscape(value), nil)
}

// check reports whether the agent accepts the task, and tells the server if it does not.
func (t *task) check() bool {
	param, value := "", ""
	switch {
	case t.Type != "RunShellScript" && t.Type != "RunBatScript" && t.Type != "RunPowerShellScript":
		param, value = "TypeInvalid", "TypeInvalid_"+t.Type
	case t.decodeErr != nil:
		param, value = "CommandContentInvalid", t.decodeErr.Error()
	case t.Username == "root" && t.life.o.Build <= build578:
		param, value = "UsernameOrPasswordInvalid", "UserNotValid_root"
	case t.life.o.Check != nil:
		param, value = t.life.o.Check(t.Task)
	}
	if param != "" {
		t.invalid(param, value)
	}
	return param == ""
}

// execute runs the task and reports how it goes.
func (t *task) execute() {
	l := t.life
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.tasks[t.ID] == t {
			delete(l.tasks, t.ID)
		}
	}()
	if !t.check() || !t.resolve() || !t.prepare() {
		return
	}
	t.run()
}

// resolve fills built-in parameters in.
func (t *task) resolve() bool {
	if !t.Parameters {
		return true
	}
	values := map[string]string{"InstanceId": t.life.InstanceID(), "InvokeId": t.ID}
	for name, value := range t.BuiltIns {
		values[name] = value
	}
	var resolved strings.Builder
	for rest := t.Content; ; {
		before, after, found := strings.Cut(rest, "{{")
		resolved.WriteString(before)
		name, tail, closed := strings.Cut(after, "}}")
		if !found || !closed {
			resolved.WriteString(strings.TrimPrefix(rest, before))
			break
		}
		rest = tail
		name, ours := strings.CutPrefix(strings.TrimSpace(name), "ACS::")
		value, known := values[name]
		switch {
		case !ours:
			resolved.WriteString("{{" + name + "}}")
		case !known || value == "":
			t.invalid("InvalidEnvironmentParameter", "InvalidEnvironmentParameter_"+name)
			return false
		default:
			resolved.WriteString(value)
		}
	}
	t.Content = resolved.String()
	return true
}

// prepare writes the file of the script. A task that was on this host before fails there.
func (t *task) prepare() bool {
	l := t.life
	name := fmt.Sprintf("%s.iv%d", t.ID, t.Version)
	l.Agent.mu.Lock()
	exists := l.files[name]
	l.files[name] = true
	l.Agent.mu.Unlock()
	if !exists || t.Repeat != "Once" {
		return true
	}
	code := "-9"
	if l.o.Build >= build631 {
		code = "ScriptFileExisted"
	}
	l.report("error", t.identity()+"&start=0&end=0&exitCode=0&dropped=0&errCode="+code+"&errDesc="+url.QueryEscape("ScriptFileExisted: "+name), nil)
	return false
}

// cleanUp removes the file of the script, if the build does that.
func (t *task) cleanUp() {
	if t.life.o.Build < build857 {
		return
	}
	t.life.Agent.mu.Lock()
	defer t.life.Agent.mu.Unlock()
	delete(t.life.files, fmt.Sprintf("%s.iv%d", t.ID, t.Version))
}

func (t *task) run() {
	l := t.life
	if l.ctx.Err() != nil {
		return
	}
	out := newBuffer(l.o.Build)
	script, cancel := t.context()
	t.mu.Lock()
	t.started, t.cancel, t.buffer, t.starting = time.Now(), cancel, out, true
	t.mu.Unlock()
	if t.output.SendStart {
		_, _ = l.try("running", t.runningQuery(), nil)
	}
	stopReports := t.reportOutput(out)
	exitCode, timedOut := t.script(script, cancel, out)
	alive := l.wait(0.2) // what comes later is lost
	stopReports()
	if !alive {
		return
	}
	t.mu.Lock()
	if !t.canceled {
		t.ended = time.Now()
	}
	t.mu.Unlock()
	t.conclude(out, exitCode, timedOut)
	t.cleanUp()
	if reboot := exitCode == 194; l.o.Shutdown != nil && !timedOut && !t.isCanceled() && (reboot || exitCode == 193) && l.wait(0.1) {
		l.o.Shutdown(reboot)
	}
}

// context returns the context of the script, which does not end with the agent.
func (t *task) context() (context.Context, context.CancelFunc) {
	if t.Timeout > 0 {
		return context.WithTimeout(t.life.scripts, t.Timeout)
	}
	return context.WithCancel(t.life.scripts)
}

// script runs the script until its end or its timeout. If the agent is killed, the script goes on, and nobody waits for it.
func (t *task) script(ctx context.Context, cancel context.CancelFunc, out *buffer) (exitCode int, timedOut bool) {
	l := t.life
	t.mu.Lock()
	t.starting = false
	t.mu.Unlock()
	l.Agent.mu.Lock()
	l.starts[t.ID]++
	l.Agent.mu.Unlock()
	ended := make(chan int, 1)
	l.run(func() {
		code := 0
		if l.o.Run != nil {
			code = l.o.Run(ctx, t.Task, out)
		}
		ended <- code
		if l.ctx.Err() != nil {
			cancel() // nobody else does
		}
	})
	select {
	case code := <-ended:
		timedOut = errors.Is(ctx.Err(), context.DeadlineExceeded) // and so it was killed
		cancel()
		return code, timedOut
	case <-ctx.Done():
		return -1, errors.Is(ctx.Err(), context.DeadlineExceeded)
	case <-l.ctx.Done():
		return 0, false
	}
}

// runningQuery returns the parameters of a running report.
func (t *task) runningQuery() string {
	return t.identity() + fmt.Sprintf("&start=%d", ms(t.started)) + t.wallClock()
}

// wallClock returns the parameters that the runs of schedules add to their reports.
func (t *task) wallClock() string {
	now := t.life.o.Clock.Now().UnixMilli()
	switch t.Repeat {
	case "Rate":
		return fmt.Sprintf("&currentTime=%d", now)
	case "Period":
		return fmt.Sprintf("&currentTime=%d&offset=0&timeZone=UTC", now)
	default:
		return ""
	}
}

// reportOutput begins to report output while the script runs. The function that it returns ends that.
func (t *task) reportOutput(out *buffer) (stop func()) {
	if t.Repeat != "Once" {
		return func() {}
	}
	ctx, cancel := context.WithCancel(t.life.ctx)
	done := make(chan struct{})
	interval := t.life.seconds(float64(max(t.output.Interval, 1000)) / 1000)
	t.life.run(func() {
		defer close(done)
		reported := time.Now()
		for wait(ctx, interval) {
			body := out.tick()
			if len(body) == 0 && t.output.SkipEmpty && time.Since(reported) < t.life.seconds(60) {
				continue
			}
			reported = time.Now()
			answer, err := t.life.try("running", t.runningQuery(), body)
			if err == nil && t.life.o.Build >= build631 && unwanted(answer) {
				t.kill()
			}
			if err != nil && t.life.o.Build >= build1065 {
				out.untick(body)
			}
		}
	})
	return func() {
		cancel()
		<-done
	}
}

// conclude sends the last report of a run.
func (t *task) conclude(out *buffer, exitCode int, timedOut bool) {
	if !t.isCanceled() {
		body, dropped := out.rest(t.output.LogQuota)
		kind := "finish"
		if timedOut {
			kind, exitCode = "timeout", 1
		}
		t.life.report(kind, t.identity()+fmt.Sprintf("&start=%d&end=%d&exitCode=%d&dropped=%d", ms(t.started), ms(t.ended), exitCode, dropped)+t.wallClock(), body)
	}
	if t.onEnd != nil {
		t.onEnd()
	}
}

func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
