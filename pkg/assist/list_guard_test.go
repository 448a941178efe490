package assist

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestPagesThatDoNotEnd(t *testing.T) {
	type page struct {
		token   string
		records []string
	}
	counted := func(records func(n int) []string) func(n int) page {
		return func(n int) page { return page{fmt.Sprint(n), records(n)} }
	}
	for name, test := range map[string]struct {
		page func(n int) page
		max  int
		why  string
	}{
		"the same token":         {func(n int) page { return page{"1", []string{fmt.Sprint(n)}} }, 2, "the service returned the same NextToken twice"},
		"an earlier token":       {func(n int) page { return page{fmt.Sprint(n % 5), []string{fmt.Sprint(n)}} }, 6, "the service returned the same NextToken twice"},
		"a long token":           {func(int) page { return page{strings.Repeat("x", maxNextToken+1), nil} }, 1, "the service returned a NextToken of 4097 bytes"},
		"nothing":                {counted(func(int) []string { return nil }), maxStale + 1, "the last 11 pages have nothing new"},
		"the same records":       {counted(func(int) []string { return []string{"a", "b"} }), maxStale + 2, "the last 11 pages have nothing new"},
		"a cycle of three pages": {counted(func(n int) []string { return []string{fmt.Sprint(n % 3)} }), maxStale + 4, "the last 11 pages have nothing new"},
		"new records":            {counted(func(n int) []string { return []string{fmt.Sprint(n)} }), maxPages, "there are too many pages"},
	} {
		pages := NewListGuard("DescribeInstances")
		var err error
		n := 0
		for ; err == nil && n <= maxPages; n++ {
			next := test.page(n)
			err = pages.Next(next.token, slices.Values(next.records))
		}
		listErr, ok := errors.AsType[*ListError](err)
		if !ok || n != test.max {
			t.Errorf("%s: %v after %d pages, want %d", name, err, n, test.max)
			continue
		}
		if diff := cmp.Diff(ListError{Action: "DescribeInstances", Pages: n, Why: test.why}, *listErr); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestPagesThatEnd tests that a list with new tokens, and with new records from time to time, is not refused.
func TestPagesThatEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pages := NewListGuard("DescribeInvocations")
		stale, record := 0, 0
		n := rapid.IntRange(1, 300).Draw(t, "pages")
		for page := range n {
			var records []string
			if stale == maxStale || rapid.Bool().Draw(t, "has records") {
				for range rapid.IntRange(1, 3).Draw(t, "records") {
					record++
					records = append(records, fmt.Sprint(record))
				}
			}
			if stale++; len(records) > 0 {
				stale = 0
			}
			token := fmt.Sprint("token ", page)
			if page == n-1 {
				token = ""
			}
			if err := pages.Next(token, slices.Values(records)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
