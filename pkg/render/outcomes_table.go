package render

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"muster/pkg/assist"
	"muster/pkg/fleet"
)

// outcomesTable is a table of outcomes.
type outcomesTable struct {
	of       func(int32) outcomeRow
	name     func(int32) string
	numbers  iter.Seq[int32]
	place    string // the title of the column of places; empty if there is no such column
	regions  bool   // the table has a column of regions
	profiles bool
}

// folding is the degree to which rows are folded: each step ignores more differences.
type folding int

const (
	foldOwnNames folding = iota // ignores the instance's own id and name in its error
	foldPlaces                  // ignores the place
	foldMasked                  // ignores ids, addresses and times in errors
	foldCodes                   // ignores errors except their codes
	foldExits                   // ignores the exit code
	foldings
)

// outcomeKey has the values that the instances of a row share.
type outcomeKey struct {
	place      string
	site       fleet.Site
	status     assist.Status // of instances that have not ended
	cause      fleet.Cause
	exit       int64
	exited     bool
	code, info string
}

// folds returns the groups that share rows. It returns false if each instance has its own row.
func (t outcomesTable) folds(style Style, rows int) (groups [][]int32, by folding, folded bool) {
	if style.wide || style.markdown != nil {
		return nil, 0, false
	}
	n := 0
	for range t.numbers {
		n++
	}
	if n <= rows {
		return nil, 0, false
	}
	groups, by = t.fold(rows)
	return groups, by, len(groups) < n
}

// fold returns groups that ignore as few differences as the rows of a screen allow.
func (t outcomesTable) fold(rows int) (groups [][]int32, by folding) {
	masked := map[string]string{}
	for by = range foldings {
		if by == foldPlaces && t.place == "" {
			continue
		}
		groups = foldBy(t.numbers, func(n int32) outcomeKey { return t.key(t.of(n), by, masked) })
		if len(groups) <= rows {
			return groups, by
		}
	}
	return groups, foldings - 1
}

func (t outcomesTable) key(e outcomeRow, by folding, masked map[string]string) outcomeKey {
	key := outcomeKey{cause: e.cause, exit: e.exit, exited: e.exited, place: e.place}
	if t.regions {
		key.site.RegionId = e.site.RegionId
	}
	if t.profiles {
		key.site.Profile = e.site.Profile
	}
	if e.cause == "" || e.running() {
		key.status = e.status
	}
	if by >= foldPlaces {
		key.place = ""
	}
	if e.hasInfo() {
		key.code = e.code
	}
	if e.hasInfo() && e.info != "" && by < foldCodes {
		key.info = maskOwn(e.info, e.id, e.name)
		if by >= foldMasked {
			key.info = mask(key.info, masked)
		}
	}
	if by >= foldExits {
		key.exit = 0
	}
	return key
}

// maskOwn masks the id and the name of an instance in its error.
func maskOwn(info, id, name string) string {
	if id != "" {
		info = strings.ReplaceAll(info, id, "<id>")
	}
	if len(name) > 2 {
		info = strings.ReplaceAll(info, name, "<name>")
	}
	return info
}

// mask is normalize with a cache, since many texts are equal.
func mask(info string, known map[string]string) string {
	text, ok := known[info]
	if !ok {
		text = normalize(info, "")
		known[info] = text
	}
	return text
}

// rank orders the causes: successes first, then what has not ended, and last what needs attention.
func rank(cause fleet.Cause) int {
	switch cause {
	case fleet.CauseSuccess:
		return 0
	case "":
		return 1
	case fleet.CauseSkipped, fleet.CauseUnsent, fleet.CauseUnknown, fleet.CauseCancelled:
		return 2
	}
	return 3
}

const ranks = 4

// failuresLast returns the numbers by rank, and otherwise in their order.
func (t outcomesTable) failuresLast() iter.Seq[int32] {
	var byRank [ranks][]int32
	for n := range t.numbers {
		r := rank(t.of(n).cause)
		byRank[r] = append(byRank[r], n)
	}
	return slices.Values(slices.Concat(byRank[:]...))
}

// writeFolded writes a row for each group.
func (t outcomesTable) writeFolded(w io.Writer, style Style, groups [][]int32, by folding, rows int) error {
	slices.SortStableFunc(groups, func(a, b []int32) int {
		return cmp.Or(cmp.Compare(rank(t.of(a[0]).cause), rank(t.of(b[0]).cause)), cmp.Compare(len(a), len(b)))
	})
	var header []string
	if t.place != "" && by < foldPlaces {
		header = append(header, t.place)
	}
	header = append(header, placeTitles(t.regions, t.profiles)...)
	header = append(header, "STATUS", "EXIT", "TIME", "INFO")
	masked := map[string]string{}
	return foldedTable{
		noun: "instances", header: header, groups: groups, rows: rows,
		fit:  narrowing{drop: []string{"TIME", "PROFILE", t.place}, cut: []string{"INFO", "PROFILE", t.place}},
		name: t.name,
		cells: func(group []int32) []string {
			e := t.of(group[0])
			var cells []string
			if t.place != "" && by < foldPlaces {
				cells = append(cells, cell(e.place))
			}
			cells = append(cells, placeCells(e.site, t.regions, t.profiles)...)
			return append(cells, e.shown(style), t.exits(group), t.times(group), t.infos(group, by, masked))
		},
	}.write(w, style)
}

// exits returns the exit code of a group, or the number of different ones.
func (t outcomesTable) exits(group []int32) string {
	first := t.of(group[0])
	if first.exited {
		distinct := map[int64]struct{}{}
		for _, n := range group {
			distinct[t.of(n).exit] = struct{}{}
		}
		if len(distinct) > 1 {
			return fmt.Sprintf("%d codes", len(distinct))
		}
	}
	return first.exitCell()
}

// infos returns the error that a group has in common, unchanged if it is the same for all.
func (t outcomesTable) infos(group []int32, by folding, masked map[string]string) string {
	first := t.of(group[0])
	if !first.hasInfo() || first.info == "" && by < foldCodes {
		return cell(first.shownInfo())
	}
	distinct := map[string]struct{}{}
	for _, n := range group {
		distinct[t.of(n).info] = struct{}{}
	}
	switch {
	case len(distinct) == 1:
	case by >= foldCodes:
		first.info = fmt.Sprintf("%d different errors", len(distinct))
	default:
		first.info = t.key(first, by, masked).info
	}
	return cell(first.shownInfo())
}

// times returns the shortest and the longest duration of a group.
func (t outcomesTable) times(group []int32) string {
	least, most := time.Duration(-1), time.Duration(-1)
	var start, finish string // neighbours often have the same times
	for _, n := range group {
		e := t.of(n)
		if e.start == start && e.finish == finish {
			continue
		}
		start, finish = e.start, e.finish
		d, ok := lasted(start, finish)
		if !ok {
			continue
		}
		if least < 0 || d < least {
			least = d
		}
		most = max(most, d)
	}
	switch {
	case least < 0:
		return "-"
	case least == most:
		return wholeSeconds(least)
	}
	return wholeSeconds(least) + "-" + wholeSeconds(most)
}
