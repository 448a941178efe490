package fleet

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

// heard are the lines and ends that an engine emitted, with the second of each.
type heard struct {
	told  []string
	began time.Time
}

func listen(engine *Engine) *heard {
	h := &heard{began: time.Now()}
	engine.Follow = true
	engine.Sink = func(e Event, _ *State) {
		var text string
		switch e.Event {
		case LinesEvent:
			text = fmt.Sprintf("%q", e.Output)
			if e.Dropped > 0 {
				text = fmt.Sprintf("%d lost, %s", e.Dropped, text)
			}
			text = e.InstanceId + " " + text
		case OutputEvent:
			text = e.Result.InstanceId + " ends"
		case Interrupted:
			text = "interrupted"
		default:
			return
		}
		h.told = append(h.told, fmt.Sprintf("%d: %s", int(time.Since(h.began)/time.Second), text))
	}
	return h
}

// lineEvery writes a line per second, in two halves, and no newline after the last.
func lineEvery(id string, ran time.Duration) (string, int64) {
	text := ""
	for half := range int(2 * ran / time.Second) {
		text += []string{"half of ", fmt.Sprintf("%s at %d\n", id[len(id)-1:], half/2+1)}[half%2]
	}
	return strings.TrimSuffix(text, "\n"), 0
}

// of returns the lines of one instance, or of all.
func (h *heard) of(id string) []string {
	var list []string
	for _, told := range h.told {
		if second, text, _ := strings.Cut(told, ": "); strings.HasPrefix(text, id+" ") {
			list = append(list, second+strings.TrimPrefix(text, id))
		}
	}
	return list
}

func TestFollowEmitsLinesAsTheyArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.wrote = lineEvery
		s.takes = func(id string) time.Duration {
			if id == "i-00001" {
				return 2 * time.Second
			}
			return 4 * time.Second
		}
		engine, journal := engineOn(s), kinds{}
		engine.Journal = journal
		h := listen(engine)
		state, err := engine.Run(t.Context(), runPlan(2, 50))
		if err != nil || !state.Succeeded() {
			t.Fatalf("err %v, counts %v", err, state.Counts())
		}
		for id, want := range map[string][]string{ // the first instance ends while the invocation continues
			"i-00001": {`1 "half of 1 at 1\n"`, `2 "half of 1 at 2"`, `2 ends`},
			"i-00002": {`1 "half of 2 at 1\n"`, `2 "half of 2 at 2\n"`, `3 "half of 2 at 3\n"`, `4 "half of 2 at 4"`, `4 ends`},
		} {
			if diff := cmp.Diff(want, h.of(id)); diff != "" {
				t.Error(diff)
			}
		}
		if journal[LinesEvent] > 0 || journal[OutputEvent] != 2 {
			t.Errorf("the journal has %v", journal)
		}
		asked := map[string]int{}
		for _, r := range s.asked {
			asked[r.InstanceId+r.InvokeRecordStatus]++
		}
		if asked["Running"] == 0 || asked["i-00002"] == 0 || asked["i-00001"] > 0 || asked[""] != 2 {
			t.Errorf("requested %v, want the running ones, the last one by itself, and all when one had ended and at the end", asked)
		}
	})
}

// kinds is a journal that counts its events.
type kinds map[EventKind]int

func (k kinds) Append(e Event) error { k[e.Event]++; return nil }
func (k kinds) Sync() error          { return nil }

func TestFollowReportsLostBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(string) time.Duration { return 3 * time.Minute }
		all := strings.Repeat("0123456789abcde\n", 20*180*1024/16) // 20 KB a second: at the end, more than is kept arrives between two fetches
		s.wrote = func(_ string, ran time.Duration) (string, int64) {
			written := all[:int(ran.Seconds()*20*1024)]
			dropped := max(0, len(written)-quota)
			return written[dropped:], int64(dropped)
		}
		engine := engineOn(s)
		lost, told, output := int64(0), 0, 0
		engine.Follow = true
		engine.Sink = func(e Event, _ *State) {
			lost, told = lost+e.Dropped, told+len(e.Output)
			if e.Result != nil {
				output = len(e.Result.Output)
			}
		}
		if _, err := engine.Run(t.Context(), runPlan(1, 50)); err != nil {
			t.Fatal(err)
		}
		if lost+int64(told) != int64(len(all)) || lost == 0 || told < len(all)/2 || output != quota {
			t.Errorf("%d bytes emitted and %d lost of %d, final output of %d", told, lost, len(all), output)
		}
	})
}

// slowFetches makes every fetch block forever, or fail.
type slowFetches struct {
	*service
	err   error
	began atomic.Int64
}

func (s *slowFetches) AllInvocationResults(ctx context.Context, r assist.DescribeInvocationResultsRequest) iter.Seq2[assist.InvocationResult, error] {
	if r.InstanceId == "" && r.InvokeRecordStatus == "" {
		return s.service.AllInvocationResults(ctx, r)
	}
	return func(yield func(assist.InvocationResult, error) bool) {
		s.began.Add(1)
		err := s.err
		if err == nil {
			<-ctx.Done()
			err = ctx.Err()
		}
		yield(assist.InvocationResult{}, err)
	}
}

func TestFollowDelaysNothing(t *testing.T) {
	for _, err := range []error{nil, errors.New("no results")} {
		synctest.Test(t, func(t *testing.T) {
			s := &slowFetches{service: newService(), err: err}
			s.takes = func(string) time.Duration { return 10 * time.Second }
			engine := engineOn(s.service)
			engine.APIs[here] = s
			h := listen(engine)
			state, err := engine.Run(t.Context(), runPlan(100, 50))
			if late := time.Since(h.began) - 10*time.Second; err != nil || !state.Succeeded() || late > 500*time.Millisecond {
				t.Errorf("err %v, %s late, counts %v", err, late, state.Counts())
			}
			if began := s.began.Load(); s.err == nil && began != 2 || s.err != nil && began < 20 {
				t.Errorf("%d fetches of two invocations", began)
			}
			if want := []string{`10 "out of i-00077\n"`, "10 ends"}; !cmp.Equal(h.of("i-00077"), want) {
				t.Errorf("emitted %q", h.of("i-00077"))
			}
		})
	}
}

// TestFollowKeepsItsInterval follows 400 invocations, each of which takes one call to fetch.
func TestFollowKeepsItsInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.wrote = lineEvery
		s.takes = func(string) time.Duration { return time.Minute }
		engine := engineOn(s)
		engine.Follow = true
		_, err := engine.Run(t.Context(), runPlan(800, 2))
		if looks := s.calls["DescribeInvocationResults"] - 400; err != nil || looks < 1200 || looks > 2800 {
			t.Errorf("err %v, %d fetches in a minute", err, looks)
		}
	})
}

func TestFollowEmitsHeldLinesWhenTheWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.wrote = func(string, time.Duration) (string, int64) { return "one\npassword: corr", 0 }
		s.takes = func(string) time.Duration { return time.Hour }
		engine := engineOn(s)
		engine.Secrets = newSecrets([]string{"correct-horse"}, nil)
		h := listen(engine)
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, ErrWaitTimeout)
		defer cancel()
		_, err := engine.Run(ctx, runPlan(1, 50))
		want := []string{`0: i-00001 "one\n"`, `60: i-00001 "password: "`, "60: interrupted"}
		if diff := cmp.Diff(want, h.told); !errors.Is(err, ErrWaitTimeout) || diff != "" {
			t.Errorf("err %v: %s", err, diff)
		}
	})
}

func TestFollowMasksSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.takes = func(string) time.Duration { return 3 * time.Second }
		text := "the key is begin\nend, it is\n"
		s.wrote = func(_ string, ran time.Duration) (string, int64) {
			return text[:len(text)*int(ran)/int(3*time.Second)], 0
		}
		engine := engineOn(s)
		engine.Secrets = newSecrets([]string{"begin\nend", "key"}, nil)
		h := listen(engine)
		if _, err := engine.Run(t.Context(), runPlan(1, 50)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{`3: i-00001 "the ****** is ******, it is\n"`, "3: i-00001 ends"}, h.told); diff != "" {
			t.Error(diff)
		}
	})
}

// periodicResults makes a periodic command write while it runs: a line, and half of one that never ends.
type periodicResults struct{ *service }

func (p periodicResults) AllInvocationResults(ctx context.Context, r assist.DescribeInvocationResultsRequest) iter.Seq2[assist.InvocationResult, error] {
	return func(yield func(assist.InvocationResult, error) bool) {
		if err := p.arrive(ctx, "DescribeInvocationResults"); err != nil {
			return
		}
		sent := p.byID[r.InvokeId]
		run := int(time.Since(sent.at) / p.every)
		described := p.describe(sent).InvokeInstances.InvokeInstance[0]
		output := fmt.Sprintf("run %d\nend", run)
		if described.InvocationStatus != string(assist.StatusRunning) {
			output += "ed"
		}
		if run > 0 {
			yield(assist.InvocationResult{
				InvokeId: sent.id, InstanceId: "i-1", InvocationStatus: described.InvocationStatus, Repeats: int64(run),
				StartTime: assist.FormatTime(sent.at.Add(time.Duration(run) * p.every)), Output: base64.StdEncoding.EncodeToString([]byte(output)),
			}, nil)
		}
	}
}

func TestFollowOfAPeriodicCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService()
		s.every = 100 * time.Second
		id, err := s.submit("token", "nightly", "", []string{"i-1"})
		if err != nil {
			t.Fatal(err)
		}
		s.stopped = time.Now().Add(250 * time.Second)
		engine := engineOn(s)
		engine.APIs[here] = periodicResults{s}
		h := listen(engine)
		if _, err := engine.Watch(t.Context(), Watched{Site: here, InvokeIds: []string{id}}); err != nil {
			t.Fatal(err)
		}
		want := []string{`101 "run 1\nended"`, `200 "run 2\n"`, `201 "ended"`} // the first was seen after it had ended
		if diff := cmp.Diff(want, h.of("i-1")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSecretsCut(t *testing.T) {
	for _, c := range []struct {
		text    string
		at      int
		secrets Secrets
		want    int
	}{
		{"abc\n", 4, Secrets{}, 4},
		{"abc\n", 4, newSecrets([]string{"", "xyz"}, nil), 4},
		{"pw cor", 6, newSecrets([]string{"correct"}, nil), 3},
		{"pw correct", 10, newSecrets([]string{"correct"}, nil), 10},
		{"pw correct", 6, newSecrets([]string{"correct"}, nil), 3},
		{"aba", 3, newSecrets([]string{"aba"}, nil), 0},        // the second may begin within the first
		{"xaba", 4, newSecrets([]string{"xab", "ba"}, nil), 4}, // no pattern begins that is not complete
		{"aba", 3, newSecrets([]string{"ab", "bac"}, nil), 0},  // a pattern that may begin inside another one extends it
		{"aba", 3, newSecrets([]string{"bac", "ab"}, nil), 0},
	} {
		if got := c.secrets.cut(c.text, c.at); got != c.want {
			t.Errorf("%q up to %d with the secrets %q is cut at %d, want %d", c.text, c.at, c.secrets.patterns, got, c.want)
		}
	}
}
