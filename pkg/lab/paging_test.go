//go:build unix

package lab

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"muster/pkg/assist"
)

func TestInvocationPages(t *testing.T) {
	b := openFleet(t, 1)
	offline(t, b.lab, 1) // so that the invocations do not change
	var sent []string
	for range 60 {
		sent = append(sent, b.submit(shell("true")))
	}
	slices.Reverse(sent) // newest first
	ask := func(p assist.Page) (*assist.DescribeInvocationsResponse, []string) {
		t.Helper()
		page, err := b.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", Page: p})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, inv := range page.Invocations.Invocation {
			ids = append(ids, inv.InvokeId)
		}
		return page, ids
	}

	first, got := ask(assist.Page{MaxResults: 25, PageNumber: 3, PageSize: 7})
	b.submit(shell("true")) // new items must not change the following pages
	second, more := ask(assist.Page{MaxResults: 25, NextToken: first.NextToken})
	b.submit(shell("true"))
	third, rest := ask(assist.Page{NextToken: second.NextToken}) // the default size is 10
	got = slices.Concat(got, more, rest)
	if !slices.Equal(got, sent) || third.NextToken != "" || first.TotalCount != 0 {
		t.Errorf("%d of %d invocations, the last token %q, TotalCount %d", len(got), len(sent), third.NextToken, first.TotalCount)
	}
	if exact, _ := ask(assist.Page{MaxResults: 2, NextToken: token("invocations", position{Sequence: 3})}); exact.NextToken != "" {
		t.Errorf("the last page has the token %q", exact.NextToken)
	}

	sent = sent[:len(sent):len(sent)]
	for _, c := range []struct {
		page     assist.Page
		from, to int
		number   int64
	}{
		{assist.Page{}, 0, 10, 1}, {assist.Page{PageNumber: 2}, 10, 20, 2}, {assist.Page{PageSize: 50}, 0, 50, 1},
		{assist.Page{PageSize: 50, PageNumber: 2}, 50, 62, 2}, {assist.Page{PageNumber: 9}, 62, 62, 9},
		{assist.Page{PageNumber: 1 << 30, PageSize: 50}, 62, 62, 1 << 30},
	} {
		page, got := ask(c.page)
		want := assist.Paged{TotalCount: 62, PageNumber: c.number, PageSize: page.PageSize}
		if diff := cmp.Diff(want, page.Paged); diff != "" || len(got) != c.to-c.from {
			t.Errorf("%+v: %d invocations (-want +got):\n%s", c.page, len(got), diff)
		}
		if c.from >= 2 && len(got) > 0 && got[0] != sent[c.from-2] {
			t.Errorf("%+v: starts with another invocation", c.page)
		}
	}
}

func TestResultPages(t *testing.T) {
	b := openFleet(t, 30)
	var want []string
	for range 2 {
		r := shell("true")
		r.InstanceId = nil
		for i := range 30 {
			r.InstanceId = append(r.InstanceId, nth(i+1))
		}
		id := b.submit(r)
		b.settle(id)
		var these []string
		for _, instance := range r.InstanceId {
			these = append(these, id+instance)
		}
		want = append(these, want...)
	}
	for _, size := range []int64{7, 30, 50} {
		var got []string
		pages := 0
		token := ""
		for more := true; more; more = token != "" {
			answer, err := b.DescribeInvocationResults(t.Context(), &assist.DescribeInvocationResultsRequest{
				RegionId: "cn-hangzhou", Page: assist.Page{MaxResults: size, NextToken: token},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, result := range answer.Invocation.InvocationResults.InvocationResult {
				got = append(got, result.InvokeId+result.InstanceId)
			}
			token = answer.Invocation.NextToken
			pages++
			if pages == 1 {
				b.submit(shell("true")) // new items must not change the following pages
				offline(t, b.lab, 1)
			}
		}
		if !slices.Equal(got[len(got)-60:], want) || pages != (len(got)+int(size)-1)/int(size) {
			t.Errorf("pages of %d: %d results on %d pages", size, len(got), pages)
		}
	}
}

func TestInstancePages(t *testing.T) {
	b := openFleet(t, 230)
	for size, pages := range map[int64]int{1: 23, 10: 23, 100: 3, 1000: 3} {
		var got []string
		n := 0
		for token, more := "", true; more; more = token != "" {
			answer, err := b.DescribeInstances(t.Context(), &assist.DescribeInstancesRequest{
				RegionId: "cn-hangzhou", Page: assist.Page{MaxResults: size, NextToken: token},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range answer.Instances.Instance {
				got = append(got, it.InstanceId)
			}
			token = answer.NextToken
			n++
		}
		if len(got) != 230 || !slices.IsSorted(got) || n != pages {
			t.Errorf("pages of %d: %d instances on %d pages, want %d", size, len(got), n, pages)
		}
	}
	answer, err := b.DescribeInstances(t.Context(), &assist.DescribeInstancesRequest{
		RegionId: "cn-hangzhou", Page: assist.Page{PageSize: 100, PageNumber: 3},
	})
	if err != nil || answer.TotalCount != 230 || len(answer.Instances.Instance) != 30 {
		t.Error(answer, err)
	}
}

func TestPageRefusals(t *testing.T) {
	b := openFleet(t, 1)
	lists := map[string]func(p assist.Page) error{
		"invocations": func(p assist.Page) error {
			_, err := b.DescribeInvocations(t.Context(), &assist.DescribeInvocationsRequest{RegionId: "cn-hangzhou", Page: p})
			return err
		},
		"results": func(p assist.Page) error {
			_, err := b.DescribeInvocationResults(t.Context(), &assist.DescribeInvocationResultsRequest{RegionId: "cn-hangzhou", Page: p})
			return err
		},
		"commands": func(p assist.Page) error {
			_, err := b.DescribeCommands(t.Context(), &assist.DescribeCommandsRequest{RegionId: "cn-hangzhou", Page: p})
			return err
		},
		"agents": func(p assist.Page) error {
			_, err := b.DescribeCloudAssistantStatus(t.Context(), &assist.DescribeCloudAssistantStatusRequest{RegionId: "cn-hangzhou", Page: p})
			return err
		},
		"managed": func(p assist.Page) error {
			_, err := b.DescribeManagedInstances(t.Context(), &assist.DescribeManagedInstancesRequest{RegionId: "cn-hangzhou", Page: p})
			return err
		},
		"files": func(p assist.Page) error {
			_, err := b.DescribeSendFileResults(t.Context(), &assist.DescribeSendFileResultsRequest{RegionId: "cn-hangzhou", Page: p})
			return err
		},
		"instances": func(p assist.Page) error {
			_, err := b.DescribeInstances(t.Context(), &assist.DescribeInstancesRequest{RegionId: "cn-hangzhou", Page: p})
			return err
		},
	}
	for list, ask := range lists {
		for p, want := range map[assist.Page]string{
			{MaxResults: 51}:                        "400 InvalidParameter.MaxResults",
			{MaxResults: -1}:                        "400 InvalidParameter.MaxResults",
			{PageSize: 101}:                         "400 InvalidParameter",
			{PageSize: -1}:                          "400 InvalidParameter",
			{PageNumber: -1}:                        "400 InvalidParameter",
			{NextToken: "x"}:                        "400 InvalidParameter.NextToken",
			{NextToken: token("other", position{})}: "400 InvalidParameter.NextToken",
			{NextToken: token(list, position{Index: -1})}:        "400 InvalidParameter.NextToken",
			{NextToken: token(list, position{1, 1}) + "A"}:       "400 InvalidParameter.NextToken",
			{NextToken: token(list, position{1 << 63, 1 << 40})}: "<nil>",
			{MaxResults: 10, PageSize: 1000, PageNumber: -1}:     "<nil>", // page numbers are ignored with MaxResults
			{NextToken: token(list, position{}), PageSize: -1}:   "<nil>",
		} {
			if list == "instances" && p.MaxResults != 0 { // DescribeInstances limits it silently
				want = "<nil>"
			}
			if list == "managed" && want == "400 InvalidParameter" {
				want = map[bool]string{true: "400 InvalidParam.PageNumber", false: "400 InvalidParam.PageSize"}[p.PageNumber != 0]
			}
			if got := refusedWith(ask(p)); got != want {
				t.Errorf("%s, %+v: %s, want %s", list, p, got, want)
			}
		}
	}
}

// TestMaxResultsZero sends MaxResults=0, which requests pages by token of the default size.
func TestMaxResultsZero(t *testing.T) {
	l := newLab(t, Options{Instances: NumberedInstances(12)})
	for _, action := range []string{"DescribeInstances", "DescribeCloudAssistantStatus"} {
		w := serve(l, query(l, "GET", map[string]string{"Action": action, "MaxResults": "0", "PageNumber": "2", "PageSize": "5"}))
		var answer struct {
			assist.Paged
			Instances, InstanceCloudAssistantStatusSet map[string][]struct{ InstanceId string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		list := slices.Concat(answer.Instances["Instance"], answer.InstanceCloudAssistantStatusSet["InstanceCloudAssistantStatus"])
		if len(list) != 10 || list[0].InstanceId != nth(1) || answer.NextToken == "" || answer.PageNumber != 0 {
			t.Errorf("%s: %d instances, %+v", action, len(list), answer.Paged)
		}
	}
}

func TestRaisedPageSize(t *testing.T) {
	b := open(t, newLab(t, Options{Instances: NumberedInstances(70), Limits: assist.Limits{RunInstances: 70, PageSize: 70}}))
	r := shell("true")
	r.InstanceId = nil
	for i := range 70 {
		r.InstanceId = append(r.InstanceId, nth(i+1))
	}
	id := b.submit(r)
	answer, err := b.DescribeInvocationResults(t.Context(), &assist.DescribeInvocationResultsRequest{
		RegionId: "cn-hangzhou", InvokeId: id, Page: assist.Page{MaxResults: 70},
	})
	if err != nil || len(answer.Invocation.InvocationResults.InvocationResult) != 70 || answer.Invocation.NextToken != "" {
		t.Error(strconv.Quote(answer.Invocation.NextToken), err)
	}
	b.settle(id)
}
