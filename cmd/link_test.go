package cmd

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/lab"
	"muster/pkg/target"
)

// link carries calls to a lab over a slow and unreliable line. Each call has a number.
type link struct {
	lab   *lab.Lab
	takes func(number int64) time.Duration // the round trip of a call
	loses func(number int64) bool          // the response is lost after the call was carried out
	calls *atomic.Int64
}

func (l *link) RoundTrip(r *http.Request) (*http.Response, error) {
	number := l.calls.Add(1)
	answer, err := inProcess{l.lab}.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	select {
	case <-time.After(l.takes(number)):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if l.loses != nil && l.loses(number) {
		return nil, errors.New("connection reset by peer")
	}
	return answer, nil
}

func always(d time.Duration) func(int64) time.Duration {
	return func(int64) time.Duration { return d }
}

// TestRunsOverBadLinks runs a command on 2,000 instances. Each runs it exactly once and the run knows it, however bad the link is.
func TestRunsOverBadLinks(t *testing.T) {
	for name, test := range map[string]struct {
		link link
		fail bool // instances cannot be listed, and nothing is sent
	}{
		"a long one":              {link: link{takes: always(200 * time.Millisecond)}},
		"every 20th answer lost":  {link: link{takes: always(50 * time.Millisecond), loses: func(number int64) bool { return number%20 == 0 }}},
		"slower with each answer": {link: link{takes: func(number int64) time.Duration { return time.Duration(number) * 20 * time.Millisecond }}},
		"a page lost for good": {fail: true, link: link{takes: always(50 * time.Millisecond), loses: func(number int64) bool {
			return number > 7 // by then the parallel parts of the list are being read
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &test.link
				l.calls = new(atomic.Int64)
				var closeLab func()
				l.lab, closeLab = simulatedLab(t, 2000, "2s")
				state, err := overLink(t, l)
				records := runCommandTasks(t, l.lab)
				closeLab()
				if test.fail {
					if err == nil || len(records) > 0 {
						t.Errorf("%d instances have run it, %v", len(records), err)
					}
					return
				}
				if err != nil || !state.Succeeded() || len(state.Targets) != 2000 {
					t.Fatalf("%v, %v", err, state.Counts())
				}
				for id, times := range records {
					if times != 1 {
						t.Errorf("%s has run it %d times", id, times)
					}
				}
				if len(records) != 2000 {
					t.Errorf("%d instances have run it", len(records))
				}
			})
		})
	}
}

func simulatedLab(t *testing.T, n int, text string) (machine *lab.Lab, end func()) {
	t.Helper()
	simulation, err := lab.ParseSimulation(text)
	if err != nil {
		t.Fatal(err)
	}
	instances := lab.NumberedInstances(n)
	for i := range instances {
		instances[i].Simulation = simulation
		instances[i].ZoneId = labRegion + "-" + string("abc"[i%3])
	}
	machine, err = lab.New(lab.Options{Instances: instances, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return machine, func() {
		if err := machine.Close(); err != nil {
			t.Error(err)
		}
	}
}

// clientOver returns a client like that of a session.
func clientOver(t *testing.T, machine *lab.Lab, transport http.RoundTripper) (*assist.Client, *assist.ConcurrencyLimiter) {
	t.Helper()
	id, secret := machine.Key()
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: assist.Endpoint{Host: "127.0.0.1:1"}, Credentials: assist.StaticCredentials(id, secret), Transport: transport,
		Timeouts: assist.Timeouts{Connect: time.Minute, Read: time.Minute}, UserAgent: "muster/test",
	})
	if err != nil {
		t.Fatal(err)
	}
	limiter := &assist.ConcurrencyLimiter{Initial: initialConcurrency, Max: 64}
	policy := assist.DefaultRetryPolicy()
	policy.NoRetryInDoubt = true
	return assist.NewClient(assist.WithRetry(limiter.Limit(core), policy)), limiter
}

func overLink(t *testing.T, l *link) (*fleet.State, error) {
	t.Helper()
	client, limiter := clientOver(t, l.lab, l)
	resolver := &target.Resolver{Places: []target.Place{{API: client, RegionId: labRegion}}, PageSize: 50, Concurrency: 64, Agents: true}
	found, err := resolver.Resolve(t.Context(), target.Selector{All: true})
	if err != nil {
		return nil, err
	}
	here := fleet.Site{RegionId: labRegion}
	var targets []fleet.Target
	for _, i := range found.Instances {
		targets = append(targets, fleet.Target{InstanceId: i.InstanceId, Site: here})
	}
	plan := fleet.NewPlan("run-1", fleet.Command{Run: &assist.RunCommandRequest{Name: "run-1", Type: "RunShellScript", CommandContent: "true"}}, targets, nil, fleet.Cut{BatchSize: 50})
	engine := &fleet.Engine{APIs: map[fleet.Site]fleet.API{here: client}, Limiters: map[fleet.Site]*assist.ConcurrencyLimiter{here: limiter}, Concurrency: 64, PageSize: 50}
	return engine.Run(t.Context(), plan)
}

// runCommandTasks counts the tasks of each instance in the lab's own records.
func runCommandTasks(t *testing.T, machine *lab.Lab) map[string]int {
	t.Helper()
	client, _ := clientOver(t, machine, inProcess{machine})
	tasks := map[string]int{}
	for i, err := range client.AllInvocations(context.WithoutCancel(t.Context()), assist.DescribeInvocationsRequest{RegionId: labRegion}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, instance := range i.InvokeInstances.InvokeInstance {
			tasks[instance.InstanceId]++
		}
	}
	return tasks
}
