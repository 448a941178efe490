package lab

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode"

	"muster/pkg/assist"
)

// instanceSearch returns the search for the filters of a request.
func instanceSearch(r *assist.DescribeInstancesRequest) search {
	var s search
	list := func(name string, oneOf []string, values func(*Instance) []string) {
		if len(oneOf) > 0 {
			s.conditions = append(s.conditions, condition{name, oneOf, values})
		}
	}
	text := func(name, wanted string, value func(*Instance) string) {
		if wanted != "" {
			list(name, []string{wanted}, func(it *Instance) []string { return []string{value(it)} })
		}
	}
	boolean := func(name string, wanted *bool, value func(*Instance) bool) {
		if wanted != nil {
			text(name, strconv.FormatBool(*wanted), func(it *Instance) string { return strconv.FormatBool(value(it)) })
		}
	}
	text("ResourceGroupId", r.ResourceGroupId, func(it *Instance) string { return it.ResourceGroupId })
	text("VpcId", r.VpcId, func(it *Instance) string { return it.VpcAttributes.VpcId })
	text("VSwitchId", r.VSwitchId, func(it *Instance) string { return it.VpcAttributes.VSwitchId })
	text("ZoneId", r.ZoneId, func(it *Instance) string { return it.ZoneId })
	text("ImageId", r.ImageId, func(it *Instance) string { return it.ImageId })
	text("InstanceType", r.InstanceType, func(it *Instance) string { return it.InstanceType })
	text("InstanceTypeFamily", r.InstanceTypeFamily, func(it *Instance) string { return it.InstanceTypeFamily })
	text("KeyPairName", r.KeyPairName, func(it *Instance) string { return it.KeyPairName })
	text("InstanceNetworkType", r.InstanceNetworkType, func(it *Instance) string { return it.InstanceNetworkType })
	text("InstanceChargeType", r.InstanceChargeType, func(it *Instance) string { return it.InstanceChargeType })
	text("InternetChargeType", r.InternetChargeType, func(it *Instance) string { return it.InternetChargeType })
	text("HpcClusterId", r.HpcClusterId, func(it *Instance) string { return it.HpcClusterId })
	text("Status", fold(r.Status), func(it *Instance) string { return fold(it.Status) })
	text("HttpEndpoint", r.HttpEndpoint, func(it *Instance) string { return it.metadata().HttpEndpoint })
	text("HttpTokens", r.HttpTokens, func(it *Instance) string { return it.metadata().HttpTokens })
	boolean("IoOptimized", r.IoOptimized, func(it *Instance) bool { return it.IoOptimized })
	boolean("DeviceAvailable", r.DeviceAvailable, func(it *Instance) bool { return it.DeviceAvailable })
	list("PrivateIpAddresses", r.PrivateIpAddresses, func(it *Instance) []string { return it.VpcAttributes.PrivateIpAddress.IpAddress })
	list("PublicIpAddresses", r.PublicIpAddresses, func(it *Instance) []string { return it.PublicIpAddress.IpAddress })
	list("InnerIpAddresses", r.InnerIpAddresses, func(it *Instance) []string { return it.InnerIpAddress.IpAddress })
	list("EipAddresses", r.EipAddresses, func(it *Instance) []string { return []string{it.EipAddress.IpAddress} })
	list("Ipv6Address", r.Ipv6Address, (*Instance).ipv6Addresses)
	if r.SecurityGroupId != "" {
		list("SecurityGroupId", []string{r.SecurityGroupId}, func(it *Instance) []string { return it.SecurityGroupIds.SecurityGroupId })
	}
	if r.LockReason != "" {
		list("LockReason", []string{r.LockReason}, (*Instance).lockReasons)
	}
	if r.RdmaIpAddresses != "" {
		list("RdmaIpAddresses", []string{r.RdmaIpAddresses}, func(*Instance) []string { return nil }) // no instance of the lab has any
	}
	for _, tag := range r.Tag {
		s.conditions = append(s.conditions, tagConditions(tag)...)
	}
	switch {
	case !strings.Contains(r.InstanceName, "*"):
		text("InstanceName", r.InstanceName, func(it *Instance) string { return it.InstanceName })
	case strings.Trim(r.InstanceName, "*") != "":
		s.name = r.InstanceName
	}
	if since := createdSince(r.Filter); !since.IsZero() {
		s.filter = func(it *Instance) bool { return !assist.ParseTime(it.CreationTime).Before(since) }
	}
	return s
}

// tagConditions returns the conditions for a tag. The key comes before the value, so that values are indexed only for keys that
// some instance has.
func tagConditions(tag assist.TagFilter) []condition {
	key := condition{"TagKey", []string{tag.Key}, func(it *Instance) []string {
		var keys []string
		for _, has := range it.Tags.Tag {
			keys = append(keys, has.TagKey)
		}
		return keys
	}}
	if tag.Value == nil {
		return []condition{key}
	}
	return []condition{key, {"Tag." + tag.Key, []string{*tag.Value}, func(it *Instance) []string {
		var values []string
		for _, has := range it.Tags.Tag {
			if has.TagKey == tag.Key {
				values = append(values, has.TagValue)
			}
		}
		return values
	}}}
}

// createdSince returns the earliest creation time that the filters allow, or the zero time.
func createdSince(filters []assist.Tag) time.Time {
	var since time.Time
	for _, filter := range filters {
		if at := assist.ParseTime(filter.Value); filter.Key == "CreationStartTime" && at.After(since) {
			since = at
		}
	}
	return since
}

// fold returns the same string for all texts that are equal under strings.EqualFold.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			least = min(least, other)
		}
		return least
	}, text)
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

func (it *Instance) lockReasons() []string {
	var all []string
	for _, lock := range it.OperationLocks.LockReason {
		all = append(all, lock.LockReason)
	}
	return all
}

type metadataOptions struct{ HttpEndpoint, HttpTokens string }

// metadata returns the MetadataOptions of the instance. They are empty if they cannot be decoded.
func (it *Instance) metadata() metadataOptions {
	var options metadataOptions
	if json.Unmarshal(it.MetadataOptions, &options) != nil {
		return metadataOptions{}
	}
	return options
}
