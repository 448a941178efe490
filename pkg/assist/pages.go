package assist

import (
	"fmt"
	"hash/maphash"
	"iter"
)

const (
	// maxPages bounds a list. The documents name 100,000 as the most invocations that the service ever kept, and 10,000
	// today; 10,000 pages hold those even at the smallest page of 10, and a million instances at 100 a page.
	maxPages = 10_000
	// maxBarren is how many pages in a row may bring nothing new. A filter can leave a page of the service's empty.
	maxBarren = 10
	// maxNextToken bounds a token, which is sent back in a URL. Real ones have some dozens of characters.
	maxNextToken = 4 << 10
)

// ListError is a list that the service does not bring to an end.
type ListError struct {
	Action string
	Pages  int    // that were read
	Why    string // such as "the service gave the same NextToken twice"
}

func (e *ListError) Error() string {
	return fmt.Sprintf("%s: the list was given up after %d pages: %s", e.Action, e.Pages, e.Why)
}

// Pages watches over the pages of one list that is followed by NextToken. It is not safe for concurrent use.
type Pages struct {
	action string
	seed   maphash.Seed
	tokens map[uint64]bool // of the pages that were named
	read   map[uint64]bool // what was in the pages that were read
	pages  int
	barren int // pages in a row without anything new
}

// NewPages returns the Pages of a list of an action that has not begun.
func NewPages(action string) *Pages {
	return &Pages{action: action, seed: maphash.MakeSeed(), tokens: map[uint64]bool{}, read: map[uint64]bool{}}
}

// Next takes a page that was read: the token that it names the next page with, and what tells its records from those of
// others, in their order. The error is a *ListError when the list would not end: when any page named the same token before,
// when several pages in a row had nothing new in them, or when there are more pages than any account can have.
func (p *Pages) Next(token string, records iter.Seq[string]) error {
	p.took(records)
	return p.named(token)
}

// took takes the records of a page.
func (p *Pages) took(records iter.Seq[string]) {
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
		p.barren++
	} else {
		p.barren = 0
		p.read[sum] = true
	}
}

// named takes the token of the page that is to be asked for next. An empty one ends the list.
func (p *Pages) named(token string) error {
	sum := maphash.String(p.seed, token)
	switch {
	case token == "":
		return nil
	case len(token) > maxNextToken:
		return p.err("the service gave a NextToken of %d bytes", len(token))
	case p.tokens[sum]:
		return p.err("the service gave the same NextToken twice")
	case p.barren > maxBarren:
		return p.err("the last %d of them have nothing new", p.barren)
	case p.pages >= maxPages:
		return p.err("no list is that long")
	}
	p.tokens[sum] = true
	return nil
}

func (p *Pages) err(format string, args ...any) error {
	return &ListError{Action: p.action, Pages: p.pages, Why: fmt.Sprintf(format, args...)}
}

// walk asks for page after page until a page names no next one. record tells a record from others.
func walk[T any](action string, record func(*T) string, page func(token string) ([]T, string, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		pages := NewPages(action)
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
				clear(items[i : i+1]) // a page of outputs is large, and need not be held to its end
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

// RecordsOf returns the ids of a page's invocations, for Pages.
func RecordsOf(page []Invocation) iter.Seq[string] {
	return recordsOf(page, func(i *Invocation) string { return i.InvokeId })
}
