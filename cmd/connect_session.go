package cmd

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"muster/pkg/assist"
	"muster/pkg/config"
	"muster/pkg/fleet"
	"muster/pkg/identity"
	"muster/pkg/term"
)

// connector opens sessions with regions of the cloud and with labs.
type connector struct {
	*printer
	identities    map[*config.Config]*identity.Identity
	preconnected  atomic.Pointer[assist.Transport] // see connectEarly; nil once a session has it
	waits         assist.WaitingCalls              // what calls wait for
	elapsed       time.Duration                    // how long a call is retried; 0, the policy's own, except in tests
	notedRetrying atomic.Bool                      // see noteRetrying
}

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
	client   *assist.Client
	caller   assist.Caller // what the client calls through
	calls    *assist.Calls
	flying   *assist.ConcurrencyLimiter
	region   string
	pageSize int        // how many items of a list a call returns
	site     fleet.Site // what a run calls it
	lab      bool       // a throwaway lab, which ends with the session
	close    func() error

	endpoint  assist.Endpoint
	signer    assist.Signer
	transport http.RoundTripper
	identity  *identity.Identity // nil for a lab that muster found by itself
	accountID string             // where STS was asked for it
}

// connect finds out where to call and as whom, for a command that is about one region. It makes no call.
func (cn *connector) connect(ctx context.Context) (*session, error) {
	if len(cn.profiles) > 1 || len(cn.config.Regions()) > 1 {
		return nil, usagef("one --region and one --profile at a time: several are for run, invoke, send and instances")
	}
	return cn.connectAs(ctx, cn.config, cn.config.Region)
}

func (cn *connector) connectAs(ctx context.Context, c *config.Config, region string) (*session, error) {
	switch {
	case cn.lab.size > 0:
		return cn.connectThrowawayLab(ctx, region)
	case c.Lab():
		return cn.connectLab(ctx, region)
	}
	return cn.connectCloud(ctx, c, region)
}

func (cn *connector) connectCloud(ctx context.Context, c *config.Config, region string) (*session, error) {
	if err := cn.checkCallable(c, region); err != nil {
		return nil, err
	}
	if region == "" {
		cn.warnOfEmptyProfiles(c)
		return nil, usagef("no region: give --region, set ALIBABA_CLOUD_REGION_ID, or set one in the profile")
	}
	endpoint := assist.RegionEndpoint(region)
	if c.Endpoint != "" {
		var err error
		if endpoint, err = assist.ParseEndpoint(c.Endpoint); err != nil {
			return nil, &usageError{err}
		}
	}
	defer cn.preconnect(ctx, endpoint)()
	who, err := cn.identify(ctx, c, endpoint)
	if err != nil {
		cn.warnOfEmptyProfiles(c)
		return nil, err
	}
	keys, err := who.Keys(ctx)
	if err != nil {
		return nil, err
	}
	s, err := cn.newSession(region, endpoint, who, c.RatePerSecond)
	if err != nil {
		return nil, err
	}
	s.identity = who
	shareFlights(s, keys.AccessKeyId)
	return s, nil
}

// newSession puts the client together: retry around pace around the bound of calls on their way around counting around the core library.
func (cn *connector) newSession(region string, endpoint assist.Endpoint, signer assist.Signer, rate float64) (*session, error) {
	cn.warnOfProblems(nil)
	timeouts, transport := cn.timeouts(), cn.takeTransport()
	core, err := assist.NewCore(assist.CoreOptions{
		Endpoint: endpoint, Credentials: signer, Transport: transport, Timeouts: timeouts, UserAgent: "muster/" + version,
	})
	if err != nil {
		return nil, err
	}
	calls := new(assist.Calls)
	policy := assist.DefaultRetryPolicy()
	policy.DelayedAfter, policy.Delayed, policy.NoRetryInDoubt = retryPatience, cn.noteRetrying, true
	policy.Waiting = cn.waits.Note
	policy.Elapsed = cmp.Or(cn.elapsed, policy.Elapsed)
	if cn.config.Verbose {
		policy.Notify = func(request assist.Request, err error, wait time.Duration) {
			cn.note("%s is tried again in %s: %s", request.Action(), wait.Round(time.Millisecond), cn.explain(err))
		}
	}
	flying := &assist.ConcurrencyLimiter{Initial: firstFlights, Max: cn.config.MaxCalls()}
	flying.Expect = func(n int) { transport.Prepare(context.Background(), endpoint, n) } // until the session closes the transport
	caller := assist.WithRetry(assist.WithPace(flying.Limit(calls.Count(core)), assist.Pace{PerSecond: rate, Burst: paceBurst}), policy)
	return &session{
		client: assist.NewClient(caller), caller: caller, calls: calls, flying: flying, region: region, pageSize: cn.config.PageSize, site: fleet.Site{RegionId: region},
		endpoint: endpoint, signer: signer, transport: transport,
		close: func() error { transport.CloseIdleConnections(); return nil },
	}, nil
}

// noteRetrying says once that a call is being retried. The polls of a run are left out, and what it sends where a terminal has its
// display, which says so.
func (cn *connector) noteRetrying(request assist.Request, err error) {
	polls := []string{"DescribeInvocations", "DescribeInvocationResults", "DescribeSendFileResults"}
	if cn.config.Quiet || cn.config.Verbose || cn.reportsRuns && slices.Contains(polls, request.Action()) ||
		!readOnly(request.Action()) && cn.streams.ErrIsTerminal() {
		return
	}
	if !cn.notedRetrying.Swap(true) {
		cn.note("still retrying: %s", term.Sanitize(strings.Join(strings.Fields(err.Error()), " ")))
	}
}

// use runs something with a session, and ends the session whatever comes.
func (cn *connector) use(ctx context.Context, do func(*session) error) error {
	s, err := cn.connect(ctx)
	if err != nil {
		return err
	}
	return cn.useSession(ctx, s, do)
}

// useSession runs something with a session that it then ends.
func (cn *connector) useSession(ctx context.Context, s *session, do func(*session) error) (err error) {
	return cn.useSites(ctx, sites{s}, func(sites) error { return do(s) })
}

// collect reads a list to its end. noun names its items in the error.
func collect[T any](items iter.Seq2[T, error], noun string) ([]T, error) {
	var list []T
	for item, err := range items {
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", noun, err)
		}
		list = append(list, item)
	}
	return list, nil
}
