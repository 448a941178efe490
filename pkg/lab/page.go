package lab

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"iter"
	"math"
	"net/http"

	"muster/pkg/assist"
)

// position is the position of an item in a list with a fixed order. New records come before all earlier positions, so a list can
// be continued from a position while it grows.
type position struct {
	Sequence uint64
	Index    int
}

// page is the requested part of a list, either by number, the API's older way, or by token.
type page struct {
	list   string // the name of the list in tokens
	size   int
	number int       // from 1; 0 for a page by token
	after  *position // from the token; nil at the start of the list
}

// before returns the sequence number below which a list, newest first, continues.
func (p page) before() uint64 {
	if p.after == nil {
		return math.MaxUint64
	}
	return p.after.Sequence
}

// beforeOrAt is like before, for lists with several items per sequence number: it includes the last one seen, whose earlier items
// the caller skips with seen.
func (p page) beforeOrAt() uint64 {
	if p.after == nil {
		return math.MaxUint64
	}
	return p.after.Sequence + 1
}

// seen reports whether an item with the token's sequence number was on an earlier page.
func (p page) seen(at position) bool {
	return p.after != nil && at.Sequence == p.after.Sequence && at.Index <= p.after.Index
}

// readPage reads the page parameters of all lists except DescribeInstances. The API documents give a maximum but do not say what
// happens beyond it. The lab refuses larger values instead of reducing them silently.
func readPage(list string, p assist.Page, most int) (page, error) {
	if p.MaxResults < 0 || p.MaxResults > int64(most) {
		return page{}, invalidPage("InvalidParameter.MaxResults", "MaxResults", most)
	}
	return newPage(list, p, cmp.Or(p.MaxResults, assist.DefaultPageSize), most)
}

// readInstancePage reads the page parameters of DescribeInstances, which limits MaxResults silently, but not PageSize.
func readInstancePage(p assist.Page) (page, error) {
	maxResults := min(max(p.MaxResults, assist.DefaultPageSize), assist.MaxDescribedInstances)
	return newPage("instances", p, maxResults, assist.MaxDescribedInstances)
}

// newPage returns a page by token if MaxResults or NextToken is given, and otherwise a page by number.
func newPage(list string, p assist.Page, maxResults int64, most int) (page, error) {
	switch {
	case p.MaxResults != 0 || p.NextToken != "":
		after, err := parseToken(list, p.NextToken)
		return page{list: list, size: int(maxResults), after: after}, err
	case p.PageSize < 0 || p.PageSize > int64(most):
		return page{}, invalidPage("InvalidParameter", "PageSize", most)
	case p.PageNumber < 0 || p.PageNumber > math.MaxInt32:
		return page{}, invalidPage("InvalidParameter", "PageNumber", math.MaxInt32)
	}
	return page{list: list, size: int(cmp.Or(p.PageSize, assist.DefaultPageSize)), number: int(cmp.Or(p.PageNumber, 1))}, nil
}

func invalidPage(code, name string, most int) error {
	return assist.Refusal(http.StatusBadRequest, code, fmt.Sprintf("The specified parameter %q is not valid: it must be 1 to %d.", name, most))
}

// token returns the NextToken of a list for the items after a position.
func token(list string, at position) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s %d %d", list, at.Sequence, at.Index))
}

// parseToken returns the position of a NextToken, or nil if text is empty.
func parseToken(list, text string) (*position, error) {
	if text == "" {
		return nil, nil
	}
	var at position
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		_, err = fmt.Sscanf(string(decoded), list+" %d %d", &at.Sequence, &at.Index)
	}
	if err != nil || at.Index < 0 || token(list, at) != text {
		return nil, assist.Refusal(http.StatusBadRequest, "InvalidParameter.NextToken", "The specified parameter \"NextToken\" is not valid.")
	}
	return &at, nil
}

// unknown is the length of a list that can only be counted by iterating over it.
const unknown = -1

// offset returns the number of items before the page in a list of a known length. The list that is passed to paginate must start
// after them. For a page by token and for a list of unknown length it returns 0.
func (p page) offset(length int) int {
	if p.number == 0 || length == unknown {
		return 0
	}
	return min((p.number-1)*p.size, length)
}

// paginate returns the items of a page. The list must start after p.after and p.offset(length). A page by number has a
// TotalCount, for which a list of unknown length is iterated to its end. A page by token has none: the service documents that it
// is meaningless there. Otherwise paginate iterates no further than necessary.
func paginate[T any](p page, length int, list iter.Seq2[position, T]) ([]T, assist.Paged) {
	var items []T
	if p.number > 0 {
		skip, seen := (p.number-1)*p.size, p.offset(length)
		for _, item := range list {
			if length != unknown && len(items) == p.size {
				break
			}
			if seen >= skip && len(items) < p.size {
				items = append(items, item)
			}
			seen++
		}
		total := max(length, seen) // the list may have grown
		return items, assist.Paged{TotalCount: int64(total), PageNumber: int64(p.number), PageSize: int64(p.size)}
	}
	var last position
	for at, item := range list {
		if len(items) == p.size {
			return items, assist.Paged{NextToken: token(p.list, last)}
		}
		items, last = append(items, item), at
	}
	return items, assist.Paged{}
}
