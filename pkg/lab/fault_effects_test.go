//go:build unix

package lab

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"muster/pkg/assist"
)

// TestLostResponses checks that a call takes effect exactly once although its response is lost.
func TestLostResponses(t *testing.T) {
	for _, word := range []string{"drop", "cut"} {
		b := openFaulty(t, 1, "RunCommand="+word+"*2")
		r := shell("true")
		r.ClientToken = "token"
		for range 2 {
			_, err := b.RunCommand(t.Context(), r)
			if lost, ok := errors.AsType[*assist.TransportError](err); !ok {
				t.Errorf("%s: %v", word, lost)
			}
		}
		b.settle(b.submit(r))
		if n := len(b.lab.Executions()); n != 1 || b.lab.FaultCounts()["RunCommand="+word+"*2"] != 2 {
			t.Errorf("%s: %d executions, %v", word, n, b.lab.FaultCounts())
		}
	}
}

func TestCutResponse(t *testing.T) {
	b := openFaulty(t, 3, "DescribeInstances=cut*1")
	_, err := b.DescribeInstances(t.Context(), &assist.DescribeInstancesRequest{RegionId: "cn-hangzhou"})
	if err == nil || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Error(err)
	}
}

func TestUnsignedCallsMeetNoFault(t *testing.T) {
	b := openFaulty(t, 1, "DescribeInstances=drop", "DescribeInstances=slow:30s", "DescribeInstances=quota:1/m")
	w := serve(b.lab, query(b.lab, http.MethodGet, map[string]string{"Action": "DescribeInstances", "AccessKeyId": "nobody"}))
	if code := errorBody(t, w).Code; code != "InvalidAccessKeyId.NotFound" || len(b.lab.FaultCounts()) != 0 {
		t.Error(code, b.lab.FaultCounts())
	}
}

// inFaultyBubble is like inBubble, for a lab with faults.
func inFaultyBubble(t *testing.T, n int, test func(b *bubble), texts ...string) {
	t.Helper()
	inBubble(t, n, func(b *bubble) {
		b.lab.setFaults(t, texts...)
		test(b)
	})
}

func TestSlowResponses(t *testing.T) {
	inFaultyBubble(t, 1, func(b *bubble) {
		params := map[string]string{"Action": "DescribeRegions"}
		if w := serve(b.lab, query(b.lab, http.MethodGet, params)); w.Code != 200 {
			t.Error(w.Body)
		}
		if took := time.Since(bubbleStart()); took != 7*time.Second {
			t.Errorf("it took %s", took)
		}
		ctx, cancel := context.WithTimeout(b.t.Context(), time.Second)
		defer cancel()
		defer func() {
			if recover() != http.ErrAbortHandler || time.Since(bubbleStart()) != 8*time.Second {
				t.Error("the delay did not end with the request")
			}
		}()
		serve(b.lab, query(b.lab, http.MethodGet, params).WithContext(ctx))
	}, "DescribeRegions=slow:7s")
}

func TestStaleLists(t *testing.T) {
	inFaultyBubble(t, 1, func(b *bubble) {
		id := b.must(shell("true")).(*assist.RunCommandResponse).InvokeId
		seen := func() string {
			invocations := b.must(&assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", InvokeId: id}).(*assist.DescribeInvocationsResponse)
			results := b.must(&assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: id}).(*assist.DescribeInvocationResultsResponse)
			return fmt.Sprint(invocations.TotalCount, results.Invocation.TotalCount)
		}
		for _, want := range []string{"0 0", "0 1", "1 1"} {
			if got := seen(); got != want {
				t.Errorf("after %s: %s, want %s", time.Since(bubbleStart()), got, want)
			}
			b.after(time.Second)
		}
	}, "DescribeInvocations=stale:2s", "DescribeInvocationResults=stale:1s")
}

func TestQuota(t *testing.T) {
	inFaultyBubble(t, 1, func(b *bubble) {
		var got []string
		for range 8 {
			w := serve(b.lab, query(b.lab, http.MethodGet, map[string]string{"Action": "DescribeRegions"}))
			got = append(got, fmt.Sprint(w.Code, " ", w.Header().Get("x-ratelimit-user-api")))
			b.after(14500 * time.Millisecond)
		}
		// The window ends after a minute, between the fifth call and the sixth.
		want := "200 |200 |400 Limit:2,Remain:0,TimeLeft:31|400 Limit:2,Remain:0,TimeLeft:17|400 Limit:2,Remain:0,TimeLeft:2|200 |200 |400 Limit:2,Remain:0,TimeLeft:31"
		if text := strings.Join(got, "|"); text != want {
			t.Errorf("%s\nwant\n%s", text, want)
		}
		if n := b.lab.FaultCounts()["DescribeRegions=quota:2/m"]; n != 4 {
			t.Errorf("counted %d", n)
		}
	}, "DescribeRegions=quota:2/m")
}

func TestQuotaIsThrottling(t *testing.T) {
	b := openFaulty(t, 1, "DescribeRegions=quota:1/m")
	for range 2 {
		_, err := b.DescribeRegions(t.Context(), &assist.DescribeRegionsRequest{})
		if refused, ok := errors.AsType[*assist.Error](err); ok && (!refused.Throttled() || refused.RetryAfter <= 0 || refused.RetryAfter > time.Minute) {
			t.Errorf("%+v", refused)
		}
	}
	if b.lab.FaultCounts()["DescribeRegions=quota:1/m"] != 1 {
		t.Error(b.lab.FaultCounts())
	}
}

func TestHangingTask(t *testing.T) {
	inFaultyBubble(t, 2, func(b *bubble) {
		id := b.periodic(2, func(*assist.RunCommandRequest) {})
		b.after(9 * time.Second)
		b.want(id, "Running Running Running 1")
		b.after(2 * time.Second)
		b.want(id, "Failed Failed Timeout 1")
		if got := b.describe(id).InvokeInstances.InvokeInstance[1]; got.ErrorCode != "ExecutionTimeout" || got.ExitCode != 1 || len(b.lab.Executions()) != 0 {
			t.Errorf("%+v", got)
		}
		id = b.periodic(1, func(*assist.RunCommandRequest) {})
		b.after(time.Second)
		b.stop(id)
		b.want(id, "Stopped Stopped Terminated 1")
		id = b.periodic(1, func(*assist.RunCommandRequest) {})
		synctest.Wait()
		b.want(id, "Success Finished Success 1")
	}, "task=hang*3")
}

func TestLostResult(t *testing.T) {
	inFaultyBubble(t, 2, func(b *bubble) {
		id := b.periodic(2, func(*assist.RunCommandRequest) {})
		b.after(time.Second)
		b.want(id, "Success Finished Success 1")
		answer := b.must(&assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: id}).(*assist.DescribeInvocationResultsResponse)
		if n := answer.Invocation.TotalCount; n != 1 {
			t.Errorf("%d results", n)
		}
	}, "task=lost*1")
}

func TestInstancesOffline(t *testing.T) {
	count := func(b *bubble) (n int) {
		for _, h := range b.lab.own.inventory.hosts {
			if !h.get().Online {
				n++
			}
		}
		return n
	}
	for text, want := range map[string]int{"instance=offline": 50, "instance=offline*3": 3} {
		inFaultyBubble(t, 50, func(b *bubble) {
			if n := count(b); n != want || b.lab.FaultCounts()[text] != want {
				t.Errorf("%s: %d are offline, %v", text, n, b.lab.FaultCounts())
			}
		}, text)
	}
	inFaultyBubble(t, 1000, func(b *bubble) {
		if n := count(b); n < 100 || n > 300 {
			t.Errorf("%d of 1000 are offline", n)
		}
	}, "instance=offline@20%")
}

// TestSharesDependOnTheSeed checks that the same seed refuses the same calls of a sequence, and another seed others.
func TestSharesDependOnTheSeed(t *testing.T) {
	sequence := func(seed uint64) string {
		l := newLab(t, Options{FaultSeed: seed, Faults: []Fault{{Action: "DescribeRegions", Code: "Throttling", Share: 20}}})
		var text strings.Builder
		for range 200 {
			w := serve(l, query(l, http.MethodGet, map[string]string{"Action": "DescribeRegions"}))
			fmt.Fprint(&text, w.Code/100)
		}
		return text.String()
	}
	first := sequence(1)
	if n := strings.Count(first, "4"); n < 20 || n > 60 {
		t.Errorf("%d of 200 are refused: %s", n, first)
	}
	if first != sequence(1) || first == sequence(2) {
		t.Error("the seed does not determine the refused calls")
	}
}

func TestFaultsOfOneActionCombine(t *testing.T) {
	inFaultyBubble(t, 1, func(b *bubble) {
		w := serve(b.lab, query(b.lab, http.MethodGet, map[string]string{"Action": "DescribeRegions"}))
		if code := errorBody(t, w).Code; code != "Throttling" || time.Since(bubbleStart()) != time.Second {
			t.Errorf("%s after %s", code, time.Since(bubbleStart()))
		}
	}, "DescribeRegions=slow:1s", "DescribeRegions=Throttling*1", "DescribeRegions=drop")
}

func TestFaultCounts(t *testing.T) {
	b := openFaulty(t, 1, "DescribeRegions=Throttling*1", "RunCommand=drop")
	_, _ = b.DescribeRegions(t.Context(), &assist.DescribeRegionsRequest{})
	want := []FaultCount{{"DescribeRegions=Throttling*1", 1}, {"RunCommand=drop", 0}}
	if got := b.lab.faults.list(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error(got)
	}
	if err := b.lab.SetFaults(nil); err != nil {
		t.Fatal(err)
	}
	if got := b.lab.faults.list(); fmt.Sprint(got) != fmt.Sprint(want[:1]) {
		t.Error(got)
	}
}
