//go:build unix

package lab

import (
	"fmt"
	"slices"
	"testing"

	"muster/pkg/assist"
)

// TestPagesByNumberAndByToken reads lists by page number and by token. Both must have the same items, and TotalCount must be their
// number, whether the lab counts them or knows it.
func TestPagesByNumberAndByToken(t *testing.T) {
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprint("lost ", lost), func(t *testing.T) {
			inBubble(t, 25, func(b *bubble) {
				if lost {
					if err := b.lab.SetFaults([]Fault{{Action: "task", Code: "lost", Times: 3}}); err != nil {
						b.t.Fatal(err)
					}
				}
				command := b.must(&assist.CreateCommandRequest{
					RegionId: "cn-hangzhou", Name: "saved", Type: "RunShellScript", CommandContent: "dHJ1ZQ==",
				}).(*assist.CreateCommandResponse).CommandId
				var ids []string
				for i := range 12 {
					r := shell("true")
					r.Name, r.Tag = fmt.Sprint("name", i%2), []assist.Tag{{Key: "k", Value: fmt.Sprint(i % 3)}}
					r.InstanceId = nil
					for n := range i + 1 {
						r.InstanceId = append(r.InstanceId, nth(n+1))
					}
					ids = append(ids, b.must(r).(*assist.RunCommandResponse).InvokeId)
					b.must(&assist.InvokeCommandRequest{RegionId: "cn-hangzhou", CommandId: command, InstanceId: r.InstanceId})
				}
				b.after(0)
				for _, r := range []assist.DescribeInvocationsRequest{
					{}, {CommandName: "name1"}, {CommandId: command}, {InstanceId: nth(5)}, {InstanceId: nth(5), CommandId: command},
					{InvokeId: ids[3]}, {Tag: []assist.Tag{{Key: "k", Value: "2"}}}, {InvokeStatus: "Success"}, {InstanceId: nth(20)}, {CommandName: "none"},
				} {
					b.comparePages(fmt.Sprintf("%+v", r), func(p assist.Page) ([]string, assist.Paged) {
						r.RegionId, r.Page = "cn-hangzhou", p
						answer := b.must(&r).(*assist.DescribeInvocationsResponse)
						var items []string
						for _, inv := range answer.Invocations.Invocation {
							items = append(items, inv.InvokeId)
						}
						return items, answer.Paged
					})
				}
				for _, r := range []assist.DescribeInvocationResultsRequest{
					{}, {CommandId: command}, {InstanceId: nth(5)}, {InstanceId: nth(5), CommandId: command}, {InvokeId: ids[11]},
					{Tag: []assist.Tag{{Key: "k", Value: "2"}}}, {InvokeRecordStatus: "Finished"}, {InstanceId: nth(20)},
				} {
					b.comparePages(fmt.Sprintf("%+v", r), func(p assist.Page) ([]string, assist.Paged) {
						r.RegionId, r.Page = "cn-hangzhou", p
						answer := b.must(&r).(*assist.DescribeInvocationResultsResponse)
						var items []string
						for _, result := range answer.Invocation.InvocationResults.InvocationResult {
							items = append(items, result.InvokeId+" "+result.InstanceId)
						}
						return items, answer.Invocation.Paged
					})
				}
				for _, r := range []assist.DescribeInstancesRequest{
					{}, {InstanceName: "lab-01*"}, {InstanceIds: []string{nth(3), nth(9)}}, {Status: "Stopped"}, {Tag: []assist.TagFilter{{Key: "env"}}},
				} {
					b.comparePages(fmt.Sprintf("%+v", r), func(p assist.Page) ([]string, assist.Paged) {
						r.RegionId, r.Page = "cn-hangzhou", p
						answer := b.must(&r).(*assist.DescribeInstancesResponse)
						var items []string
						for _, it := range answer.Instances.Instance {
							items = append(items, it.InstanceId)
						}
						return items, answer.Paged
					})
				}
				for _, r := range []assist.DescribeCloudAssistantStatusRequest{{}, {OSType: "Linux"}, {OSType: "Windows"}} {
					b.comparePages(fmt.Sprintf("%+v", r), func(p assist.Page) ([]string, assist.Paged) {
						r.RegionId, r.Page = "cn-hangzhou", p
						answer := b.must(&r).(*assist.DescribeCloudAssistantStatusResponse)
						var items []string
						for _, agent := range answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus {
							items = append(items, agent.InstanceId)
						}
						return items, answer.Paged
					})
				}
			})
		})
	}
}

// comparePages reads all pages of a list by token and by number, and compares them.
func (b *bubble) comparePages(what string, page func(assist.Page) ([]string, assist.Paged)) {
	b.t.Helper()
	all, first := page(assist.Page{MaxResults: 10})
	for next := first.NextToken; next != ""; {
		more, paged := page(assist.Page{MaxResults: 10, NextToken: next})
		all, next = append(all, more...), paged.NextToken
	}
	var byNumber []string
	for number := int64(1); ; number++ {
		items, paged := page(assist.Page{PageNumber: number, PageSize: 7})
		if paged.TotalCount != int64(len(all)) {
			b.t.Errorf("%s: page %d has a TotalCount of %d, want %d", what, number, paged.TotalCount, len(all))
		}
		if len(items) == 0 {
			break
		}
		byNumber = append(byNumber, items...)
	}
	if !slices.Equal(all, byNumber) {
		b.t.Errorf("%s: %q by number, %q by token", what, byNumber, all)
	}
}
