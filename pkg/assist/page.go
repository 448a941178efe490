package assist

import (
	"cmp"
	"net/url"
)

// Page selects a part of a list. MaxResults with NextToken is the current way. PageNumber with PageSize is the older one, which is
// ignored if either of the first two is set.
type Page struct {
	MaxResults int64 // at most 50; 10 if zero
	NextToken  string
	PageNumber int64 // starting at 1
	PageSize   int64 // at most 50; 10 if zero
}

// decoded sets a MaxResults that was sent as 0 to the default. Unlike a missing one, it selects the current way.
func (p *Page) decoded(params url.Values) {
	if p.MaxResults == 0 && params.Get("MaxResults") != "" {
		p.MaxResults = DefaultPageSize
	}
}

// nextPage selects the page of a token, or the first page if token is empty. It sets the page size, because without one the service
// would return the first page in the older way, without a NextToken.
func (p *Page) nextPage(token string) {
	p.MaxResults = cmp.Or(p.MaxResults, int64(DefaultLimits().PageSize))
	p.NextToken, p.PageNumber, p.PageSize = token, 0, 0
}

// Paged is the position of a response in a list. NextToken is empty on the last page. TotalCount is meaningless in a response to
// MaxResults or NextToken.
type Paged struct {
	TotalCount int64
	PageNumber int64
	PageSize   int64
	NextToken  string
}
