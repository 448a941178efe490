package assist

import (
	"context"
	"iter"
	"sync"
)

// InstanceSummary is what choosing targets needs to know of an Instance. To decode all there is of many takes longer than
// the calls that give it.
type InstanceSummary struct {
	InstanceId   string
	InstanceName string
	Status       string
	OSType       string

	// These three are what a long list is cut by.
	ZoneId             string
	InstanceChargeType string
	CreationTime       string
}

// AllInstanceSummaries is AllInstances with the summaries alone. The next page is asked for as soon as one has named it: the
// rest of that comes, and is decoded, meanwhile. Who ends the sequence early waits for a call that is on its way.
func (c *Client) AllInstanceSummaries(ctx context.Context, r DescribeInstancesRequest) iter.Seq2[InstanceSummary, error] {
	return func(yield func(InstanceSummary, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		page := c.askInstances(ctx, r, "")
		defer func() {
			cancel()
			if page != nil {
				<-page.done
			}
		}()
		pages := NewPages(r.Action())
		for page != nil {
			var next *askedInstances
			token := page.next()
			endless := pages.named(token)
			if token != "" && endless == nil {
				next = c.askInstances(ctx, r, token)
			}
			summaries, err := page.summaries()
			pages.took(recordsOf(summaries, func(i *InstanceSummary) string { return i.InstanceId }))
			page = next
			if err == nil {
				err = endless
			}
			if err != nil {
				yield(InstanceSummary{}, err)
				return
			}
			for _, summary := range summaries {
				if !yield(summary, nil) {
					return
				}
			}
		}
	}
}

// askedInstances is a page of DescribeInstances that has been asked for.
type askedInstances struct {
	answer instancesPage
	err    error
	done   chan struct{} // closed when the call has ended

	once  sync.Once
	token string        // of the next page
	named chan struct{} // closed when the token is known
}

func (c *Client) askInstances(ctx context.Context, r DescribeInstancesRequest, token string) *askedInstances {
	r.nextPage(token)
	a := &askedInstances{named: make(chan struct{}), done: make(chan struct{})}
	a.answer.named = a.name
	go func() {
		defer close(a.done)
		a.err = c.caller.Call(ctx, &r, &a.answer)
		a.name(a.answer.next)
	}()
	return a
}

// name tells the next page's token. The first one counts: an answer that breaks off is asked for again, and may name another
// then.
func (a *askedInstances) name(token string) {
	a.once.Do(func() {
		a.token = token
		close(a.named)
	})
}

// next is the next page's token; empty when there is none, or the call has failed.
func (a *askedInstances) next() string {
	<-a.named
	return a.token
}

func (a *askedInstances) summaries() ([]InstanceSummary, error) {
	<-a.done
	if a.err != nil {
		return nil, a.err
	}
	return a.answer.summaries, nil
}
