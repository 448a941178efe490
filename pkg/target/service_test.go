package target

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"slices"
	"sync"
	"time"

	"muster/pkg/assist"
)

// directory is a service that only lists instances and agents. It filters like the service, and counts its calls.
type directory struct {
	instances []assist.Instance
	managed   []assist.ManagedInstance
	offline   map[string]bool
	nameless  bool // the name filter finds nothing

	mu    sync.Mutex
	calls map[string]int
}

func (d *directory) called(action string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.calls == nil {
		d.calls = map[string]int{}
	}
	d.calls[action]++
}

func hasTags(tags []assist.TagPair, filters []assist.TagFilter) bool {
	for _, filter := range filters {
		if !slices.ContainsFunc(tags, func(tag assist.TagPair) bool {
			return tag.TagKey == filter.Key && (filter.Value == nil || *filter.Value == tag.TagValue)
		}) {
			return false
		}
	}
	return true
}

func (d *directory) AllInstances(ctx context.Context, r assist.DescribeInstancesRequest) iter.Seq2[assist.Instance, error] {
	return func(yield func(assist.Instance, error) bool) {
		d.called("DescribeInstances")
		if len(r.InstanceIds) > assist.MaxDescribedInstances {
			yield(assist.Instance{}, errors.New("too many ids"))
			return
		}
		given := 0
		for _, i := range d.instances {
			named, _ := path.Match(r.InstanceName, i.InstanceName)
			if r.InstanceIds != nil && !slices.Contains(r.InstanceIds, i.InstanceId) || r.InstanceName != "" && (!named || d.nameless) ||
				r.ZoneId != "" && r.ZoneId != i.ZoneId || r.Status != "" && r.Status != i.Status ||
				r.InstanceType != "" && r.InstanceType != i.InstanceType || !hasTags(i.Tags.Tag, r.Tag) {
				continue
			}
			if given++; given > int(r.MaxResults) {
				given = 1
				d.called("DescribeInstances")
			}
			if !yield(i, ctx.Err()) {
				return
			}
		}
	}
}

func (d *directory) CountInstances(ctx context.Context, r assist.DescribeInstancesRequest) (assist.InstanceCount, error) {
	r.MaxResults = int64(len(d.instances)) + 1
	count := assist.InstanceCount{At: time.Now()}
	for _, err := range d.AllInstances(ctx, r) {
		if err != nil {
			return count, err
		}
		count.Total++
	}
	return count, nil
}

func (d *directory) AllInstanceSummaries(ctx context.Context, r assist.DescribeInstancesRequest) iter.Seq2[assist.InstanceSummary, error] {
	return summariesOf(d.AllInstances(ctx, r))
}

func summariesOf(instances iter.Seq2[assist.Instance, error]) iter.Seq2[assist.InstanceSummary, error] {
	return func(yield func(assist.InstanceSummary, error) bool) {
		for i, err := range instances {
			summary := assist.InstanceSummary{
				InstanceId: i.InstanceId, InstanceName: i.InstanceName, Status: i.Status, OSType: i.OSType,
				ZoneId: i.ZoneId, InstanceChargeType: i.InstanceChargeType, CreationTime: i.CreationTime,
			}
			if !yield(summary, err) {
				return
			}
		}
	}
}

func (d *directory) AllManagedInstances(ctx context.Context, r assist.DescribeManagedInstancesRequest) iter.Seq2[assist.ManagedInstance, error] {
	return func(yield func(assist.ManagedInstance, error) bool) {
		d.called("DescribeManagedInstances")
		if len(r.InstanceId) > assist.MaxDescribedManaged {
			yield(assist.ManagedInstance{}, errors.New("too many ids"))
			return
		}
		for _, i := range d.managed {
			if r.InstanceId != nil && !slices.Contains(r.InstanceId, i.InstanceId) || !hasTags(i.Tags, r.Tag) {
				continue
			}
			if !yield(i, ctx.Err()) {
				return
			}
		}
	}
}

func (d *directory) DescribeCloudAssistantStatus(_ context.Context, r *assist.DescribeCloudAssistantStatusRequest) (*assist.DescribeCloudAssistantStatusResponse, error) {
	d.called("DescribeCloudAssistantStatus")
	answer := new(assist.DescribeCloudAssistantStatusResponse)
	set := &answer.InstanceCloudAssistantStatusSet.InstanceCloudAssistantStatus
	for _, id := range r.InstanceId {
		*set = append(*set, assist.InstanceCloudAssistantStatus{
			InstanceId: id, CloudAssistantStatus: fmt.Sprint(!d.offline[id]), CloudAssistantVersion: "2.2.3.857",
		})
	}
	return answer, nil
}

// crowd returns a service with n instances that can run commands: web-000000 with the id i-000000, and so on.
func crowd(n int) *directory {
	d := &directory{offline: map[string]bool{}}
	for i := range n {
		it := assist.Instance{
			InstanceId: fmt.Sprintf("i-%06d", i), InstanceName: fmt.Sprintf("web-%06d", i), Status: "Running", OSType: "linux", ZoneId: "cn-x-a",
		}
		it.Tags.Tag = []assist.TagPair{{TagKey: "env", TagValue: "prod"}, {TagKey: "role", TagValue: []string{"web", "db", "job"}[i%3]}}
		d.instances = append(d.instances, it)
	}
	return d
}

func at(places ...*directory) *Resolver {
	r := &Resolver{PageSize: 50, Concurrency: 4, Agents: true}
	for i, d := range places {
		region := "cn-x"
		if i > 0 {
			region = fmt.Sprintf("cn-x%d", i)
		}
		r.Places = append(r.Places, Place{API: d, RegionId: region})
	}
	return r
}
