package assist

import (
	"cmp"
	"net/url"
)

// Page asks for a part of a list. MaxResults with NextToken is the way of today; PageNumber with PageSize is the older
// one, and is ignored when either of the first two is given.
type Page struct {
	MaxResults int64 // at most 50; 10 when left out
	NextToken  string
	PageNumber int64 // from 1
	PageSize   int64 // at most 50; 10 when left out
}

// decoded gives a MaxResults that was sent as 0 the default: unlike one that was left out, it asks for the newer way.
func (p *Page) decoded(params url.Values) {
	if p.MaxResults == 0 && params.Get("MaxResults") != "" {
		p.MaxResults = DefaultPageSize
	}
}

// nextPage asks for the page that a token stands for, or for the first one. Without a size the service would take the first
// one for a page of the older way, which names no next one.
func (p *Page) nextPage(token string) {
	p.MaxResults = cmp.Or(p.MaxResults, int64(DefaultLimits().PageSize))
	p.NextToken, p.PageNumber, p.PageSize = token, 0, 0
}

// Paged tells where in a list an answer stands. An empty NextToken is the list's end. TotalCount means nothing in an
// answer to MaxResults or NextToken.
type Paged struct {
	TotalCount int64
	PageNumber int64
	PageSize   int64
	NextToken  string
}
