package target

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"muster/pkg/assist"
)

// cut is a way to part a list: by values of something that the service filters.
type cut struct {
	shares map[string]float64 // of the list, by value
	ask    func(r *assist.DescribeInstancesRequest, value string)
}

// piece is some of the instances of a list, and the share that they are thought to be.
type piece struct {
	request assist.DescribeInstancesRequest
	share   float64
}

const (
	// walksAtOnce is how many walks are counted on to go side by side.
	walksAtOnce = 32
	// extraPages is how many pages more than the list's own parts may have, as a share of these, and fewExtraPages in any case.
	extraPages    = 0.5
	fewExtraPages = 2
	// mostValues is how many values a list is cut by.
	mostValues = 40
)

// cuts returns the sets of parts that are to be walked until one has everybody: the quickest one, and the one by zones alone,
// which needs no names. There is none where one walk is as quick.
func cuts(request assist.DescribeInstancesRequest, sample []listed, total int) [][]assist.DescribeInstancesRequest {
	zones, charges := zoneCut(sample), chargeCut(sample)
	last, lastButOne := nameCut(request, sample, 0), nameCut(request, sample, 1)
	pages := total / pageOfInstances
	least := pages - sampled/pageOfInstances
	var best []assist.DescribeInstancesRequest
	for _, combined := range [][]cut{
		{zones}, {zones, charges}, {charges}, {last}, {zones, last}, {zones, charges, last}, {last, lastButOne}, {zones, last, lastButOne},
	} {
		parts := piece{request, 1}.by(combined)
		trips, calls := cost(parts, total)
		if trips < least && float64(calls) <= float64(pages)*(1+extraPages)+fewExtraPages {
			best, least = requestsOf(parts), trips
		}
	}
	if best == nil {
		return nil
	}
	sets := [][]assist.DescribeInstancesRequest{best}
	if byZone := (piece{request, 1}).by([]cut{zones}); len(byZone) > 1 && len(byZone) < len(best) {
		sets = append(sets, requestsOf(byZone))
	}
	return sets
}

// by cuts a part by several cuts, one after the other. A cut that has no use leaves the parts as they are.
func (p piece) by(cuts []cut) []piece {
	parts := []piece{p}
	for _, c := range cuts {
		if len(c.shares) < 2 || len(c.shares) > mostValues {
			continue
		}
		var smaller []piece
		for _, larger := range parts {
			for _, value := range slices.Sorted(maps.Keys(c.shares)) {
				one := piece{larger.request, larger.share * c.shares[value]}
				c.ask(&one.request, value)
				smaller = append(smaller, one)
			}
		}
		parts = smaller
	}
	return parts
}

func requestsOf(parts []piece) []assist.DescribeInstancesRequest {
	var requests []assist.DescribeInstancesRequest
	for i := range parts {
		requests = append(requests, parts[i].request)
	}
	return requests
}

// cost returns how many round trips parts of a list take, and how many pages they have.
func cost(parts []piece, total int) (trips, pages int) {
	for i := range parts {
		n := max(1, (int(parts[i].share*float64(total))+pageOfInstances-1)/pageOfInstances)
		trips, pages = max(trips, n), pages+n
	}
	return max(trips, (pages+walksAtOnce-1)/walksAtOnce), pages
}

// zoneCut parts a list by the zones of a sample.
func zoneCut(sample []listed) cut {
	return cut{sharesOf(sample, func(i *listed) string { return i.zoneID }),
		func(r *assist.DescribeInstancesRequest, zone string) { r.ZoneId = zone }}
}

// chargeCut parts a list by the ways in which the instances of a sample are paid.
func chargeCut(sample []listed) cut {
	return cut{sharesOf(sample, func(i *listed) string { return i.chargeType }),
		func(r *assist.DescribeInstancesRequest, chargeType string) { r.InstanceChargeType = chargeType }}
}

// nameCut parts a list by one character of the names, counted from the end: most fleets number their instances. A list that is
// filtered by names already can be cut if its filter leaves their ends open.
func nameCut(request assist.DescribeInstancesRequest, sample []listed, place int) cut {
	if f := request.InstanceName; f != "" && !strings.HasSuffix(f, "*") {
		return cut{}
	}
	shares := sharesOf(sample, func(i *listed) string { return runeFromEnd(i.InstanceName, place) })
	delete(shares, "*") // it would stand for anything
	return cut{allDigits(shares), func(r *assist.DescribeInstancesRequest, char string) {
		open := strings.LastIndexByte(r.InstanceName, '*')
		r.InstanceName = r.InstanceName[:max(open, 0)] + "*" + char + r.InstanceName[open+1:]
	}}
}

// runeFromEnd returns a character of a name, counted from its end; empty where the name is too short.
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

// allDigits makes the digits as frequent as one another, if there is any: numbers go on beyond a sample.
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

// sharesOf returns how large a share of a sample has each value. Instances without one are left out.
func sharesOf(sample []listed, value func(*listed) string) map[string]float64 {
	shares := map[string]float64{}
	for i := range sample {
		if v := value(&sample[i]); v != "" {
			shares[v] += 1 / float64(len(sample))
		}
	}
	return shares
}
