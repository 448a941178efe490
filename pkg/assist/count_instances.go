package assist

import (
	"context"
	"net/http"
	"time"
)

// InstanceCount is how many instances a request of DescribeInstances is about.
type InstanceCount struct {
	Total int
	// At is a time by the service's clock, or somewhat before, at which there were so many.
	At time.Time
}

// CountInstances counts the instances of a request, without its page. Total is 0 where the service does not tell.
func (c *Client) CountInstances(ctx context.Context, r DescribeInstancesRequest) (InstanceCount, error) {
	r.Page = Page{PageNumber: 1, PageSize: 1} // an answer to MaxResults has no TotalCount
	var answer countedInstances
	sent := time.Now()
	if err := c.caller.Call(ctx, &r, &answer); err != nil {
		return InstanceCount{}, err
	}
	// The call was sent, perhaps more than once, since then.
	at := answer.date.Add(-time.Since(sent)).Truncate(time.Second)
	if answer.date.IsZero() {
		at = sent.Add(-MaxClockSkew)
	}
	return InstanceCount{Total: int(max(answer.TotalCount, 0)), At: at}, nil
}

type countedInstances struct {
	TotalCount int64

	date time.Time // of the answer, by the service's clock
}

// came takes the header of the answer.
func (c *countedInstances) came(header http.Header) {
	c.date, _ = http.ParseTime(header.Get("Date"))
}
