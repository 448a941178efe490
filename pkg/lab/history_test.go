//go:build unix

package lab

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

// history returns the runs on all pages of a request.
func (b *bubble) history(r assist.DescribeInvocationResultsRequest) []assist.InvocationResult {
	b.t.Helper()
	r.RegionId, r.IncludeHistory, r.ContentEncoding = "cn-hangzhou", true, assist.PlainText
	var all []assist.InvocationResult
	for {
		page := b.must(&r).(*assist.DescribeInvocationResultsResponse).Invocation
		all = append(all, page.InvocationResults.InvocationResult...)
		if r.NextToken = page.NextToken; r.NextToken == "" {
			return all
		}
	}
}

func TestHistory(t *testing.T) {
	inBubble(t, 2, func(b *bubble) {
		id := b.periodic(2, every("rate(60s)"))
		if got := b.history(assist.DescribeInvocationResultsRequest{InvokeId: id}); len(got) != 0 {
			t.Errorf("runs before the first run: %+v", got)
		}
		for code := range 3 {
			b.scripts.set(10*time.Second, code)
			b.after(time.Minute)
		}
		var got []string
		for _, run := range b.history(assist.DescribeInvocationResultsRequest{InvokeId: id, InstanceId: nth(1)}) {
			got = append(got, fmt.Sprint(run.InvocationStatus, run.ExitCode, " ", run.Repeats, " ", run.StartTime, " ", run.FinishedTime))
		}
		want := []string{
			"Running0 3 2000-01-01T00:03:00Z ",
			"Failed1 2 2000-01-01T00:02:00Z 2000-01-01T00:02:10Z",
			"Success0 1 2000-01-01T00:01:00Z 2000-01-01T00:01:10Z",
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q,\nwant %q", got, want)
		}
		all := b.history(assist.DescribeInvocationResultsRequest{InvokeId: id})
		outputs := map[string]bool{}
		for i, run := range all {
			outputs[run.Output] = true
			if i > 0 && run.StartTime > all[i-1].StartTime {
				t.Errorf("the newest run is not first: %+v", all)
			}
		}
		if len(all) != 6 || len(outputs) != 5 || !outputs[""] { // the agents report nothing while scheduled scripts run
			t.Errorf("%d runs, %d outputs", len(all), len(outputs))
		}
		b.after(10 * time.Second)
		for want, filter := range map[int]string{4: "Failed", 2: "success", 0: "Running", 6: "Finished"} {
			if got := b.history(assist.DescribeInvocationResultsRequest{InvokeId: id, InvokeRecordStatus: filter}); len(got) != want {
				t.Errorf("%d runs are %s, want %d", len(got), filter, want)
			}
		}
		latest := b.must(&assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: id}).(*assist.DescribeInvocationResultsResponse)
		results := latest.Invocation.InvocationResults.InvocationResult
		type result struct {
			Status            string
			Repeats, ExitCode int64
		}
		newest := result{results[0].InvocationStatus, results[0].Repeats, results[0].ExitCode}
		if diff := cmp.Diff(result{"Scheduled", 3, 2}, newest); diff != "" || len(results) != 2 {
			t.Errorf("%d results, the first one (-want +got):\n%s", len(results), diff)
		}
		b.stop(id)
		stopped := b.history(assist.DescribeInvocationResultsRequest{InvokeId: id})
		if len(stopped) != 6 || stopped[0].InvocationStatus != "Failed" || stopped[0].StopTime != "" {
			t.Errorf("%+v", stopped)
		}
	})
}

func TestHistoryPages(t *testing.T) {
	inBubble(t, 2, func(b *bubble) {
		b.scripts.set(time.Second, 0)
		id := b.periodic(2, every("rate(60s)"))
		b.after(5*time.Minute + 30*time.Second)
		want := b.history(assist.DescribeInvocationResultsRequest{InvokeId: id})
		first := b.must(&assist.DescribeInvocationResultsRequest{
			RegionId: "cn-hangzhou", InvokeId: id, IncludeHistory: true, ContentEncoding: assist.PlainText, Page: assist.Page{MaxResults: 3},
		}).(*assist.DescribeInvocationResultsResponse).Invocation
		b.after(3 * time.Minute) // new runs must not change the following pages
		rest := b.history(assist.DescribeInvocationResultsRequest{InvokeId: id, Page: assist.Page{MaxResults: 3, NextToken: first.NextToken}})
		got := slices.Concat(first.InvocationResults.InvocationResult, rest)
		same := func(a, b assist.InvocationResult) bool { return a.Output == b.Output && a.InstanceId == b.InstanceId }
		if len(want) != 10 || !slices.EqualFunc(got, want, same) {
			t.Errorf("%d runs on small pages, %d on large pages", len(got), len(want))
		}
		numbered := b.must(&assist.DescribeInvocationResultsRequest{
			RegionId: "cn-hangzhou", InvokeId: id, IncludeHistory: true, Page: assist.Page{PageSize: 5, PageNumber: 4},
		}).(*assist.DescribeInvocationResultsResponse).Invocation
		if len(numbered.InvocationResults.InvocationResult) != 1 || numbered.TotalCount != 16 {
			t.Errorf("%d on the last page, %+v", len(numbered.InvocationResults.InvocationResult), numbered.Paged)
		}
		_, err := b.call(&assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: id, Page: assist.Page{NextToken: first.NextToken}})
		wantRefused(t, err, "400 InvalidParameter.NextToken")
	})
}

func TestHistoryIsBounded(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		id := b.periodic(1, every("rate(60s)"))
		b.after((maxRuns + 3) * time.Minute)
		got := b.history(assist.DescribeInvocationResultsRequest{InvokeId: id, Page: assist.Page{MaxResults: 50}})
		if len(got) != maxRuns || got[0].Repeats != maxRuns+3 || got[maxRuns-1].Repeats != 4 {
			t.Errorf("%d runs, from %d to %d", len(got), got[0].Repeats, got[len(got)-1].Repeats)
		}
	})
}

func TestHistoryRefusals(t *testing.T) {
	inBubble(t, 1, func(b *bubble) {
		for id, want := range map[string]string{
			"": "400 MissingParameter.InvokeId",
			b.periodic(1, func(*assist.RunCommandRequest) {}): "400 InvalidParameter.IncludeHistory",
			b.periodic(1, repeated("NextRebootOnly")):         "400 InvalidParameter.IncludeHistory",
			b.periodic(1, repeated("EveryReboot")):            "<nil>",
			"t-none":                                          "<nil>",
		} {
			_, err := b.call(&assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", InvokeId: id, IncludeHistory: true})
			wantRefused(t, err, want)
		}
	})
}
