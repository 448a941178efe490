package cmd

import (
	"cmp"
	"context"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/identity"
	"muster/pkg/term"
)

const (
	// paceBurst is how many calls of an action may go out at once before the rate counts: a tenth of what is said to be
	// most ECS actions' quota a minute.
	paceBurst = 100
	// firstFlights is how many calls of an action are on their way at the same time to begin with.
	firstFlights = 8
	labRegion    = "cn-hangzhou"
	// retryPatience is how long a call is retried without a word.
	retryPatience = 5 * time.Second
)

// session is a connection to one region of the service, or of a lab.
type session struct {
	client *assist.Client
	caller assist.Caller // what the client calls through
	calls  *assist.Calls
	flying *assist.Flights
	region string
	site   fleet.Site // what a run calls it
	lab    bool       // a throwaway lab, which ends with the session
	close  func() error

	endpoint  assist.Endpoint
	signer    assist.Signer
	transport http.RoundTripper
	identity  *identity.Identity // nil for a lab that muster found by itself
	accountID string             // where STS was asked for it
}

// connect finds out where to call and as whom, for a command that is about one region. It makes no call.
func (a *app) connect(ctx context.Context) (*session, error) {
	if len(a.profiles) > 1 || len(a.config.Regions()) > 1 {
		return nil, usagef("one --region and one --profile at a time: several are for run, invoke, send and instances")
	}
	return a.connectAs(ctx, a.config, a.config.Region)
}

func (a *app) connectAs(ctx context.Context, c *config.Config, region string) (*session, error) {
	switch {
	case a.labSize > 0:
		return a.connectThrowawayLab(ctx, region)
	case c.Lab():
		return a.connectLab(ctx, region)
	}
	return a.connectCloud(ctx, c, region)
}

func (a *app) connectCloud(ctx context.Context, c *config.Config, region string) (*session, error) {
	if err := a.mayCall(c, region); err != nil {
		return nil, err
	}
	if region == "" {
		a.warnOfEmptyProfiles(c)
		return nil, usagef("no region: give --region, set ALIBABA_CLOUD_REGION_ID, or set one in the profile")
	}
	endpoint := assist.RegionEndpoint(region)
	if c.Endpoint != "" {
		var err error
		if endpoint, err = assist.ParseEndpoint(c.Endpoint); err != nil {
			return nil, &usageError{err}
		}
	}
	defer a.connectEarly(ctx, endpoint)()
	who, err := a.identify(ctx, c, endpoint)
	if err != nil {
		a.warnOfEmptyProfiles(c)
		return nil, err
	}
	keys, err := who.Keys(ctx)
	if err != nil {
		return nil, err
	}
	s, err := a.open(region, endpoint, who, c.RatePerSecond)
	if err != nil {
		return nil, err
	}
	s.identity = who
	a.shareFlights(s, keys.AccessKeyId)
	return s, nil
}

func (a *app) labConnectionPath() (string, error) {
	dir, err := a.labDir()
	return filepath.Join(dir, "connection.json"), err
}

// labDir is where a lab keeps its data if it is told nothing else.
func (a *app) labDir() (string, error) {
	dir, err := config.StateDir(config.Options{})
	return filepath.Join(dir, "lab"), err
}

// open puts the client together: retry around pace around the bound of calls on their way around counting around the core library.
func (a *app) open(region string, endpoint assist.Endpoint, signer assist.Signer, rate float64) (*session, error) {
	a.warnOfProblems(nil)
	timeouts, transport := a.timeouts(), a.transport()
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: endpoint, Credentials: signer, Transport: transport, Timeouts: timeouts, UserAgent: "muster/" + version,
	})
	if err != nil {
		return nil, err
	}
	calls := new(assist.Calls)
	policy := assist.DefaultRetryPolicy()
	policy.Patience, policy.Lasting, policy.LeaveDoubt = retryPatience, a.noteRetrying, true
	policy.Waiting = a.waits.Note
	policy.Elapsed = cmp.Or(a.elapsed, policy.Elapsed)
	if a.config.Verbose {
		policy.Notify = func(request assist.Request, err error, wait time.Duration) {
			a.note("%s is tried again in %s: %s", request.Action(), wait.Round(time.Millisecond), a.explain(err))
		}
	}
	flying := &assist.Flights{Least: firstFlights, Most: a.config.MaxCalls()}
	flying.Ahead = func(n int) { transport.Prepare(context.Background(), endpoint, n) } // until the session closes the transport
	caller := assist.WithRetry(assist.WithPace(flying.Bound(calls.Count(core)), assist.Pace{PerSecond: rate, Burst: paceBurst}), policy)
	return &session{
		client: assist.NewClient(caller), caller: caller, calls: calls, flying: flying, region: region, site: fleet.Site{RegionId: region},
		endpoint: endpoint, signer: signer, transport: transport,
		close: func() error { transport.CloseIdleConnections(); return nil },
	}, nil
}

// noteRetrying says once that a call is being retried. The polls of a run are left out, and what it sends where a terminal has its
// display, which says so.
func (a *app) noteRetrying(request assist.Request, err error) {
	polls := []string{"DescribeInvocations", "DescribeInvocationResults", "DescribeSendFileResults"}
	if a.config.Quiet || a.config.Verbose || a.reportsRuns && slices.Contains(polls, request.Action()) ||
		!reads(request.Action()) && a.streams.ErrIsTerminal() {
		return
	}
	if !a.toldRetrying.Swap(true) {
		a.note("still retrying: %s", term.Sanitize(strings.Join(strings.Fields(err.Error()), " ")))
	}
}

// use runs something with a session, and ends the session whatever comes.
func (a *app) use(ctx context.Context, do func(*session) error) error {
	s, err := a.connect(ctx)
	if err != nil {
		return err
	}
	return a.useSession(ctx, s, do)
}

// useSession runs something with a session that it then ends.
func (a *app) useSession(ctx context.Context, s *session, do func(*session) error) (err error) {
	return a.useSites(ctx, sites{s}, func(sites) error { return do(s) })
}
