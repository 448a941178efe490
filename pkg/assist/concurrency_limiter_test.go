package assist

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// counter is a service with a latency that counts concurrent calls.
type counter struct {
	latency func(concurrent int) time.Duration
	result  func(concurrent int) error // may be nil

	mu       sync.Mutex
	inFlight int
	max      int // since the last call of peak
	calls    int
}

func (c *counter) Call(ctx context.Context, _ Request, _ any) error {
	c.mu.Lock()
	c.inFlight++
	c.calls++
	c.max = max(c.max, c.inFlight)
	now := c.inFlight
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.inFlight--
		c.mu.Unlock()
	}()
	if err := pause(ctx, c.latency(now)); err != nil {
		return err
	}
	if c.result != nil {
		return c.result(now)
	}
	return nil
}

// peak returns the maximum number of concurrent calls since the last call of peak.
func (c *counter) peak() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	peak := c.max
	c.max = c.inFlight
	return peak
}

func constantLatency(int) time.Duration { return 200 * time.Millisecond }

// callConcurrently makes n concurrent calls. It returns how long they took, and their errors.
func callConcurrently(ctx context.Context, caller Caller, request Request, n int) (took time.Duration, failed []error) {
	began := time.Now()
	var all sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		all.Go(func() { errs[i] = caller.Call(ctx, request, nil) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			failed = append(failed, err)
		}
	}
	return time.Since(began), failed
}

func TestConcurrencyGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{latency: constantLatency}
		caller := (&ConcurrencyLimiter{Initial: 8, Max: 64}).Limit(c)
		if took, _ := callConcurrently(t.Context(), caller, new(RunCommandRequest), 8); took != 200*time.Millisecond || c.peak() != 8 {
			t.Errorf("8 calls took %s", took)
		}
		// 16, 32, 64 and 88 more.
		if took, _ := callConcurrently(t.Context(), caller, new(RunCommandRequest), 200); took != time.Second || c.peak() != 64 {
			t.Errorf("200 calls took %s", took)
		}
		// Another action starts with the concurrency that the link has carried.
		if took, _ := callConcurrently(t.Context(), caller, new(DescribeInvocationsRequest), 32); took != 200*time.Millisecond || c.peak() != 32 {
			t.Errorf("32 calls of another action took %s", took)
		}
	})
}

func TestConcurrencyShrinksWithLateResponses(t *testing.T) {
	const soon, late = 200 * time.Millisecond, 600 * time.Millisecond
	w := &window{initial: 8, max: 64, limit: 8}
	answers := func(n int, took time.Duration) {
		for range n {
			w.adapt(took)
		}
	}
	for _, step := range []struct {
		answers int
		took    time.Duration
		want    int
	}{
		{40, soon, 48}, {10, late, 38}, {5, soon, 43}, {3, 2 * soon, 46}, {30, late, 16}, {30, late, 8},
	} {
		if answers(step.answers, step.took); w.limit != step.want {
			t.Errorf("after %d responses in %s the limit is %d, want %d", step.answers, step.took, w.limit, step.want)
		}
	}
	if answers(500, late); w.limit != 64 {
		t.Errorf("a limit of %d on a link that has become slower permanently", w.limit)
	}
}

func TestConcurrencyIsHalvedByThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		throttling := false
		c := &counter{latency: constantLatency, result: func(int) error {
			mu.Lock()
			defer mu.Unlock()
			if throttling {
				return throttled
			}
			return nil
		}}
		refuse := func(now bool) {
			mu.Lock()
			defer mu.Unlock()
			throttling = now
		}
		caller := (&ConcurrencyLimiter{Initial: 8, Max: 32}).Limit(c)
		callConcurrently(t.Context(), caller, new(RunCommandRequest), 100)
		for _, want := range []int{32, 16, 8} {
			refuse(true)
			c.peak()
			if _, failed := callConcurrently(t.Context(), caller, new(RunCommandRequest), want); len(failed) != want || c.peak() != want {
				t.Errorf("%d of %d calls were refused", len(failed), want)
			}
			refuse(false)
		}
		c.peak()
		callConcurrently(t.Context(), caller, new(RunCommandRequest), 16) // 4 at a time, one more for each round
		if most := c.peak(); most < 5 || most > 7 {
			t.Errorf("%d concurrent calls after the limit was halved", most)
		}
	})
}

// TestLostCallsDoNotChangeConcurrency tests that calls without a response do not change the limit.
func TestLostCallsDoNotChangeConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{latency: constantLatency, result: func(int) error { return &TransportError{Action: "RunCommand", Err: errors.New("lost")} }}
		callConcurrently(t.Context(), (&ConcurrencyLimiter{Initial: 8, Max: 64}).Limit(c), new(RunCommandRequest), 80)
		if most := c.peak(); most != 8 {
			t.Errorf("%d concurrent calls", most)
		}
	})
}

func TestSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{latency: constantLatency}
		limiter := &ConcurrencyLimiter{Initial: 2, Max: 2}
		caller := limiter.Limit(c)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, failed := callConcurrently(ctx, caller, new(RunCommandRequest), 10)
		if len(failed) != 8 || c.calls != 4 {
			t.Errorf("%d of 10 failed after %d calls", len(failed), c.calls)
		}
		for _, err := range failed {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		}
		if took, failed := callConcurrently(t.Context(), caller, new(RunCommandRequest), 2); took != 200*time.Millisecond || failed != nil {
			t.Errorf("slots were lost: two calls took %s, %v", took, failed)
		}
		slot, err := limiter.Acquire(t.Context(), "RunCommand")
		if err != nil {
			t.Fatal(err)
		}
		if err := caller.Call(slot.Context(t.Context()), new(RunCommandRequest), nil); err != nil {
			t.Error(err)
		}
		slot.Release()
		if took, _ := callConcurrently(t.Context(), caller, new(RunCommandRequest), 2); took != 200*time.Millisecond {
			t.Errorf("a slot was not released: two calls took %s", took)
		}
	})
}

// TestExpect tests that more concurrent calls are announced when calls wait for a slot, and only then.
func TestExpect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		most := 0
		limiter := &ConcurrencyLimiter{Initial: 8, Max: 64, Expect: func(n int) {
			mu.Lock()
			defer mu.Unlock()
			most = max(most, n)
		}}
		c := &counter{latency: constantLatency}
		caller := limiter.Limit(c)
		if callConcurrently(t.Context(), caller, new(RunCommandRequest), 8); most != 0 {
			t.Errorf("%d connections for 8 calls", most)
		}
		go callConcurrently(t.Context(), caller, new(RunCommandRequest), 200)
		synctest.Wait()
		mu.Lock()
		if most != 32 {
			t.Errorf("%d connections while 16 of 200 calls are in progress", most)
		}
		mu.Unlock()
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if most != 64 {
			t.Errorf("%d connections in the end", most)
		}
	})
}

// memoryNotes are ThrottleNotes in memory.
type memoryNotes struct {
	mu    sync.Mutex
	limit map[string]int
	at    time.Time
}

func (n *memoryNotes) Throttled(action string, limit int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.limit, n.at = map[string]int{action: limit}, time.Now()
}

func (n *memoryNotes) Latest(action string) (int, time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	limit, ok := n.limit[action]
	return limit, n.at, ok
}

func TestThrottleNotesOfOtherProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := new(memoryNotes)
		c := &counter{latency: constantLatency}
		other := &ConcurrencyLimiter{Initial: 8, Max: 64, Notes: shared}
		caller := other.Limit(c)
		callConcurrently(t.Context(), caller, new(RunCommandRequest), 200)
		refused := (&ConcurrencyLimiter{Initial: 8, Max: 64, Notes: shared}).Limit(CallerFunc(func(context.Context, Request, any) error { return throttled }))
		_ = refused.Call(t.Context(), new(RunCommandRequest), nil)
		time.Sleep(notesInterval)
		c.peak()
		callConcurrently(t.Context(), caller, new(RunCommandRequest), 4)
		if took, _ := callConcurrently(t.Context(), caller, new(RunCommandRequest), 8); took != 400*time.Millisecond {
			t.Errorf("8 calls took %s after another process was throttled at 8", took)
		}
		if took, _ := callConcurrently(t.Context(), caller, new(DescribeInvocationsRequest), 8); took != 200*time.Millisecond {
			t.Errorf("8 calls of another action took %s", took)
		}
	})
}
