package cmd

import (
	"cmp"
	"context"
	"crypto/x509"
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
	preconnected  atomic.Pointer[assist.Transport] // see preconnect; nil once a session has taken it
	waits         assist.WaitingCalls              // what calls are waiting for
	elapsed       time.Duration                    // how long a call is retried; 0 means the default, and is other than 0 only in tests
	notedRetrying atomic.Bool                      // see noteRetrying
}

const (
	// paceBurst is the number of calls of an action that may be made at once before the rate applies: a tenth of what most ECS actions are
	// said to allow per minute.
	paceBurst = 100
	// initialConcurrency is the initial limit of concurrent calls of an action.
	initialConcurrency = 8
	labRegion          = "cn-hangzhou"
	// retryPatience is the time for which a call is retried before that is reported.
	retryPatience = 5 * time.Second
)

// session is a connection to a region of the service or of a lab.
type session struct {
	client   *assist.Client
	caller   assist.Caller // what the client calls through
	calls    *assist.Calls
	limiter  *assist.ConcurrencyLimiter
	region   string
	pageSize int        // of lists
	site     fleet.Site // its name in a run
	lab      bool       // a throwaway lab, which ends with the session
	close    func() error

	endpoint    assist.Endpoint
	authorities *x509.CertPool // the only ones that are trusted; nil for those of the system
	signer      assist.Signer
	transport   http.RoundTripper
	identity    *identity.Identity // nil for a lab that muster found itself
	accountID   string             // if STS was asked for it
}

// connect returns a session for a command that uses one region. It makes no API call.
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
	shareThrottling(s, keys.AccessKeyId)
	return s, nil
}

// newSession returns a session whose transport trusts the authorities of the system.
func (cn *connector) newSession(region string, endpoint assist.Endpoint, signer assist.Signer, rate float64) (*session, error) {
	return cn.newSessionOver(cn.takeTransport(), region, endpoint, signer, rate)
}

// newSessionOver builds the client: retries around pacing around the limit of concurrent calls around counting around the core
// library.
func (cn *connector) newSessionOver(transport *assist.Transport, region string, endpoint assist.Endpoint, signer assist.Signer, rate float64) (*session, error) {
	cn.warnOfProblems(nil)
	timeouts := cn.timeouts()
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
			cn.note("retrying %s in %s: %s", request.Action(), wait.Round(time.Millisecond), cn.explain(err))
		}
	}
	limiter := &assist.ConcurrencyLimiter{Initial: initialConcurrency, Max: cn.config.MaxCalls()}
	limiter.Expect = func(n int) { transport.Prepare(context.Background(), endpoint, n) } // until the session closes the transport
	caller := assist.WithRetry(assist.WithRateLimit(limiter.Limit(calls.Count(core)), assist.RateLimit{PerSecond: rate, Burst: paceBurst}), policy)
	return &session{
		client: assist.NewClient(caller), caller: caller, calls: calls, limiter: limiter, region: region, pageSize: cn.config.PageSize, site: fleet.Site{RegionId: region},
		endpoint: endpoint, signer: signer, transport: transport,
		close: func() error { transport.CloseIdleConnections(); return nil },
	}, nil
}

// noteRetrying reports once that calls are being retried. It does not for a run's polls, nor for calls that send something while a
// terminal shows the progress, which reports it.
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

// use calls do with a session, and closes the session.
func (cn *connector) use(ctx context.Context, do func(*session) error) error {
	s, err := cn.connect(ctx)
	if err != nil {
		return err
	}
	return cn.useSession(ctx, s, do)
}

// useSession calls do with a session, and closes the session.
func (cn *connector) useSession(ctx context.Context, s *session, do func(*session) error) (err error) {
	return cn.useSites(ctx, sites{s}, func(sites) error { return do(s) })
}

// collect reads a list to its end. noun names the items in the error.
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
