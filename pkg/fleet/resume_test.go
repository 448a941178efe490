package fleet

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"muster/pkg/assist"
	"muster/pkg/sleep"
	"muster/pkg/target"
)

// scenario is a run that is killed repeatedly, with services that lose answers.
type scenario struct {
	seed        int
	targets     int // the number at each of two sites, with the same ids
	batchSize   int
	concurrency int
	pageSize    int
	waves       []target.Share
	fanout      *target.Share
	tolerance   *Tolerance
	skipped     int
	action      int
	kills       []kill // one per process, before one that is not killed
	forgets     bool   // the service forgets its tokens between the processes
}

// kill ends a process after a number of journal events. Events that have not been synced may be lost.
type kill struct {
	after int
	loses bool
	pause time.Duration // until the next process
}

func (s *scenario) chance(of int, what ...any) int {
	hash := fnv.New64a()
	fmt.Fprint(hash, s.seed, what)
	return int(hash.Sum64() >> 8 % uint64(of))
}

func drawScenario(t *rapid.T) scenario {
	s := scenario{
		seed: rapid.IntRange(0, 1<<20).Draw(t, "seed"), targets: rapid.IntRange(1, 14).Draw(t, "targets"),
		batchSize: rapid.IntRange(1, 5).Draw(t, "batch size"), concurrency: rapid.IntRange(1, 3).Draw(t, "concurrency"),
		pageSize: rapid.IntRange(1, 4).Draw(t, "page size"), skipped: rapid.IntRange(0, 2).Draw(t, "skipped"),
		action: rapid.IntRange(0, 2).Draw(t, "action"), forgets: rapid.Bool().Draw(t, "forgets"),
		waves: rapid.SampledFrom([][]target.Share{nil, {{Count: 1}, {Count: 6}}, {{Percent: 10}, {Percent: 50}}}).Draw(t, "waves"),
	}
	s.fanout = rapid.SampledFrom([]*target.Share{nil, {Count: 1}, {Count: 4}, {Percent: 30}}).Draw(t, "fan-out")
	s.tolerance = rapid.SampledFrom([]*Tolerance{nil, nil, {}, {Count: 3}, {Percent: 20}}).Draw(t, "tolerance")
	for range rapid.IntRange(0, 4).Draw(t, "processes") {
		s.kills = append(s.kills, kill{
			after: rapid.IntRange(1, 60).Draw(t, "after"), loses: rapid.Bool().Draw(t, "loses"),
			pause: time.Duration(rapid.IntRange(0, 400).Draw(t, "minutes")) * time.Minute,
		})
	}
	return s
}

func (s *scenario) plan(sites []Site) Plan {
	command := []Command{
		{Run: &assist.RunCommandRequest{Name: "run-1"}}, {Invoke: &assist.InvokeCommandRequest{CommandId: "c-1"}},
		{Send: &assist.SendFileRequest{Name: "app.conf"}},
	}[s.action]
	var targets []Target
	for i := range s.targets {
		for _, site := range sites {
			targets = append(targets, Target{InstanceId: fmt.Sprintf("i-%02d", i), Site: site})
		}
	}
	plan := NewPlan("run-1", command, targets, targets[:min(s.skipped, len(targets)-1)], Cut{BatchSize: s.batchSize, Waves: s.waves, Fanout: s.fanout})
	plan.MaxFailures = s.tolerance
	return plan
}

// ends returns how the script ends on an instance. bad instances are refused by the service.
func (s *scenario) ends(site, id string) assist.Status {
	return []assist.Status{
		assist.StatusSuccess, assist.StatusSuccess, assist.StatusSuccess, assist.StatusSuccess, assist.StatusFailed,
		assist.StatusTimeout, assist.StatusAborted, assist.StatusError,
	}[s.chance(8, "end", site, id)]
}

func (s *scenario) bad(site, id string) bool { return s.chance(12, "bad", site, id) == 0 }

func (s *scenario) service(site Site) *service {
	service := newService()
	service.prefix = site.RegionId
	service.takes = func(id string) time.Duration {
		return time.Duration(s.chance(5000, "takes", site, id)) * time.Millisecond
	}
	service.end = func(id string) (assist.Status, int64) { return s.ends(site.RegionId, id), 0 }
	service.refuse = func(ids []string) error {
		if slices.ContainsFunc(ids, func(id string) bool { return s.bad(site.RegionId, id) }) {
			return refusedFor("InvalidInstance.NotFound")
		}
		return nil
	}
	return service
}

// process is a service as one process reaches it: answers are lost, and a killed process receives none.
type process struct {
	*service
	scenario *scenario
	number   int
	polls    atomic.Int32
}

func (p *process) DescribeInvocations(ctx context.Context, r *assist.DescribeInvocationsRequest) (*assist.DescribeInvocationsResponse, error) {
	if n := p.polls.Add(1); p.number < len(p.scenario.kills) && p.scenario.chance(100, "poll", p.number, n) == 0 {
		return nil, &assist.TransportError{Err: errors.New("cut off")}
	}
	return p.service.DescribeInvocations(ctx, r)
}

func (p *process) submit(ctx context.Context, token string, take func(context.Context) error) error {
	latency := time.Duration(p.scenario.chance(2000, "latency", p.number, token)) * time.Millisecond
	lost := &assist.TransportError{Err: errors.New("cut off")}
	ended := sleep.For(ctx, latency) != nil
	fate := p.scenario.chance(40, "fate", p.number, token)
	if p.number == len(p.scenario.kills) && !ended {
		fate = -1 // the last process loses no answer
	}
	switch {
	case ended && fate%2 == 0, fate == 0:
		return lost
	case ended, fate == 1:
		_ = take(context.WithoutCancel(ctx))
		return lost
	case fate == 2:
		return &assist.Error{Code: "InternalError", HTTPStatus: http.StatusInternalServerError}
	case fate == 3:
		_ = take(ctx)
		return &assist.Error{Code: "ServiceUnavailable", HTTPStatus: http.StatusServiceUnavailable}
	case fate == 4:
		return refusedFor("Throttling.User")
	}
	return take(ctx)
}

func (p *process) RunCommand(ctx context.Context, r *assist.RunCommandRequest) (answer *assist.RunCommandResponse, err error) {
	err = p.submit(ctx, r.ClientToken, func(ctx context.Context) error {
		answer, err = p.service.RunCommand(ctx, r)
		return err
	})
	return answer, err
}

func (p *process) InvokeCommand(ctx context.Context, r *assist.InvokeCommandRequest) (answer *assist.InvokeCommandResponse, err error) {
	err = p.submit(ctx, r.ClientToken, func(ctx context.Context) error {
		answer, err = p.service.InvokeCommand(ctx, r)
		return err
	})
	return answer, err
}

func (p *process) SendFile(ctx context.Context, r *assist.SendFileRequest) (answer *assist.SendFileResponse, err error) {
	err = p.submit(ctx, r.ClientToken, func(ctx context.Context) error {
		answer, err = p.service.SendFile(ctx, r)
		return err
	})
	return answer, err
}

// sharedJournal is a journal that outlives its processes, one of which it may kill.
type sharedJournal struct {
	mu     sync.Mutex
	lines  [][]byte
	synced int
	left   int // events until the process is killed
	kill   func()
}

func (k *sharedJournal) Append(e Event) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.left == 0 {
		return errors.New("killed")
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	k.lines = append(k.lines, line)
	if k.left--; k.left == 0 {
		k.kill()
	}
	return nil
}

func (k *sharedJournal) Sync() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.left == 0 {
		return errors.New("killed")
	}
	k.synced = len(k.lines)
	return nil
}

func (k *sharedJournal) events() ([]Event, error) {
	var events []Event
	for _, line := range k.lines {
		var e Event
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

// execute runs the scenario's processes one after the other, until one finishes.
func (s *scenario) execute() error {
	sites := []Site{{RegionId: "a"}, {Profile: "other", RegionId: "b"}}
	services := map[Site]*service{}
	for _, site := range sites {
		services[site] = s.service(site)
	}
	plan := s.plan(sites)
	kept, err := json.Marshal(plan)
	if err != nil {
		return err
	}
	journal := &sharedJournal{}
	var state *State
	for number := 0; ; number++ {
		var last kill
		journal.left = -1
		if number < len(s.kills) {
			last = s.kills[number]
			journal.left = last.after
		}
		state, err = s.process(number, plan, services, journal)
		if err == nil {
			break
		}
		if number >= len(s.kills)+1 {
			return fmt.Errorf("the last process failed: %w", err)
		}
		if last.loses {
			journal.lines = journal.lines[:journal.synced+s.chance(len(journal.lines)-journal.synced+1, "lost", number)]
		}
		if s.forgets {
			for _, service := range services {
				clear(service.byToken)
			}
		}
		time.Sleep(last.pause) // synthetic
		plan = Plan{}
		if err := json.Unmarshal(kept, &plan); err != nil {
			return err
		}
	}
	return s.check(services, journal, state)
}

func (s *scenario) process(number int, plan Plan, services map[Site]*service, journal *sharedJournal) (*State, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	hurry := make(chan struct{})
	journal.kill = func() { cancel(); close(hurry) }
	engine := &Engine{APIs: map[Site]API{}, Journal: journal, Hurry: hurry, Concurrency: s.concurrency, PageSize: s.pageSize}
	for site, service := range services {
		engine.APIs[site] = &process{service: service, scenario: s, number: min(number, len(s.kills))}
	}
	events, err := journal.events()
	if err != nil {
		return nil, err
	}
	if len(events) == 0 {
		journal.lines, journal.synced = nil, 0 // nothing was sent: start again
		plan.Targets, plan.Skipped = s.plan(plan.Sites).Targets, s.plan(plan.Sites).Skipped
		return engine.Run(ctx, plan)
	}
	state := NewState()
	for _, e := range events {
		state.Apply(e)
	}
	return engine.Resume(ctx, plan, state)
}

func (s *scenario) check(services map[Site]*service, journal *sharedJournal, state *State) error {
	sent := map[instanceKey]int{}
	for site, service := range services {
		for _, invocation := range service.invocations {
			for _, id := range invocation.instances {
				sent[instanceKey{site, id}]++
			}
		}
	}
	sum := 0
	for _, cause := range Causes() {
		sum += state.Counts()[string(cause)]
	}
	if want := 2 * s.targets; sum != want || len(state.Targets) != want || state.Ended() != want {
		return fmt.Errorf("%d targets, counts %v", want, state.Counts())
	}
	plan := s.plan(state.Sites)
	skipped := map[instanceKey]bool{}
	for _, target := range plan.Skipped {
		skipped[target.key()] = true
	}
	events, err := journal.events()
	if err != nil {
		return err
	}
	unsent := 0
	for i := range state.Targets {
		t := &state.Targets[i]
		want := CauseOf(s.ends(t.Site.RegionId, t.InstanceId))
		key, times := instanceKey{t.Site, t.InstanceId}, 1
		if want == CauseExit && s.action == 2 {
			want = CauseError
		}
		if s.bad(t.Site.RegionId, t.InstanceId) {
			want, times = CauseRejected, 0
		}
		if skipped[key] {
			want, times = CauseSkipped, 0
		}
		if !skipped[key] && state.Gate != "" && (t.Cause == CauseUnsent || t.Cause == CauseUnknown) {
			unsent++
			want, times = t.Cause, 0 // unknown: a lost call that was not repeated
		}
		if t.Cause != want || sent[key] != times {
			return fmt.Errorf("%s at %s ended as %q and was sent %d times, want %q and %d", t.InstanceId, t.Site, t.Cause, sent[key], want, times)
		}
	}
	if (state.Gate != "") != (unsent > 0) {
		return fmt.Errorf("gate %q, and counts %v", state.Gate, state.Counts())
	}
	if most := mostAtOnce(services); plan.Fanout > 0 && most > plan.Fanout {
		return fmt.Errorf("%d instances ran it at once, want at most %d", most, plan.Fanout)
	}
	return s.checkEvents(plan, events, state)
}

// mostAtOnce returns the largest number of instances of all services that ran something at the same time.
func mostAtOnce(services map[Site]*service) int {
	type change struct {
		at time.Time
		by int
	}
	var changes []change
	for _, service := range services {
		for _, invocation := range service.invocations {
			for _, id := range invocation.instances {
				changes = append(changes, change{invocation.at, 1}, change{invocation.at.Add(service.takes(id)), -1})
			}
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.by, b.by)) })
	most, now := 0, 0
	for _, c := range changes {
		now += c.by
		most = max(most, now)
	}
	return most
}

// checkEvents folds all journaled events again.
func (s *scenario) checkEvents(plan Plan, events []Event, state *State) error {
	folded := NewState()
	waves := map[instanceKey]int{}
	for i, wave := range plan.Waves {
		for _, batch := range wave.Batches {
			for _, id := range batch.InstanceIds {
				waves[instanceKey{batch.Site, id}] = i + 1
			}
		}
	}
	ended := map[int]Cause{}
	for i, e := range events {
		if e.Event == Submitting {
			if err := maySend(plan, waves[instanceKey{e.Site, e.InstanceIds[0]}], folded); err != nil {
				return fmt.Errorf("event %d, of %s: %w", i, e.ClientToken, err)
			}
		}
		if slices.Contains([]EventKind{Submitting, Submitted, Rejected, StatusEvent, OutputEvent}, e.Event) && e.Site == (Site{}) {
			return fmt.Errorf("event %d, %s, has no site", i, e.Event)
		}
		folded.Apply(e)
		for i := range folded.Targets {
			cause := folded.Targets[i].Cause
			if before := ended[i]; before != "" && before != cause {
				return fmt.Errorf("target %d ended as %s and then as %s", i, before, cause)
			}
			if cause != CauseUnsent && cause != CauseUnknown {
				ended[i] = cause
			}
		}
	}
	return same(folded, state)
}

func maySend(plan Plan, wave int, s *State) error {
	for i := range s.Targets {
		if t := &s.Targets[i]; t.Wave > 0 && t.Wave < wave && (t.Cause == "" || s.lacksOutput(t)) {
			return fmt.Errorf("it is in wave %d, and %s in wave %d is %q", wave, t.InstanceId, t.Wave, t.Cause)
		}
	}
	if plan.MaxFailures != nil {
		targets, _ := s.upTo(wave)
		if plan.Fanout > 0 {
			targets = s.sentTo()
		}
		if plan.MaxFailures.exceededBy(s.failures(), targets) {
			return fmt.Errorf("%d of %d failed, at most %s are tolerated", s.failures(), targets, plan.MaxFailures)
		}
	}
	return nil
}

// same returns an error that describes the first difference of two states.
func same(a, b *State) error {
	for what, pair := range map[string][2]any{
		"targets": {a.Targets, b.Targets}, "invocations": {a.Invocations, b.Invocations}, "counts": {a.Counts(), b.Counts()},
		"waves": {a.waves, b.waves}, "unsettled": {a.unsettled, b.unsettled}, "passed": {a.passed, b.passed},
		"ends":  {[]string{a.Gate, a.Interrupted, a.RunId, a.Name, a.Action}, []string{b.Gate, b.Interrupted, b.RunId, b.Name, b.Action}},
		"times": {[]bool{a.Started.Equal(b.Started), a.Finished.Equal(b.Finished)}, []bool{true, true}},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			return fmt.Errorf("the folded %s are %+v, and were %+v", what, pair[0], pair[1])
		}
	}
	return nil
}

// TestResumeSendsOnce kills processes at any event, even between a call and its answer. No target is lost, none is sent to
// twice, and the run ends as if it had not been interrupted.
func TestResumeSendsOnce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := drawScenario(rt)
		var err error
		synctest.Test(t, func(*testing.T) { err = s.execute() })
		if err != nil {
			rt.Fatalf("%+v: %v", s, err)
		}
	})
}
