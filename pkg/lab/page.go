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

// place is where something stands in a list of a fixed order. New records come before all places that were given out, so a
// list can be gone on with from a place while it grows.
type position struct {
	Sequence uint64
	Index    int
}

// page is the part of a list that was asked for.
type page struct {
	list   string // what the token is good for
	size   int
	number int       // of the older way, from 1; 0 when tokens are used
	after  *position // of the newer way; nil at the list's beginning
}

// before is where a list of sequences, newest first, goes on.
func (p page) before() uint64 {
	if p.after == nil {
		return math.MaxUint64
	}
	return p.after.Sequence
}

// beforeNext is before for a list that may have to go on inside a sequence; what is passed there is to be left out.
func (p page) beforeOrAt() uint64 {
	if p.after == nil {
		return math.MaxUint64
	}
	return p.after.Sequence + 1
}

func (p page) seen(at position) bool {
	return p.after != nil && at.Sequence == p.after.Sequence && at.Index <= p.after.Index
}

// readPage reads the pages that all lists but that of instances have. The documents tell the most and no consequence: more
// is refused, rather than cut in silence.
func readPage(list string, p assist.Page, most int) (page, error) {
	if p.MaxResults < 0 || p.MaxResults > int64(most) {
		return page{}, invalidPage("InvalidParameter.MaxResults", "MaxResults", most)
	}
	return newPage(list, p, cmp.Or(p.MaxResults, assist.DefaultPageSize), most)
}

// readInstancePage clamps MaxResults, as DescribeInstances does, but not PageSize.
func readInstancePage(p assist.Page) (page, error) {
	maxResults := min(max(p.MaxResults, assist.DefaultPageSize), assist.MaxDescribedInstances)
	return newPage("instances", p, maxResults, assist.MaxDescribedInstances)
}

// newPage does not look at PageNumber and PageSize where one of the newer way's is given.
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

func token(list string, at position) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s %d %d", list, at.Sequence, at.Index))
}

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

// unknown is how long a list is whose length is known to nobody who has not been through it.
const unknown = -1

// past is how many items come before the page in a list of a known length, of which take wants none. In the newer way it
// is 0: where the list goes on is for p.after to say.
func (p page) offset(length int) int {
	if p.number == 0 || length == unknown {
		return 0
	}
	return min((p.number-1)*p.size, length)
}

// take cuts a page out of a list, which begins behind p.after, or behind p.past(length). The older way counts the list,
// unless its length is known; the newer one leaves TotalCount at 0: the service says that it means nothing there. Neither
// goes further than it must.
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
		total := max(length, seen) // it may have grown meanwhile
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
