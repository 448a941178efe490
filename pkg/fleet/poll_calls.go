package fleet

import (
	"context"
	"slices"

	"muster/pkg/assist"
)

// pollByName walks the pages of the run's shared name, or of its saved command, newest first, as long as that takes fewer calls
// than asking for single invocations. It fetches the results of each page before it requests the next page.
func (p *poller) pollByName(ctx context.Context, open []string, told map[string]bool, fetch func(invokeIDs []string)) error {
	if p.name == "" && p.commandID == "" {
		return nil
	}
	size := p.run.engine.PageSize
	pages := p.worthwhilePages(open, size)
	token := ""
	for range pages {
		p.calls++
		page, next, err := p.page(ctx, "", token, size)
		if err != nil {
			return err
		}
		var ours []string
		for i := range page {
			if p.observe(&page[i].Invocation) {
				ours = append(ours, page[i].InvokeId)
				told[page[i].InvokeId] = true
			}
		}
		fetch(ours)
		untold := slices.ContainsFunc(open, func(id string) bool { return !told[id] })
		if token = next; token == "" || !untold {
			break
		}
	}
	return nil
}

// worthwhilePages returns the number of newest pages that minimizes the calls for pages and for the single invocations that are
// not on them.
func (p *poller) worthwhilePages(open []string, size int) int {
	isOpen := make(map[string]bool, len(open))
	for _, id := range open {
		isOpen[id] = true
	}
	pages, fewest, rest, newer := 0, len(open), len(open), 0
	p.run.withState(func(s *State) {
		for i := len(s.Invocations) - 1; i >= 0 && rest > 0; i-- {
			if s.Invocations[i].Site != p.site {
				continue
			}
			newer++
			if isOpen[s.Invocations[i].InvokeId] {
				rest--
			}
			if asked := (newer + size - 1) / size; asked+rest < fewest {
				pages, fewest = asked, asked+rest
			}
		}
	})
	return pages
}

func (p *poller) pollByID(ctx context.Context, invokeID string) (*assist.Invocation, error) {
	p.mu.Lock()
	p.calls++
	p.mu.Unlock()
	page, _, err := p.page(ctx, invokeID, "", 1)
	if err != nil {
		return nil, err
	}
	for i := range page {
		if page[i].InvokeId == invokeID {
			p.observe(&page[i].Invocation)
			return &page[i].Invocation, nil
		}
	}
	return nil, nil
}

// page returns one page of records: of one invocation, or of those that share the run's name.
func (p *poller) page(ctx context.Context, invokeID, token string, size int) (page []record, next string, err error) {
	if p.files {
		request := &assist.DescribeSendFileResultsRequest{RegionId: p.site.RegionId, InvokeId: invokeID}
		if invokeID == "" {
			request.Name = p.name
		}
		request.MaxResults, request.NextToken = int64(size), token
		answer, err := p.api.DescribeSendFileResults(ctx, request)
		if err != nil {
			return nil, "", err
		}
		for i := range answer.Invocations.Invocation {
			page = append(page, fileRecord(&answer.Invocations.Invocation[i]))
		}
		return page, answer.NextToken, nil
	}
	request := &assist.DescribeInvocationsRequest{RegionId: p.site.RegionId, InvokeId: invokeID}
	if invokeID == "" {
		request.CommandName, request.CommandId = p.name, p.commandID
	}
	request.MaxResults, request.NextToken = int64(size), token
	answer, err := p.api.DescribeInvocations(ctx, request)
	if err != nil {
		return nil, "", err
	}
	page = make([]record, len(answer.Invocations.Invocation))
	for i := range page {
		page[i].Invocation = answer.Invocations.Invocation[i]
	}
	return page, answer.NextToken, nil
}
