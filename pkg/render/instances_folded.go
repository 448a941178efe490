package render

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"muster/pkg/target"
)

// instancesRows is the number of screen lines around the rows of a list of instances: the header and the prompt.
const instancesRows = 2

// instanceKey has the values that the instances of a row share.
type instanceKey struct{ region, profile, status, agent, os, zone, tags string }

// fold returns the instances that share rows, and the titles of the columns that they have in common. It leaves out zones and
// tags if the screen has no room for a row for each. It returns false if each instance has its own row.
func (d *Instances) fold(style Style) (groups [][]int32, titles []string, folded bool) {
	rows := style.rows(instancesRows)
	if style.wide || style.markdown != nil || len(d.Instances) <= rows {
		return nil, nil, false
	}
	for _, optional := range [][]string{{"ZONE", "TAGS"}, {"ZONE"}, {}} {
		titles = append(placeTitles(d.regions > 1, d.profiles > 1), append([]string{"STATUS", "AGENT", "OS"}, optional...)...)
		groups = foldBy(d.numbers, func(n int32) instanceKey { return d.key(n, optional) })
		if len(groups) <= rows {
			break
		}
	}
	return groups, titles, len(groups) < len(d.Instances)
}

func (d *Instances) numbers(yield func(int32) bool) {
	for n := range d.Instances {
		if !yield(int32(n)) {
			return
		}
	}
}

func (d *Instances) key(n int32, optional []string) instanceKey {
	i := d.Instances[n]
	key := instanceKey{region: i.RegionId, profile: i.Profile, status: i.Status, agent: agentCell(Style{}, i), os: i.OSType}
	if slices.Contains(optional, "ZONE") {
		key.zone = i.ZoneId
	}
	if slices.Contains(optional, "TAGS") {
		key.tags = tagsCell(i)
	}
	return key
}

// writeFolded writes a row for each group. Groups that cannot run anything are last.
func (d *Instances) writeFolded(w io.Writer, style Style, groups [][]int32, titles []string) error {
	able := func(group []int32) int {
		i := d.Instances[group[0]]
		if i.CloudAssistantStatus == "true" && (i.Status == "Running" || i.Status == "") {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(groups, func(a, b []int32) int { return cmp.Compare(able(a), able(b)) })
	names := d.InstanceNames()
	return foldedTable{
		noun: "instances", header: titles, groups: groups, rows: style.rows(instancesRows),
		fit: narrowing{drop: []string{"TAGS", "ZONE", "PROFILE"}, cut: []string{"TAGS", "AGENT", "PROFILE"}},
		cells: func(group []int32) []string {
			i := d.Instances[group[0]]
			cells := make([]string, 0, len(titles))
			for _, title := range titles {
				cells = append(cells, d.cell(style, i, title))
			}
			return cells
		},
		name: func(n int32) string { return names[n] },
	}.write(w, style)
}

// cell returns the cell of an instance in a column.
func (d *Instances) cell(style Style, i *target.Record, title string) string {
	switch title {
	case "REGION":
		return cell(i.RegionId)
	case "PROFILE":
		return cell(i.Profile)
	case "STATUS":
		return instanceStatus(style, i)
	case "AGENT":
		return agentCell(style, i)
	case "OS":
		return cell(i.OSType)
	case "ZONE":
		return cell(i.ZoneId)
	}
	return cell(tagsCell(i))
}

// instanceStatus returns the state of an instance. A managed one has none.
func instanceStatus(style Style, i *target.Record) string {
	if i.Status == "Running" {
		return style.Paint.Good(i.Status)
	}
	return style.Paint.Warn(cell(i.Status))
}

func tagsCell(i *target.Record) string {
	tags := make([]string, 0, len(i.Tags))
	for _, tag := range i.Tags {
		tags = append(tags, tag.TagKey+"="+tag.TagValue)
	}
	return strings.Join(tags, ",")
}
