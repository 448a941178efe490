package target

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"muster/pkg/assist"
)

// criterion is a property that a list is partitioned by, because the service can filter by it.
type criterion struct {
	shares map[string]float64 // the share of the list that has each value
	ask    func(r *assist.DescribeInstancesRequest, value string)
}

// listPart is a part of a list and its estimated share.
type listPart struct {
	request assist.DescribeInstancesRequest
	share   float64
}

const (
	// parallelWalks is the number of walks that are assumed to run in parallel.
	parallelWalks = 32
	// extraPages bounds the pages that a partition adds to a list, as a share of the list's pages; fewExtraPages are always allowed.
	extraPages    = 0.5
	fewExtraPages = 2
	// maxValues is the largest number of values that a list is partitioned by.
	maxValues = 40
)

// partitions returns the partitions of a list to try in turn until one is complete: the fastest one, and then the one by zones only,
// which does not depend on names. It returns none if a single walk is as fast.
func partitions(request assist.DescribeInstancesRequest, sample []listed, total int) [][]assist.DescribeInstancesRequest {
	zones, charges := zoneCriterion(sample), chargeCriterion(sample)
	last, lastButOne := nameCriterion(request, sample, 0), nameCriterion(request, sample, 1)
	pages := total / pageOfInstances
	least := pages - sampled/pageOfInstances
	var best []assist.DescribeInstancesRequest
	for _, combined := range [][]criterion{
		{zones}, {zones, charges}, {charges}, {last}, {zones, last}, {zones, charges, last}, {last, lastButOne}, {zones, last, lastButOne},
	} {
		parts := listPart{request, 1}.by(combined)
		trips, calls := cost(parts, total)
		if trips < least && float64(calls) <= float64(pages)*(1+extraPages)+fewExtraPages {
			best, least = requestsOf(parts), trips
		}
	}
	if best == nil {
		return nil
	}
	sets := [][]assist.DescribeInstancesRequest{best}
	if byZone := (listPart{request, 1}).by([]criterion{zones}); len(byZone) > 1 && len(byZone) < len(best) {
		sets = append(sets, requestsOf(byZone))
	}
	return sets
}

// by splits a part by several properties, one after the other. It skips a property that has too few or too many values.
func (p listPart) by(criteria []criterion) []listPart {
	parts := []listPart{p}
	for _, c := range criteria {
		if len(c.shares) < 2 || len(c.shares) > maxValues {
			continue
		}
		var smaller []listPart
		for _, larger := range parts {
			for _, value := range slices.Sorted(maps.Keys(c.shares)) {
				one := listPart{larger.request, larger.share * c.shares[value]}
				c.ask(&one.request, value)
				smaller = append(smaller, one)
			}
		}
		parts = smaller
	}
	return parts
}

func requestsOf(parts []listPart) []assist.DescribeInstancesRequest {
	var requests []assist.DescribeInstancesRequest
	for i := range parts {
		requests = append(requests, parts[i].request)
	}
	return requests
}

// cost returns the number of round trips that the parts of a list take, and the number of their pages.
func cost(parts []listPart, total int) (trips, pages int) {
	for i := range parts {
		n := max(1, (int(parts[i].share*float64(total))+pageOfInstances-1)/pageOfInstances)
		trips, pages = max(trips, n), pages+n
	}
	return max(trips, (pages+parallelWalks-1)/parallelWalks), pages
}

// zoneCriterion partitions a list by the zones of a sample.
func zoneCriterion(sample []listed) criterion {
	return criterion{sharesOf(sample, func(i *listed) string { return i.zoneID }),
		func(r *assist.DescribeInstancesRequest, zone string) { r.ZoneId = zone }}
}

// chargeCriterion partitions a list by the charge types of a sample.
func chargeCriterion(sample []listed) criterion {
	return criterion{sharesOf(sample, func(i *listed) string { return i.chargeType }),
		func(r *assist.DescribeInstancesRequest, chargeType string) { r.InstanceChargeType = chargeType }}
}

// nameCriterion partitions a list by one character of the names, counted from the end, since most fleets number their instances. A
// list that is already filtered by names can be partitioned if the filter ends with a wildcard.
func nameCriterion(request assist.DescribeInstancesRequest, sample []listed, place int) criterion {
	if f := request.InstanceName; f != "" && !strings.HasSuffix(f, "*") {
		return criterion{}
	}
	shares := sharesOf(sample, func(i *listed) string { return runeFromEnd(i.InstanceName, place) })
	delete(shares, "*") // it would be a wildcard
	return criterion{allDigits(shares), func(r *assist.DescribeInstancesRequest, char string) {
		open := strings.LastIndexByte(r.InstanceName, '*')
		r.InstanceName = r.InstanceName[:max(open, 0)] + "*" + char + r.InstanceName[open+1:]
	}}
}

// runeFromEnd returns a character of a name, counted from its end. It returns an empty string if the name is too short.
func runeFromEnd(name string, place int) string {
	for ; name != ""; place-- {
		r, size := utf8.DecodeLastRuneInString(name)
		if place == 0 {
			return string(r)
		}
		name = name[:len(name)-size]
	}
	return ""
}

// allDigits assigns all digits the same share if the sample has any of them, because numbers continue beyond the sample.
func allDigits(shares map[string]float64) map[string]float64 {
	const digits = "0123456789"
	var sum float64
	for value, share := range shares {
		if strings.Contains(digits, value) {
			sum += share
		}
	}
	if sum > 0 {
		for _, digit := range digits {
			shares[string(digit)] = sum / float64(len(digits))
		}
	}
	return shares
}

// sharesOf returns the share of a sample that has each value. Instances without a value are left out.
func sharesOf(sample []listed, value func(*listed) string) map[string]float64 {
	shares := map[string]float64{}
	for i := range sample {
		if v := value(&sample[i]); v != "" {
			shares[v] += 1 / float64(len(sample))
		}
	}
	return shares
}
