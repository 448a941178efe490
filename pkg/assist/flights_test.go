package assist

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// counter answers calls after a time, and knows how many were on their way at once.
type counter struct {
	takes  func(now int) time.Duration // for so many on their way
	answer func(now int) error         // it may be nil

	mu     sync.Mutex
	flying int
	most   int // since it was last looked at
	calls  int
}

func (c *counter) Call(ctx context.Context, _ Request, _ any) error {
	c.mu.Lock()
	c.flying++
	c.calls++
	c.most = max(c.most, c.flying)
	now := c.flying
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.flying--
		c.mu.Unlock()
	}()
	if err := pause(ctx, c.takes(now)); err != nil {
		return err
	}
	if c.answer != nil {
		return c.answer(now)
	}
	return nil
}

// peak returns how many were on their way at once since the last call of it.
func (c *counter) peak() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	most := c.most
	c.most = c.flying
	return most
}

func steadily(int) time.Duration { return 200 * time.Millisecond }

// fly makes calls at the same time, and returns how long they took and the errors.
func fly(ctx context.Context, caller Caller, request Request, n int) (took time.Duration, failed []error) {
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

func TestFlightsGrowWhileAnswersComeWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{takes: steadily}
		caller := (&Flights{Least: 8, Most: 64}).Bound(c)
		if took, _ := fly(t.Context(), caller, new(RunCommandRequest), 8); took != 200*time.Millisecond || c.peak() != 8 {
			t.Errorf("8 calls took %s", took)
		}
		// 16, 32, 64 and 88 more.
		if took, _ := fly(t.Context(), caller, new(RunCommandRequest), 200); took != time.Second || c.peak() != 64 {
			t.Errorf("200 calls took %s", took)
		}
		// Another action begins with what the link has carried.
		if took, _ := fly(t.Context(), caller, new(DescribeInvocationsRequest), 32); took != 200*time.Millisecond || c.peak() != 32 {
			t.Errorf("32 calls of another action took %s", took)
		}
	})
}

func TestFlightsGoBackWhereAnswersComeLate(t *testing.T) {
	const soon, late = 200 * time.Millisecond, 600 * time.Millisecond
	w := &window{least: 8, most: 64, limit: 8}
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
			t.Errorf("after %d answers in %s there are %d calls at the same time, want %d", step.answers, step.took, w.limit, step.want)
		}
	}
	if answers(500, late); w.limit != 64 {
		t.Errorf("%d calls at the same time on a link that has become longer for good", w.limit)
	}
}

func TestFlightsAreHalvedByThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		refusing := false
		c := &counter{takes: steadily, answer: func(int) error {
			mu.Lock()
			defer mu.Unlock()
			if refusing {
				return throttled
			}
			return nil
		}}
		refuse := func(now bool) {
			mu.Lock()
			defer mu.Unlock()
			refusing = now
		}
		caller := (&Flights{Least: 8, Most: 32}).Bound(c)
		fly(t.Context(), caller, new(RunCommandRequest), 100)
		for _, want := range []int{32, 16, 8} {
			refuse(true)
			c.peak()
			if _, failed := fly(t.Context(), caller, new(RunCommandRequest), want); len(failed) != want || c.peak() != want {
				t.Errorf("%d of %d calls were refused", len(failed), want)
			}
			refuse(false)
		}
		c.peak()
		fly(t.Context(), caller, new(RunCommandRequest), 16) // 4 at a time, and one more for each round
		if most := c.peak(); most < 5 || most > 7 {
			t.Errorf("%d calls at the same time soon after they were halved", most)
		}
	})
}

// TestFlightsLostOnTheWay wants answers that are lost neither to widen nor to narrow anything.
func TestFlightsLostOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{takes: steadily, answer: func(int) error { return &TransportError{Action: "RunCommand", Err: errors.New("lost")} }}
		fly(t.Context(), (&Flights{Least: 8, Most: 64}).Bound(c), new(RunCommandRequest), 80)
		if most := c.peak(); most != 8 {
			t.Errorf("%d calls at the same time", most)
		}
	})
}

func TestFlightsEndWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &counter{takes: steadily}
		flights := &Flights{Least: 2, Most: 2}
		caller := flights.Bound(c)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		_, failed := fly(ctx, caller, new(RunCommandRequest), 10)
		if len(failed) != 8 || c.calls != 4 {
			t.Errorf("%d of 10 failed after %d calls", len(failed), c.calls)
		}
		for _, err := range failed {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		}
		if took, failed := fly(t.Context(), caller, new(RunCommandRequest), 2); took != 200*time.Millisecond || failed != nil {
			t.Errorf("places were lost: two calls took %s, %v", took, failed)
		}
		turn, err := flights.Take(t.Context(), "RunCommand")
		if err != nil {
			t.Fatal(err)
		}
		if err := caller.Call(turn.Context(t.Context()), new(RunCommandRequest), nil); err != nil {
			t.Error(err)
		}
		turn.End()
		if took, _ := fly(t.Context(), caller, new(RunCommandRequest), 2); took != 200*time.Millisecond {
			t.Errorf("a turn was not given back: two calls took %s", took)
		}
	})
}

// TestFlightsTellOfMoreToCome wants connections to be asked for as soon as calls wait for their turn, and none where no call does.
func TestFlightsTellOfMoreToCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		most := 0
		flights := &Flights{Least: 8, Most: 64, Ahead: func(n int) {
			mu.Lock()
			defer mu.Unlock()
			most = max(most, n)
		}}
		c := &counter{takes: steadily}
		caller := flights.Bound(c)
		if fly(t.Context(), caller, new(RunCommandRequest), 8); most != 0 {
			t.Errorf("%d connections for 8 calls", most)
		}
		go fly(t.Context(), caller, new(RunCommandRequest), 200)
		synctest.Wait()
		mu.Lock()
		if most != 32 {
			t.Errorf("%d connections while 16 of 200 calls are on their way", most)
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

// notes are kept in memory.
type notes struct {
	mu    sync.Mutex
	limit map[string]int
	at    time.Time
}

func (n *notes) Throttled(action string, limit int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.limit, n.at = map[string]int{action: limit}, time.Now()
}

func (n *notes) Latest(action string) (int, time.Time, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	limit, ok := n.limit[action]
	return limit, n.at, ok
}

func TestFlightsHearOfOtherProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := new(notes)
		c := &counter{takes: steadily}
		other := &Flights{Least: 8, Most: 64, Others: shared}
		caller := other.Bound(c)
		fly(t.Context(), caller, new(RunCommandRequest), 200)
		refused := (&Flights{Least: 8, Most: 64, Others: shared}).Bound(CallerFunc(func(context.Context, Request, any) error { return throttled }))
		_ = refused.Call(t.Context(), new(RunCommandRequest), nil)
		time.Sleep(askOthers)
		c.peak()
		fly(t.Context(), caller, new(RunCommandRequest), 4)
		if took, _ := fly(t.Context(), caller, new(RunCommandRequest), 8); took != 400*time.Millisecond {
			t.Errorf("8 calls took %s after another process was throttled at 8", took)
		}
		if took, _ := fly(t.Context(), caller, new(DescribeInvocationsRequest), 8); took != 200*time.Millisecond {
			t.Errorf("8 calls of another action took %s", took)
		}
	})
}
