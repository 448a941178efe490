package lab

import (
	"fmt"
	"iter"
	"net/http"
	"slices"

	"muster/pkg/assist"
)

func describeInstances(c call, r *assist.DescribeInstancesRequest) (*assist.DescribeInstancesResponse, error) {
	p, err := readInstancePage(r.Page)
	if err != nil {
		return nil, err
	}
	if err := checkInstanceFilters(r); err != nil {
		return nil, err
	}
	if r.DryRun {
		return nil, assist.Refusal(http.StatusBadRequest, "DryRunOperation", "Request validation has been passed with DryRun flag set.")
	}
	response := new(assist.DescribeInstancesResponse)
	var items []*Instance
	items, response.Paged = c.inventory.index.page(p, instanceSearch(r), c.inventory.among(r.InstanceIds))
	response.Instances.Instance = make([]assist.Instance, 0, len(items))
	for _, it := range items {
		response.Instances.Instance = append(response.Instances.Instance, it.Instance)
	}
	return response, nil
}

// checkInstanceFilters refuses filters with the codes of DescribeInstances.
func checkInstanceFilters(r *assist.DescribeInstancesRequest) error {
	if n := len(r.InstanceIds); n > assist.MaxDescribedInstances {
		return assist.InvalidParameter("InvalidParameter.InstanceIds", "InstanceIds", fmt.Sprintf("%d, at most %d", n, assist.MaxDescribedInstances))
	}
	if n := len(r.Tag); n > assist.MaxTags {
		return assist.InvalidParameter("NumberExceed.Tags", "Tag", fmt.Sprintf("%d, at most %d", n, assist.MaxTags))
	}
	for _, filter := range r.Filter {
		if filter.Key == "CreationStartTime" && filter.Value != "" && assist.ParseTime(filter.Value).IsZero() {
			return assist.InvalidParameter("InvalidParameter.Filter", "Filter", filter.Value+" is not a time")
		}
	}
	return nil
}

// among returns the indexes of the ECS instances with these ids, in ascending order. It returns nil only if ids is nil.
func (f *inventory) among(ids []string) []int {
	if ids == nil {
		return nil
	}
	indexes := []int{}
	for _, h := range f.named(ids) {
		if !h.isManaged() {
			indexes = append(indexes, h.index)
		}
	}
	return indexes
}

// named returns the hosts with these ids, each once, in the order of the inventory. Unknown ids are ignored.
func (f *inventory) named(ids []string) []*host {
	var hosts []*host
	for _, id := range ids {
		if h := f.host(id); h != nil {
			hosts = append(hosts, h)
		}
	}
	slices.SortFunc(hosts, func(a, b *host) int { return a.index - b.index })
	return slices.Compact(hosts)
}

// after returns the hosts from the start of a page. hosts must be in the order of the inventory. length is as in paginate.
func after(p page, length int, hosts []*host) iter.Seq[*host] {
	start := p.offset(length)
	if p.after != nil {
		start, _ = slices.BinarySearchFunc(hosts, p.after.Index+1, func(h *host, index int) int { return h.index - index })
	}
	return slices.Values(hosts[start:])
}

// hasAllTags reports whether a resource has all tags. A filter without a value matches any value.
func hasAllTags(tags []assist.TagPair, filters []assist.TagFilter) bool {
	for _, filter := range filters {
		if !hasTag(tags, filter.Key, func(value string) bool { return filter.Value == nil || *filter.Value == value }) {
			return false
		}
	}
	return true
}
