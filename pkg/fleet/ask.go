package fleet

import (
	"context"
	"slices"

	"muster/pkg/assist"
)

// byName walks the pages of the run's shared name, or of its saved command, newest first, for as long as that is cheaper
// than single questions. Each page's ends are fetched before the next page is asked for.
func (p *poller) byName(ctx context.Context, open []string, told map[string]bool, fetch func(invokeIDs []string)) error {
	total := 0
	p.run.look(func(s *State) {
		for i := range s.Invocations {
			if s.Invocations[i].Site == p.site {
				total++
			}
		}
	})
	size := p.run.engine.PageSize
	pages := (total + size - 1) / size
	if p.name == "" && p.commandID == "" || len(open) <= pages {
		return nil
	}
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

func (p *poller) byId(ctx context.Context, invokeID string) (*assist.Invocation, error) {
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

// page asks for one page of records: of one invocation, or of those that share the run's name.
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
