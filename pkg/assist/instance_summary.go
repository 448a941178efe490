package assist

import (
	"context"
	"iter"
	"sync"
)

// InstanceSummary contains the fields of an [Instance] that selecting targets requires. Decoding all fields of many instances takes
// longer than the calls.
type InstanceSummary struct {
	InstanceId   string
	InstanceName string
	Status       string
	OSType       string

	// A long list is split by these fields.
	ZoneId             string
	InstanceChargeType string
	CreationTime       string
}

// AllInstanceSummaries is like [Client.AllInstances], with summaries. It requests the next page as soon as it knows the token, while
// the rest of the current page arrives and is decoded. If the loop stops early, it waits for the call in progress.
func (c *Client) AllInstanceSummaries(ctx context.Context, r DescribeInstancesRequest) iter.Seq2[InstanceSummary, error] {
	return func(yield func(InstanceSummary, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		page := c.requestInstances(ctx, r, "")
		defer func() {
			cancel()
			if page != nil {
				<-page.done
			}
		}()
		pages := NewListGuard(r.Action())
		for page != nil {
			var next *requestedInstances
			token := page.next()
			listErr := pages.addToken(token)
			if token != "" && listErr == nil {
				next = c.requestInstances(ctx, r, token)
			}
			summaries, err := page.summaries()
			pages.addRecords(recordsOf(summaries, func(i *InstanceSummary) string { return i.InstanceId }))
			page = next
			if err == nil {
				err = listErr
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

// requestedInstances is a page of DescribeInstances that has been requested.
type requestedInstances struct {
	response instancesPage
	err      error
	done     chan struct{} // closed when the call ends

	once  sync.Once
	token string        // of the next page
	known chan struct{} // closed when the token is known
}

// requestInstances requests a page in the background.
func (c *Client) requestInstances(ctx context.Context, r DescribeInstancesRequest, token string) *requestedInstances {
	r.nextPage(token)
	a := &requestedInstances{known: make(chan struct{}), done: make(chan struct{})}
	a.response.onToken = a.setToken
	go func() {
		defer close(a.done)
		a.err = c.caller.Call(ctx, &r, &a.response)
		a.setToken(a.response.next)
	}()
	return a
}

// setToken sets the next page's token. Only the first call has an effect: an incomplete response is requested again and may then
// have another token.
func (a *requestedInstances) setToken(token string) {
	a.once.Do(func() {
		a.token = token
		close(a.known)
	})
}

// next returns the next page's token. It returns "" if there is none or the call has failed.
func (a *requestedInstances) next() string {
	<-a.known
	return a.token
}

// summaries waits for the page and returns its instances.
func (a *requestedInstances) summaries() ([]InstanceSummary, error) {
	<-a.done
	if a.err != nil {
		return nil, a.err
	}
	return a.response.summaries, nil
}
