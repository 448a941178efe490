package cmd

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
	"muster/pkg/lab"
)

// inProcess carries calls to a lab without a network, so that they work with synthetic time.
type inProcess struct{ lab *lab.Lab }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	p.lab.ServeHTTP(w, asServed(r))
	select {
	case <-time.After(20 * time.Millisecond): // the time on the way
		return w.Result(), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// asServed returns a client's request as a server receives it.
func asServed(r *http.Request) *http.Request {
	served := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), http.NoBody)
	served.Host = r.URL.Host
	for name, values := range r.Header {
		served.Header.Set(name, values[0]) // with canonical names, as from the wire
	}
	return served
}

// accountRun is one of several runs that share an account.
type accountRun struct {
	calls *assist.Calls
	state *fleet.State
	err   error

	mu    sync.Mutex
	taken map[int]int // accepted submits by minute
}

// minutes returns how many whole minutes it took.
func (a *accountRun) minutes() int { return int(a.state.Finished.Sub(a.state.Started) / time.Minute) }

const (
	sharingRuns    = 3
	sharingBatches = 100 // of each run
	sharingQuota   = 60  // calls per minute
)

// TestRunsShareQuota checks that three runs of one account finish with a quota that is much too small, with few refusals, and that
// each gets at least half of its share once all have been refused. Which run a quota goes to is chance, so that a few trials in a
// hundred are unfair; most must be fair.
func TestRunsShareQuota(t *testing.T) {
	const trials = 7
	unfair := 0
	for range trials {
		synctest.Test(t, func(t *testing.T) {
			all, took := shareQuota(t)
			for n, run := range all {
				t.Logf("run %d: %d tries, taken %v", n, run.calls.Counts()["RunCommand"], run.taken)
			}
			if why := unfairness(all, took); why != "" {
				t.Log(why)
				unfair++
			}
		})
	}
	if unfair > trials/2 {
		t.Errorf("%d of %d trials were unfair", unfair, trials)
	}
}

// unfairness returns what was unfair in a trial, slower than the quota allows or refused too often, if anything.
func unfairness(all []*accountRun, took time.Duration) string {
	if last, least := int(took/time.Minute), sharingRuns*sharingBatches/sharingQuota-1; last > least+1 {
		return fmt.Sprintf("it took %s, %d minutes' quota", took, last+1)
	}
	first := all[0].minutes() // that of the run that finished first
	for n, run := range all {
		first = min(first, run.minutes())
		if run.err != nil || !run.state.Succeeded() {
			return fmt.Sprintf("run %d: %v, %v", n, run.err, run.state.Counts())
		}
	}
	for n, run := range all {
		// Each minute may refuse the calls in flight, and no more.
		if tries, most := run.calls.Counts()["RunCommand"], sharingBatches+run.minutes()*initialConcurrency; tries > most {
			return fmt.Sprintf("run %d made %d calls, more than %d", n, tries, most)
		}
		for minute := 1; minute < first; minute++ { // in the first minute, the first run takes all
			if share := sharingQuota / sharingRuns; run.taken[minute] < share/2 {
				return fmt.Sprintf("run %d had %d of its %d calls in minute %d", n, run.taken[minute], share, minute)
			}
		}
	}
	return ""
}

// shareQuota carries out the runs concurrently and returns them and the time that they took.
func shareQuota(t *testing.T) (all []*accountRun, took time.Duration) {
	simulation, err := lab.ParseSimulation("1s")
	if err != nil {
		t.Fatal(err)
	}
	instances := lab.NumberedInstances(sharingBatches)
	for i := range instances {
		instances[i].Simulation = simulation
	}
	fault, err := lab.ParseFault(fmt.Sprintf("RunCommand=quota:%d/m", sharingQuota))
	if err != nil {
		t.Fatal(err)
	}
	machine, err := lab.New(lab.Options{Instances: instances, Dir: t.TempDir(), Faults: []lab.Fault{fault}})
	if err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	var wait sync.WaitGroup
	for n := range sharingRuns {
		run := &accountRun{calls: new(assist.Calls), taken: map[int]int{}}
		all = append(all, run)
		wait.Go(func() { run.carryOut(t, machine, instances, n, started) })
	}
	wait.Wait()
	took = time.Since(started)
	if err := machine.Close(); err != nil {
		t.Error(err)
	}
	return all, took
}

func (a *accountRun) carryOut(t *testing.T, machine *lab.Lab, instances []lab.Instance, n int, started time.Time) {
	id, secret := machine.Key()
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: assist.Endpoint{Host: "127.0.0.1:1"}, Credentials: assist.StaticCredentials(id, secret), Transport: inProcess{machine},
		Timeouts: assist.Timeouts{Connect: time.Minute, Read: time.Minute}, UserAgent: "muster/test",
	})
	if err != nil {
		t.Error(err)
		return
	}
	counted := assist.CallerFunc(func(ctx context.Context, request assist.Request, response any) error {
		err := core.Call(ctx, request, response)
		if request.Action() == "RunCommand" && err == nil {
			a.mu.Lock()
			a.taken[int(time.Since(started)/time.Minute)]++
			a.mu.Unlock()
		}
		return err
	})
	limiter := &assist.ConcurrencyLimiter{Initial: initialConcurrency, Max: 64}
	caller := assist.WithRetry(assist.WithRateLimit(limiter.Limit(a.calls.Count(counted)), assist.RateLimit{PerSecond: 15, Burst: paceBurst}), assist.DefaultRetryPolicy())
	here := fleet.Site{RegionId: labRegion}
	engine := &fleet.Engine{APIs: map[fleet.Site]fleet.API{here: assist.NewClient(caller)}, Limiters: map[fleet.Site]*assist.ConcurrencyLimiter{here: limiter}, Concurrency: 64, PageSize: 50}
	runID := fmt.Sprintf("run-%d", n)
	request := &assist.RunCommandRequest{Name: runID, Type: "RunShellScript", CommandContent: "true"}
	var targets []fleet.Target
	for _, instance := range instances {
		targets = append(targets, fleet.Target{InstanceId: instance.InstanceId, Site: here})
	}
	plan := fleet.NewPlan(runID, fleet.Command{Run: request}, targets, nil, fleet.Cut{BatchSize: 1})
	a.state, a.err = engine.Run(t.Context(), plan)
}
