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

const concurrency = 8

// TestRunsShareQuota checks that three runs of one account finish with a quota that is much too small, with few refusals, and that
// each gets at least half of its share once all have been refused.
func TestRunsShareQuota(t *testing.T) {
	const runs, batches, quota = 3, 100, 60 // per minute
	synctest.Test(t, func(t *testing.T) {
		simulation, err := lab.ParseSimulation("1s")
		if err != nil {
			t.Fatal(err)
		}
		instances := lab.NumberedInstances(batches)
		for i := range instances {
			instances[i].Simulation = simulation
		}
		fault, err := lab.ParseFault(fmt.Sprintf("RunCommand=quota:%d/m", quota))
		if err != nil {
			t.Fatal(err)
		}
		machine, err := lab.New(lab.Options{Instances: instances, Dir: t.TempDir(), Faults: []lab.Fault{fault}})
		if err != nil {
			t.Fatal(err)
		}
		started := time.Now()
		var all [runs]*accountRun
		var wait sync.WaitGroup
		for n := range all {
			all[n] = &accountRun{calls: new(assist.Calls), taken: map[int]int{}}
			wait.Go(func() { all[n].carryOut(t, machine, instances, n, started) })
		}
		wait.Wait()
		took := time.Since(started)
		if err := machine.Close(); err != nil {
			t.Error(err)
		}

		if last, least := int(took/time.Minute), runs*batches/quota-1; last > least+1 {
			t.Errorf("it took %s, %d minutes' quota", took, last+1)
		}
		first := all[0].minutes() // that of the run that finished first
		for n, run := range all {
			t.Logf("run %d: %d tries, taken %v", n, run.calls.Counts()["RunCommand"], run.taken)
			first = min(first, run.minutes())
			if run.err != nil || !run.state.Succeeded() {
				t.Errorf("run %d: %v, %v", n, run.err, run.state.Counts())
			}
			// Each minute may refuse the calls under way, and no more.
			if tries, most := run.calls.Counts()["RunCommand"], batches+run.minutes()*concurrency; tries > most {
				t.Errorf("run %d made %d calls, more than %d", n, tries, most)
			}
		}
		for n, run := range all {
			for minute := 1; minute < first; minute++ { // in the first minute, the first run takes all
				if share := quota / runs; run.taken[minute] < share/2 {
					t.Errorf("run %d had %d of its %d calls in minute %d", n, run.taken[minute], share, minute)
				}
			}
		}
	})
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
