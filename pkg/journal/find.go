package journal

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// UnknownRunError reports that no run, or more than one, has an id.
type UnknownRunError struct {
	Text string
	Near []string // similar ids
	Many int      // the number of ids that begin or end with the text, if it is ambiguous
	Runs int      // the number of runs, if the text is a position such as last~3
}

func (e *UnknownRunError) Error() string {
	if e.Many > 1 {
		return fmt.Sprintf("run %q is ambiguous: %d runs match, such as %s", e.Text, e.Many, strings.Join(e.Near, ", "))
	}
	message := fmt.Sprintf("run %q does not exist", e.Text)
	switch {
	case e.Runs == 1:
		message += ": there is 1 run, which is last"
	case e.Runs > 1:
		message += fmt.Sprintf(": there are %d runs, and the oldest is last~%d", e.Runs, e.Runs-1)
	}
	if len(e.Near) > 0 {
		message += "; near it: " + strings.Join(e.Near, ", ")
	}
	return message
}

// Find returns the id of a run that is named by its id, by a beginning or end of it that no other id has, or by its position:
// last, last~1 for the one before it, and so on.
func (d Dir) Find(text string) (string, error) {
	ids, err := d.ids()
	if err != nil {
		return "", err
	}
	if back, ok := placeFromLast(text); ok {
		if back < len(ids) {
			return ids[back], nil
		}
		return "", &UnknownRunError{Text: text, Runs: len(ids)}
	}
	var found []string
	for _, id := range ids {
		if id == text {
			return id, nil
		}
		if text != "" && (strings.HasPrefix(id, text) || strings.HasSuffix(id, text)) {
			found = append(found, id)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	unknown := &UnknownRunError{Text: text, Near: found, Many: len(found)}
	if len(found) == 0 {
		slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(alike(b, text), alike(a, text)) })
		unknown.Near = slices.DeleteFunc(ids, func(id string) bool { return 2*alike(id, text) < len(text) })
	}
	unknown.Near = unknown.Near[:min(len(unknown.Near), 3)]
	return "", unknown
}

// placeFromLast returns the number of runs after the one that a text such as last~1 names.
func placeFromLast(text string) (back int, ok bool) {
	if text == "last" {
		return 0, true
	}
	digits, ok := strings.CutPrefix(text, "last~")
	if !ok || digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	back, err := strconv.Atoi(digits)
	if err != nil {
		back = math.MaxInt // larger than the number of runs
	}
	return back, true
}

// alike returns the number of characters at the beginning and the end that two texts have in common.
func alike(a, b string) int {
	begin, end := 0, 0
	for begin < min(len(a), len(b)) && a[begin] == b[begin] {
		begin++
	}
	for end < min(len(a), len(b)) && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	return begin + end
}
