package render

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// Fold writes many names as few: web-001, web-002 and web-004 become web-[001-002,004]. Names that share a prefix, a
// suffix and the width of the number between them are put together, in the order in which they first appear.
func Fold(names []string) string {
	type family struct {
		prefix, suffix string
		width          int
	}
	numbers := map[family][]int{}
	var order []family
	for _, name := range names {
		prefix, digits, suffix := cutNumber(name)
		f := family{prefix, suffix, len(digits)}
		number := -1
		if digits != "" {
			number, _ = strconv.Atoi(digits) // at most nine digits
		}
		if _, ok := numbers[f]; !ok {
			order = append(order, f)
		}
		numbers[f] = append(numbers[f], number)
	}
	var folded []string
	for _, f := range order {
		list := numbers[f]
		slices.Sort(list)
		list = slices.Compact(list)
		switch {
		case f.width == 0:
			folded = append(folded, f.prefix)
		case len(list) == 1:
			folded = append(folded, fmt.Sprintf("%s%0*d%s", f.prefix, f.width, list[0], f.suffix))
		default:
			folded = append(folded, f.prefix+"["+ranges(list, f.width)+"]"+f.suffix)
		}
	}
	return strings.Join(folded, ",")
}

// cutNumber finds the last number in a name, if it has at most nine digits.
func cutNumber(name string) (prefix, digits, suffix string) {
	digit := func(i int) bool { return name[i] >= '0' && name[i] <= '9' }
	end := len(name)
	for end > 0 && !digit(end-1) {
		end--
	}
	start := end
	for start > 0 && digit(start-1) {
		start--
	}
	if start == end || end-start > 9 {
		return name, "", ""
	}
	return name[:start], name[start:end], name[end:]
}

func ranges(sorted []int, width int) string {
	var parts []string
	for i := 0; i < len(sorted); {
		j := i
		for j+1 < len(sorted) && sorted[j+1] == sorted[j]+1 {
			j++
		}
		part := fmt.Sprintf("%0*d", width, sorted[i])
		if j > i {
			part += fmt.Sprintf("-%0*d", width, sorted[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ",")
}

// foldInto folds names into some columns. What has no room is left out behind a comma.
func foldInto(names []string, columns int) string {
	if len(names) == 0 {
		return ""
	}
	text := cell(Fold(names))
	if displaywidth.String(text) <= columns {
		return text
	}
	text = displaywidth.TruncateString(text, columns-1, "")
	return text[:strings.LastIndexByte(text, ',')+1] + "…"
}
