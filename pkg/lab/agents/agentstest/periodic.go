package agentstest

import (
	"context"
	"time"

	"muster/pkg/schedule"
)

// periodic is a task that runs repeatedly, or once at a time.
type periodic struct {
	task *task
	end  context.CancelFunc
}

// repeat begins to run a task by its expression. An agent runs the same task object each time, so that runs cannot overlap.
func (l *life) repeat(t *task) {
	next, valid := nextRun(t.Task)
	if !valid {
		t.invalid("cron", "InvalidCronExpression")
		return
	}
	ctx, cancel := context.WithCancel(l.ctx)
	s := &periodic{t, cancel}
	l.mu.Lock()
	l.schedules[t.ID] = s
	l.mu.Unlock()
	l.run(func() {
		defer cancel()
		for at := next(l.o.Clock.Now()); !at.IsZero(); {
			fires, stop := l.o.Clock.Alarm(at)
			select {
			case <-fires:
			case <-ctx.Done():
				stop()
				return
			}
			stop()
			following := next(maxTime(at, l.o.Clock.Now()))
			l.fire(s, t.Repeat == "Period" && following.IsZero())
			at = following
		}
	})
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// fire runs a schedule once, unless its last run still goes on.
func (l *life) fire(s *periodic, last bool) {
	run := &task{Task: s.task.Task, life: l, output: s.task.output}
	run.onEnd = func() {
		s.task.mu.Lock()
		run.mu.Lock()
		s.task.started, s.task.ended = run.started, run.ended
		run.mu.Unlock()
		s.task.mu.Unlock()
		if last && !run.isCanceled() {
			l.report("stopped", run.identity()+"&start=0&end=0&exitcode=0&dropped=0&result=completed", nil)
		}
	}
	l.mu.Lock()
	if l.tasks[run.ID] != nil || l.schedules[run.ID] != s {
		l.mu.Unlock()
		return
	}
	l.tasks[run.ID] = run
	l.mu.Unlock()
	l.enqueue(run)
}

// nextRun returns a function that returns the first run of a task after a time, or the zero time if there is none. It reports false for
// an expression that an agent refuses.
func nextRun(t Task) (next func(after time.Time) time.Time, valid bool) {
	if t.Repeat == "At" {
		at, err := time.Parse("at(2006-01-02T15:04:05)", t.Cron)
		return func(after time.Time) time.Time {
			if at.After(after) {
				return at
			}
			return time.Time{}
		}, err == nil
	}
	frequency, err := schedule.Parse(t.Cron)
	if err != nil {
		return nil, false
	}
	switch kind := frequency.Kind(); {
	case t.Repeat == "Rate" && kind == schedule.Rate:
		every := frequency.Next(time.Unix(0, 0), time.UTC).Sub(time.Unix(0, 0))
		return func(after time.Time) time.Time {
			if after.Before(t.Created) {
				return t.Created.Add(every)
			}
			return after.Add(every - after.Sub(t.Created)%every)
		}, every > 0
	case t.Repeat == "Period" && kind == schedule.Cron:
		return func(after time.Time) time.Time { return frequency.Next(after, time.UTC) }, true
	}
	return nil, false
}
