package journal

import (
	"cmp"
	"fmt"
	"math"
	"os"
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
	if d.hasRun(text) {
		return text, nil
	}
	ids, err := d.Ids()
	if err != nil {
		return "", err
	}
	return ids.Find(text)
}

// hasRun reports whether there is a run with an id in the form that muster gives to ids. It returns false for others: where file
// systems ignore case, an id could be mistaken for another.
func (d Dir) hasRun(id string) bool {
	const form = "20270606t131530217-8c1f03ab"
	if len(id) != len(form) || id[len("20270606")] != 't' || !isRunID(id) || strings.ToLower(id) != id {
		return false
	}
	info, err := os.Lstat(d.file(id))
	return err == nil && info.Mode().IsRegular()
}

// Ids are the ids of all runs in a directory, in any order.
type Ids []string

// Find is like [Dir.Find], among these runs.
func (all Ids) Find(text string) (string, error) {
	if back, ok := placeFromLast(text); ok {
		return all.fromLast(back, text)
	}
	var found []string
	for _, id := range all {
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
	sortNewestFirst(found)
	unknown := &UnknownRunError{Text: text, Near: found, Many: len(found)}
	if len(found) == 0 {
		unknown.Near = slices.DeleteFunc(slices.Clone(all), func(id string) bool { return 2*alike(id, text) < len(text) })
		sortNewestFirst(unknown.Near)
		slices.SortStableFunc(unknown.Near, func(a, b string) int { return cmp.Compare(alike(b, text), alike(a, text)) })
	}
	unknown.Near = unknown.Near[:min(len(unknown.Near), 3)]
	return "", unknown
}

// fromLast returns the id of the run with so many runs after it.
func (all Ids) fromLast(back int, text string) (string, error) {
	switch {
	case back >= len(all):
		return "", &UnknownRunError{Text: text, Runs: len(all)}
	case back == 0:
		return slices.Max(all), nil
	}
	sorted := slices.Clone(all)
	sortNewestFirst(sorted)
	return sorted[back], nil
}

// sortNewestFirst sorts run ids, which begin with the time.
func sortNewestFirst(ids []string) {
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(b, a) })
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
