package render

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"

	"muster/pkg/fleet"
	"muster/pkg/target/nodeset"
)

// The size of tables.
const (
	screenRows  = 24  // rows without a terminal
	nameLines   = 3   // of one row, on a terminal
	leastNames  = 20  // columns for names on a terminal
	namesInLogs = 120 // columns for names without a terminal
)

// rows returns the number of rows of a table that fit on the screen together with some lines around it, including the prompt.
func (s Style) rows(around int) int {
	return max(1, cmp.Or(s.Height, screenRows)-s.Below-around)
}

// foldBy groups numbers by a key. The groups are in the order of their first numbers.
func foldBy[K comparable](numbers iter.Seq[int32], key func(int32) K) [][]int32 {
	var groups [][]int32
	index := map[K]int{}
	var last K // neighbours often have the same key
	at := -1
	for n := range numbers {
		now := key(n)
		if at < 0 || now != last {
			known, ok := index[now]
			if !ok {
				known = len(groups)
				index[now] = known
				groups = append(groups, nil)
			}
			at, last = known, now
		}
		groups[at] = append(groups[at], n)
	}
	return groups
}

// foldedTable is a table with a row for each group, and the folded names of its members in the last column.
type foldedTable struct {
	noun   string // for the members
	header []string
	groups [][]int32
	cells  func(group []int32) []string // without the first column and the last
	name   func(n int32) string
	fit    narrowing
	rows   int // that fit on the screen
}

// write writes the table, and below it how to see all names if some are left out.
func (t foldedTable) write(w io.Writer, style Style) error {
	header := append([]string{"COUNT"}, t.header...)
	rows := make([][]string, 0, len(t.groups))
	for _, group := range t.groups {
		rows = append(rows, append([]string{strconv.Itoa(len(group))}, t.cells(group)...))
	}
	rows = slices.Collect(harmlessRows(slices.Values(rows)))
	header, rows = withoutEmpty(header, rows, "INFO")
	var columns widths
	columns.widen(header)
	for _, row := range rows {
		columns.widen(row)
	}
	width, lines := namesInLogs, 1
	if style.Width > 0 {
		columns.narrow(style.Width-len(gap)-max(leastNames, style.Width/3), t.fit, header)
		width = max(leastNames, style.Width-len(gap)-columns.total())
		lines = min(nameLines, max(1, t.rows/max(1, len(rows))))
	}
	table, left := t.withNames(rows, width, lines)
	header = append(header, strings.ToUpper(t.noun))
	names := len(header) - 1
	columns = append(columns, 0)
	for _, row := range append(table, header) {
		columns[names] = max(columns[names], twwidth.Width(row[names]))
	}
	if err := columns.write(w, style, header, slices.Values(table)); err != nil || left == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "%s\n", style.Paint.Dim(style.clip("(… all "+t.noun+": "+cmp.Or(style.All, "-o wide")+")")))
	return err
}

// withNames returns the rows with the names of each group as their last column, wrapped into lines, and the number of names
// that are left out.
func (t foldedTable) withNames(rows [][]string, width, lines int) (table [][]string, left int) {
	for i, group := range t.groups {
		text, more := nodeset.Wrap(namesOf(group, t.name), width, lines)
		left += more
		for at, line := range text {
			row := rows[i]
			if at > 0 {
				row = make([]string, len(row))
			}
			table = append(table, append(slices.Clone(row), cell(line)))
		}
	}
	return table, left
}

// namesOf returns the names of a group.
func namesOf(group []int32, name func(n int32) string) []string {
	names := make([]string, len(group))
	for i, n := range group {
		names[i] = name(n)
	}
	return names
}

// placeTitles returns the titles of the columns for regions and profiles, if there are several.
func placeTitles(regions, profiles bool) []string {
	var titles []string
	if regions {
		titles = append(titles, "REGION")
	}
	if profiles {
		titles = append(titles, "PROFILE")
	}
	return titles
}

// placeCells returns the cells of the columns of placeTitles.
func placeCells(site fleet.Site, regions, profiles bool) []string {
	var cells []string
	if regions {
		cells = append(cells, cell(site.RegionId))
	}
	if profiles {
		cells = append(cells, cell(site.Profile))
	}
	return cells
}

// clip truncates a line to the terminal's width.
func (s Style) clip(line string) string {
	if s.Width == 0 {
		return line
	}
	return painted().TruncateString(line, s.Width, "…")
}

// withoutEmpty removes a column that has only dashes.
func withoutEmpty(header []string, rows [][]string, title string) ([]string, [][]string) {
	at := slices.Index(header, title)
	if at < 0 || slices.ContainsFunc(rows, func(row []string) bool { return row[at] != "-" }) {
		return header, rows
	}
	for i := range rows {
		rows[i] = slices.Delete(rows[i], at, at+1)
	}
	return slices.Delete(header, at, at+1), rows
}
