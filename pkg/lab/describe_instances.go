package lab

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"muster/pkg/assist"
)

func describeInstances(c call, r *assist.DescribeInstancesRequest) (*assist.DescribeInstancesResponse, error) {
	p, err := readInstancePage(r.Page)
	if err != nil {
		return nil, err
	}
	if err := judgeInstanceFilters(r); err != nil {
		return nil, err
	}
	if r.DryRun {
		return nil, refusal(http.StatusBadRequest, "DryRunOperation", "Request validation has been passed with DryRun flag set.")
	}
	everyone, total := allWanted(r), unknown
	if everyone && r.InstanceIds == nil {
		total = len(c.fleet.ecs)
	}
	chosen := c.fleet.ecs
	if r.InstanceIds != nil {
		chosen = slices.DeleteFunc(c.fleet.named(r.InstanceIds), (*host).isManaged)
	}
	var hosts iter.Seq2[place, *host] = func(yield func(place, *host) bool) {
		for h := range after(p, total, chosen) {
			if (everyone || wantsInstance(r, h.get())) && !yield(place{Index: h.index}, h) {
				return
			}
		}
	}
	response := new(assist.DescribeInstancesResponse)
	var items []*host
	items, response.Paged = take(p, total, hosts)
	response.Instances.Instance = make([]assist.Instance, 0, len(items))
	for _, h := range items {
		response.Instances.Instance = append(response.Instances.Instance, h.get().Instance)
	}
	return response, nil
}

func judgeInstanceFilters(r *assist.DescribeInstancesRequest) error {
	if n := len(r.InstanceIds); n > assist.MaxDescribedInstances {
		return invalidParameter("InvalidParameter.InstanceIds", "InstanceIds", fmt.Sprintf("%d, at most %d", n, assist.MaxDescribedInstances))
	}
	if n := len(r.Tag); n > assist.MaxTags {
		return invalidParameter("NumberExceed.Tags", "Tag", fmt.Sprintf("%d, at most %d", n, assist.MaxTags))
	}
	for _, filter := range r.Filter {
		if filter.Key == "CreationStartTime" && filter.Value != "" && assist.ParseTime(filter.Value).IsZero() {
			return invalidParameter("InvalidParameter.Filter", "Filter", filter.Value+" is no time")
		}
	}
	return nil
}

// named returns the hosts with these ids, in the fleet's order and each once. Ids that no host has are ignored.
func (f *fleet) named(ids []string) []*host {
	var hosts []*host
	for _, id := range ids {
		if h := f.byID[id]; h != nil {
			hosts = append(hosts, h)
		}
	}
	slices.SortFunc(hosts, func(a, b *host) int { return a.index - b.index })
	return slices.Compact(hosts)
}

// after returns those of hosts, which are in the fleet's order, that come after a page's place. The length is take's.
func after(p page, length int, hosts []*host) iter.Seq[*host] {
	start := p.past(length)
	if p.after != nil {
		start, _ = slices.BinarySearchFunc(hosts, p.after.Index+1, func(h *host, index int) int { return h.index - index })
	}
	return slices.Values(hosts[start:])
}

// allWanted tells a request that chooses by the instances' ids at most.
func allWanted(r *assist.DescribeInstancesRequest) bool {
	filters := *r
	filters.RegionId, filters.InstanceIds, filters.Page = "", nil, assist.Page{}
	return reflect.ValueOf(filters).IsZero()
}

func wantsInstance(r *assist.DescribeInstancesRequest, it *Instance) bool {
	for _, filter := range []struct{ want, has string }{
		{r.ResourceGroupId, it.ResourceGroupId}, {r.VpcId, it.VpcAttributes.VpcId}, {r.VSwitchId, it.VpcAttributes.VSwitchId},
		{r.ZoneId, it.ZoneId}, {r.ImageId, it.ImageId}, {r.InstanceType, it.InstanceType},
		{r.InstanceTypeFamily, it.InstanceTypeFamily}, {r.KeyPairName, it.KeyPairName},
		{r.InstanceNetworkType, it.InstanceNetworkType}, {r.InstanceChargeType, it.InstanceChargeType},
		{r.InternetChargeType, it.InternetChargeType}, {r.HpcClusterId, it.HpcClusterId},
	} {
		if filter.want != "" && filter.want != filter.has {
			return false
		}
	}
	return (r.Status == "" || strings.EqualFold(r.Status, it.Status)) &&
		(r.InstanceName == "" || wildcard(it.InstanceName, r.InstanceName)) &&
		(r.SecurityGroupId == "" || slices.Contains(it.SecurityGroupIds.SecurityGroupId, r.SecurityGroupId)) &&
		(r.IoOptimized == nil || *r.IoOptimized == it.IoOptimized) &&
		(r.DeviceAvailable == nil || *r.DeviceAvailable == it.DeviceAvailable) &&
		anyOf(it.VpcAttributes.PrivateIpAddress.IpAddress, r.PrivateIpAddresses) &&
		anyOf(it.PublicIpAddress.IpAddress, r.PublicIpAddresses) &&
		anyOf(it.InnerIpAddress.IpAddress, r.InnerIpAddresses) &&
		anyOf([]string{it.EipAddress.IpAddress}, r.EipAddresses) &&
		anyOf(it.ipv6Addresses(), r.Ipv6Address) &&
		r.RdmaIpAddresses == "" && // no instance here has any
		(r.LockReason == "" || slices.ContainsFunc(it.OperationLocks.LockReason, func(lock assist.LockReason) bool { return lock.LockReason == r.LockReason })) &&
		it.metadata(r.HttpEndpoint, r.HttpTokens) &&
		it.bearsAll(r.Tag) && createdSince(r.Filter, it.CreationTime)
}

func (it *Instance) ipv6Addresses() []string {
	var all []string
	for _, card := range it.NetworkInterfaces.NetworkInterface {
		for _, set := range card.Ipv6Sets.Ipv6Set {
			all = append(all, set.Ipv6Address)
		}
	}
	return all
}

// metadata tells whether an instance's MetadataOptions are those that are wanted.
func (it *Instance) metadata(endpoint, tokens string) bool {
	if endpoint == "" && tokens == "" {
		return true
	}
	var has struct{ HttpEndpoint, HttpTokens string }
	return json.Unmarshal(it.MetadataOptions, &has) == nil && orAny(has.HttpEndpoint, endpoint) && orAny(has.HttpTokens, tokens)
}

func (it *Instance) bearsAll(filters []assist.TagFilter) bool {
	for _, filter := range filters {
		if !bearsOne(it.Tags.Tag, filter.Key, func(value string) bool { return filter.Value == nil || *filter.Value == value }) {
			return false
		}
	}
	return true
}

func anyOf(has, want []string) bool {
	return len(want) == 0 || slices.ContainsFunc(has, func(s string) bool { return slices.Contains(want, s) })
}

func createdSince(filters []assist.Tag, created string) bool {
	for _, filter := range filters {
		if filter.Key == "CreationStartTime" && assist.ParseTime(created).Before(assist.ParseTime(filter.Value)) {
			return false
		}
	}
	return true
}
