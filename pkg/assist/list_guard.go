package assist

import (
	"fmt"
	"hash/maphash"
	"iter"
)

const (
	// maxPages limits the length of a list. According to the documentation, the service keeps 10,000 invocations, and formerly
	// 100,000; 10,000 pages are enough for those even with the smallest page of 10, and for a million instances with 100 per page.
	maxPages = 10_000
	// maxStale is the number of consecutive pages that may have nothing new. A filter can make pages empty.
	maxStale = 10
	// maxNextToken limits the length of a token, which is sent in a URL. Real tokens have some dozens of characters.
	maxNextToken = 4 << 10
)

// ListError reports a list that does not end.
type ListError struct {
	Action string
	Pages  int    // the number of pages that were read
	Why    string // such as "the service returned the same NextToken twice"
}

func (e *ListError) Error() string {
	return fmt.Sprintf("%s: the list was abandoned after %d pages: %s", e.Action, e.Pages, e.Why)
}

// ListGuard detects lists that do not end. It tracks the pages of one list that is read by NextToken. It is not safe for concurrent use.
type ListGuard struct {
	action string
	seed   maphash.Seed
	tokens map[uint64]bool // hashes of all tokens
	read   map[uint64]bool // hashes of the records of each page
	pages  int
	stale  int // consecutive pages without anything new
}

// NewListGuard returns a ListGuard for a new list of an action.
func NewListGuard(action string) *ListGuard {
	return &ListGuard{action: action, seed: maphash.MakeSeed(), tokens: map[uint64]bool{}, read: map[uint64]bool{}}
}

// Next adds a page: its NextToken, and texts that identify its records, in their order. It returns a [*ListError] if the list does not
// end: if an earlier page has the same token, if several consecutive pages have nothing new, or if there are more pages than any
// account can have.
func (p *ListGuard) Next(token string, records iter.Seq[string]) error {
	p.addRecords(records)
	return p.addToken(token)
}

// addRecords adds the records of a page.
func (p *ListGuard) addRecords(records iter.Seq[string]) {
	p.pages++
	var page maphash.Hash
	page.SetSeed(p.seed)
	empty := true
	for record := range records {
		_, _ = page.WriteString(record)
		_ = page.WriteByte(0)
		empty = false
	}
	sum := page.Sum64()
	if empty || p.read[sum] {
		p.stale++
	} else {
		p.stale = 0
		p.read[sum] = true
	}
}

// addToken adds the token of the next page. An empty one ends the list.
func (p *ListGuard) addToken(token string) error {
	sum := maphash.String(p.seed, token)
	switch {
	case token == "":
		return nil
	case len(token) > maxNextToken:
		return p.err("the service returned a NextToken of %d bytes", len(token))
	case p.tokens[sum]:
		return p.err("the service returned the same NextToken twice")
	case p.stale > maxStale:
		return p.err("the last %d pages have nothing new", p.stale)
	case p.pages >= maxPages:
		return p.err("there are too many pages")
	}
	p.tokens[sum] = true
	return nil
}

func (p *ListGuard) err(format string, args ...any) error {
	return &ListError{Action: p.action, Pages: p.pages, Why: fmt.Sprintf(format, args...)}
}

// allPages requests page after page, until a page has no NextToken. record returns a text that identifies a record.
func allPages[T any](action string, record func(*T) string, page func(token string) ([]T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		pages := NewListGuard(action)
		for token := ""; ; {
			items, next, err := page(token)
			if err == nil {
				err = pages.Next(next, recordsOf(items, record))
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for i, item := range items {
				clear(items[i : i+1]) // a page of outputs is large; its memory is released record by record
				if !yield(item, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			token = next
		}
	}
}

func recordsOf[T any](items []T, record func(*T) string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range items {
			if !yield(record(&items[i])) {
				return
			}
		}
	}
}

// RecordsOf returns the ids of a page's invocations, for [ListGuard.Next].
func RecordsOf(page []Invocation) iter.Seq[string] {
	return recordsOf(page, func(i *Invocation) string { return i.InvokeId })
}
