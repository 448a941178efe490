package lab

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"muster/pkg/assist"
)

// TestInstanceIndex changes instances and lists those that random filters find, page by page, with both kinds of pages. The lists
// must be the same as those of a linear search.
func TestInstanceIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		instances := make([]Instance, rapid.IntRange(0, 40).Draw(t, "instances"))
		for i := range instances {
			instances[i].InstanceId = fmt.Sprintf("i-%d", i)
			if rapid.IntRange(0, 9).Draw(t, "managed") == 0 {
				instances[i].InstanceId, instances[i].Managed = fmt.Sprintf("mi-%d", i), new(Managed)
			}
			drawInstance(t, &instances[i])
		}
		f, err := newInventory("cn-hangzhou", instances, newSeeds(0))
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			if len(f.hosts) > 0 && rapid.Bool().Draw(t, "change") {
				rapid.SampledFrom(f.hosts).Draw(t, "host").set(func(it *Instance) { drawInstance(t, it) })
			}
			r := drawFilters(t, f)
			size := rapid.IntRange(1, 12).Draw(t, "size")
			var want []string
			for _, h := range f.ecs {
				if it := h.get(); (r.InstanceIds == nil || slices.Contains(r.InstanceIds, it.InstanceId)) && matches(r, it) {
					want = append(want, it.InstanceId)
				}
			}
			if got := listByToken(t, f, r, size); !slices.Equal(got, want) {
				t.Fatalf("%+v by NextToken: %v, want %v", r, got, want)
			}
			if got := listByNumber(t, f, r, size, len(want)); !slices.Equal(got, want) {
				t.Fatalf("%+v by PageNumber: %v, want %v", r, got, want)
			}
		}
	})
}

func listByToken(t *rapid.T, f *inventory, r *assist.DescribeInstancesRequest, size int) []string {
	var ids []string
	p := page{list: "instances", size: size}
	for {
		items, paged := f.listed(p, r)
		ids = append(ids, items...)
		if paged.NextToken == "" {
			return ids
		}
		if len(items) != size || len(ids) > len(f.hosts) {
			t.Fatalf("%d of %d instances on a page that is not the last, %d in all", len(items), size, len(ids))
		}
		var err error
		if p.after, err = parseToken("instances", paged.NextToken); err != nil {
			t.Fatal(err)
		}
	}
}

// listByNumber lists all pages, and an empty one after the last.
func listByNumber(t *rapid.T, f *inventory, r *assist.DescribeInstancesRequest, size, total int) []string {
	var ids []string
	for number := 1; number <= total/size+2; number++ {
		items, paged := f.listed(page{list: "instances", size: size, number: number}, r)
		ids = append(ids, items...)
		if want := (assist.Paged{TotalCount: int64(total), PageNumber: int64(number), PageSize: int64(size)}); paged != want {
			t.Fatalf("%+v: %+v, want %+v", r, paged, want)
		}
	}
	return ids
}

func (f *inventory) listed(p page, r *assist.DescribeInstancesRequest) ([]string, assist.Paged) {
	items, paged := f.index.page(p, instanceSearch(r), f.among(r.InstanceIds))
	var ids []string
	for _, it := range items {
		ids = append(ids, it.InstanceId)
	}
	return ids, paged
}

func drawInstance(t *rapid.T, it *Instance) {
	few := func(name string) []string {
		return rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b"}), 0, 3).Draw(t, name)
	}
	it.InstanceName = drawName(t)
	it.Status = rapid.SampledFrom([]string{"Running", "Stopped", "stopped"}).Draw(t, "Status")
	for _, field := range []*string{
		&it.ResourceGroupId, &it.VpcAttributes.VpcId, &it.VpcAttributes.VSwitchId, &it.ZoneId, &it.ImageId, &it.InstanceType, &it.InstanceTypeFamily,
		&it.KeyPairName, &it.InstanceNetworkType, &it.InstanceChargeType, &it.InternetChargeType, &it.HpcClusterId, &it.EipAddress.IpAddress,
	} {
		*field = drawValue(t)
	}
	it.IoOptimized, it.DeviceAvailable = rapid.Bool().Draw(t, "IoOptimized"), rapid.Bool().Draw(t, "DeviceAvailable")
	it.SecurityGroupIds.SecurityGroupId = few("SecurityGroupId")
	it.VpcAttributes.PrivateIpAddress.IpAddress = few("PrivateIpAddress")
	it.PublicIpAddress.IpAddress, it.InnerIpAddress.IpAddress = few("PublicIpAddress"), few("InnerIpAddress")
	it.OperationLocks.LockReason, it.NetworkInterfaces.NetworkInterface, it.Tags.Tag = nil, nil, nil
	for _, value := range few("more") {
		it.OperationLocks.LockReason = append(it.OperationLocks.LockReason, assist.LockReason{LockReason: value})
		var card assist.NetworkInterface
		card.Ipv6Sets.Ipv6Set = []assist.Ipv6Set{{Ipv6Address: value}}
		it.NetworkInterfaces.NetworkInterface = append(it.NetworkInterfaces.NetworkInterface, card)
		it.Tags.Tag = append(it.Tags.Tag, assist.TagPair{TagKey: drawValue(t), TagValue: value})
	}
	it.MetadataOptions = []byte(rapid.SampledFrom([]string{``, `{`, `{"HttpEndpoint":"a"}`, `{"HttpEndpoint":"b","HttpTokens":"a"}`}).Draw(t, "MetadataOptions"))
	it.CreationTime = rapid.SampledFrom([]string{"", "2026-01-01T00:00Z", "2026-01-01T00:01Z", "2026-01-02T00:00Z"}).Draw(t, "CreationTime")
}

func drawValue(t *rapid.T) string { return rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "value") }

func drawName(t *rapid.T) string {
	return rapid.StringOfN(rapid.SampledFrom([]rune("ab1é")), 0, 4, -1).Draw(t, "name")
}

// drawFilters draws only a few filters, so that something is found.
func drawFilters(t *rapid.T, f *inventory) *assist.DescribeInstancesRequest {
	r := new(assist.DescribeInstancesRequest)
	value := func() string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "wanted") }
	some := func() []string {
		return rapid.SliceOfN(rapid.SampledFrom([]string{"", "a", "b", "c"}), 0, 3).Draw(t, "wanted")
	}
	boolean := func() *bool { return new(rapid.Bool().Draw(t, "wanted")) }
	filters := []func(){
		func() { r.InstanceName = drawName(t) },
		func() {
			r.InstanceName = rapid.StringOfN(rapid.SampledFrom([]rune("ab1é***")), 0, 5, -1).Draw(t, "pattern")
		},
		func() {
			r.Status = rapid.SampledFrom([]string{"Running", "STOPPED", "ſtopped", "Starting"}).Draw(t, "Status")
		},
		func() { r.IoOptimized = boolean() },
		func() { r.DeviceAvailable = boolean() },
		func() { r.PrivateIpAddresses = some() },
		func() { r.PublicIpAddresses = some() },
		func() { r.InnerIpAddresses = some() },
		func() { r.EipAddresses = some() },
		func() { r.Ipv6Address = some() },
		func() { r.Filter = append(r.Filter, assist.Tag{Key: "CreationStartTime", Value: "2026-01-01T00:01Z"}) },
		func() {
			r.Filter = append(r.Filter, assist.Tag{Key: "CreationStartTime"}, assist.Tag{Key: "Other", Value: "2999-01-01T00:00Z"})
		},
		func() { r.Tag = append(r.Tag, assist.TagFilter{Key: value()}) },
		func() { r.Tag = append(r.Tag, assist.TagFilter{Key: value(), Value: new(drawValue(t))}) },
		func() { r.InstanceIds = assist.JSONList{} },
		func() {
			for _, h := range f.hosts {
				if rapid.Bool().Draw(t, "named") {
					r.InstanceIds = append(r.InstanceIds, h.get().InstanceId)
				}
			}
		},
	}
	for _, field := range []*string{
		&r.ResourceGroupId, &r.VpcId, &r.VSwitchId, &r.ZoneId, &r.ImageId, &r.InstanceType, &r.InstanceTypeFamily, &r.KeyPairName,
		&r.InstanceNetworkType, &r.InstanceChargeType, &r.InternetChargeType, &r.HpcClusterId, &r.SecurityGroupId, &r.LockReason,
		&r.HttpEndpoint, &r.HttpTokens, &r.RdmaIpAddresses,
	} {
		filters = append(filters, func() { *field = value() })
	}
	if rapid.Bool().Draw(t, "by name") {
		filters[1]()
	}
	for range rapid.IntRange(0, 2).Draw(t, "filters") {
		filters[rapid.IntRange(0, len(filters)-1).Draw(t, "filter")]()
	}
	return r
}

// matches reports whether an instance matches all filters of a request. It checks one filter after another.
func matches(r *assist.DescribeInstancesRequest, it *Instance) bool {
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
		(r.InstanceName == "" || matchesPattern(it.InstanceName, r.InstanceName)) &&
		(r.SecurityGroupId == "" || slices.Contains(it.SecurityGroupIds.SecurityGroupId, r.SecurityGroupId)) &&
		(r.IoOptimized == nil || *r.IoOptimized == it.IoOptimized) &&
		(r.DeviceAvailable == nil || *r.DeviceAvailable == it.DeviceAvailable) &&
		anyOf(it.VpcAttributes.PrivateIpAddress.IpAddress, r.PrivateIpAddresses) &&
		anyOf(it.PublicIpAddress.IpAddress, r.PublicIpAddresses) &&
		anyOf(it.InnerIpAddress.IpAddress, r.InnerIpAddresses) &&
		anyOf([]string{it.EipAddress.IpAddress}, r.EipAddresses) &&
		anyOf(it.ipv6Addresses(), r.Ipv6Address) &&
		r.RdmaIpAddresses == "" && // no instance has one
		(r.LockReason == "" || slices.ContainsFunc(it.OperationLocks.LockReason, func(lock assist.LockReason) bool { return lock.LockReason == r.LockReason })) &&
		matchesMetadata(it, r.HttpEndpoint, r.HttpTokens) &&
		hasAllTags(it.Tags.Tag, r.Tag) && matchesCreation(r.Filter, it.CreationTime)
}

func matchesMetadata(it *Instance, endpoint, tokens string) bool {
	if endpoint == "" && tokens == "" {
		return true
	}
	var has struct{ HttpEndpoint, HttpTokens string }
	return json.Unmarshal(it.MetadataOptions, &has) == nil && matchesFilter(has.HttpEndpoint, endpoint) && matchesFilter(has.HttpTokens, tokens)
}

func anyOf(has, want []string) bool {
	return len(want) == 0 || slices.ContainsFunc(has, func(s string) bool { return slices.Contains(want, s) })
}

func matchesCreation(filters []assist.Tag, created string) bool {
	for _, filter := range filters {
		if filter.Key == "CreationStartTime" && assist.ParseTime(created).Before(assist.ParseTime(filter.Value)) {
			return false
		}
	}
	return true
}
