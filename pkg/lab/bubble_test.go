//go:build unix

package lab

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	"muster/pkg/lab/runner"
)

// bubble is a lab in a bubble of testing/synctest, which is called without a network. Its runner is fake.
type bubble struct {
	t       *testing.T
	lab     *Lab
	scripts *fakeRunner
}

// inBubble runs a test with a lab of n instances. The time at the start is 2000-01-01 00:00 UTC.
func inBubble(t *testing.T, n int, test func(b *bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, Options{Instances: NumberedInstances(n)})
		l.agents.runner.Close()
		b := &bubble{t: t, lab: l, scripts: &fakeRunner{}}
		l.agents.runner = b.scripts
		test(b)
	})
}

// fakeRunner counts scripts. Each takes the time and exits with the code given to set, whatever its timeout is.
type fakeRunner struct {
	mu       sync.Mutex
	duration time.Duration
	code     int
	runs     int
}

func (s *fakeRunner) set(duration time.Duration, code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.duration, s.code = duration, code
}

func (s *fakeRunner) Run(ctx context.Context, _ runner.Script, out *runner.Output) runner.Outcome {
	s.mu.Lock()
	s.runs++
	duration, code := s.duration, s.code
	_, _ = fmt.Fprintln(out, "run", s.runs)
	s.mu.Unlock()
	o := runner.Outcome{Started: time.Now(), ExitCode: code}
	select {
	case <-time.After(duration):
	case <-ctx.Done():
		o.End = runner.Stopped
	}
	o.Finished = time.Now()
	return o
}

func (*fakeRunner) KillAll() {}

func (*fakeRunner) Close() {}

func (b *bubble) call(r assist.Request) (any, error) {
	return b.lab.operations[r.Action()].serve(b.t.Context(), call{Lab: b.lab, site: b.lab.own, reply: new(reply)}, assist.Encode(r))
}

// must makes a call that must succeed.
func (b *bubble) must(r assist.Request) any {
	b.t.Helper()
	answer, err := b.call(r)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// periodic sends a command to the first n instances, with a timeout of 10 seconds.
func (b *bubble) periodic(n int, change func(r *assist.RunCommandRequest)) (invokeID string) {
	b.t.Helper()
	r := shell("true")
	r.Timeout, r.InstanceId = 10, nil
	for i := range n {
		r.InstanceId = append(r.InstanceId, nth(i+1))
	}
	change(r)
	return b.must(r).(*assist.RunCommandResponse).InvokeId
}

// after advances the time, and waits until everything that is due has started.
func (b *bubble) after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (b *bubble) describe(invokeID string) assist.Invocation {
	b.t.Helper()
	answer := b.must(&assist.DescribeInvocationsRequest{
		RegionId: "cn-hangzhou", InvokeId: invokeID, IncludeOutput: true, ContentEncoding: assist.PlainText,
	}).(*assist.DescribeInvocationsResponse)
	return answer.Invocations.Invocation[0]
}

// states returns the newer and the older state of an invocation, and the state and number of runs of its first instance.
func (b *bubble) states(invokeID string) string {
	b.t.Helper()
	inv := b.describe(invokeID)
	it := inv.InvokeInstances.InvokeInstance[0]
	return fmt.Sprint(inv.InvocationStatus, " ", inv.InvokeStatus, " ", it.InvocationStatus, " ", it.Repeats)
}

func (b *bubble) want(invokeID, states string) {
	b.t.Helper()
	if got := b.states(invokeID); got != states {
		b.t.Errorf("after %v: %s, want %s", time.Since(bubbleStart()), got, states)
	}
}

func (b *bubble) stop(invokeID string, instances ...string) {
	b.t.Helper()
	b.must(&assist.StopInvocationRequest{RegionId: "cn-hangzhou", InvokeId: invokeID, InstanceId: instances})
	synctest.Wait()
}

func (b *bubble) change(n int, change func(it *Instance)) {
	b.t.Helper()
	if err := b.lab.SetInstance(nth(n), change); err != nil {
		b.t.Fatal(err)
	}
	synctest.Wait()
}

// starts returns the times at which scripts were started.
func (b *bubble) starts() []string {
	var all []string
	for _, e := range b.lab.Executions() {
		all = append(all, assist.FormatTime(e.Start))
	}
	return all
}

func bubbleStart() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }
