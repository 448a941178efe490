package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// widestName is the largest number of columns of a name before it is wrapped.
const widestName = 40

// columns returns the style that sets the column widths of a long table of instances. To find them, a browser would have to lay
// out all rows, which takes seconds; with this style it lays out only those on the screen.
func (p page) columns() string {
	if !p.Many {
		return ""
	}
	heads := p.heads()
	widths := make([]int, len(heads))
	for i, head := range heads {
		widths[i] = len(head)
	}
	for row := range p.Rows() {
		for i, text := range p.texts(row) {
			if len(text) > widths[i] { // a text has at most as many columns as bytes
				widths[i] = max(widths[i], displaywidth.String(text))
			}
		}
	}
	widths[1] = min(widths[1], widestName)
	var tracks strings.Builder
	all := 0
	for _, width := range widths {
		all += width
		fmt.Fprintf(&tracks, "calc(%dch + 1.2rem) ", width)
	}
	return "#rows { --columns: " + tracks.String() + "minmax(14rem, 1fr); --least: calc(" + strconv.Itoa(all) + "ch + " +
		strconv.FormatFloat(1.2*float64(len(widths))+14, 'f', 1, 64) + "rem); }\n"
}

// heads returns the columns of the table of instances except the last, which takes the remaining width.
func (p page) heads() []string {
	heads := []string{"Instance", "Name"}
	if p.Profiles {
		heads = append(heads, "Profile")
	}
	if p.Regions {
		heads = append(heads, "Region")
	}
	if p.InWaves {
		heads = append(heads, "Wave")
	}
	return append(heads, "Result", "Exit", "Took", "Sent", "Accepted", "Started", "Ended")
}

func (p page) texts(r row) []string {
	texts := []string{r.Id, r.Name}
	if p.Profiles {
		texts = append(texts, r.Profile)
	}
	if p.Regions {
		texts = append(texts, r.Region)
	}
	if p.InWaves {
		texts = append(texts, strconv.Itoa(r.Wave))
	}
	return append(texts, r.Mark+"  "+r.Cause, r.Exit, r.Took, r.Sent, r.Accepted, r.Started, r.Over)
}
