package assist

import (
	"context"
	"net/http"
	"time"
)

// InstanceCount is the number of instances that match a DescribeInstancesRequest.
type InstanceCount struct {
	Total int
	// At is when the instances were counted, by the service's clock, or somewhat earlier.
	At time.Time
}

// CountInstances counts the instances that match a request. It ignores the request's page. Total is 0 if the service does not return it.
func (c *Client) CountInstances(ctx context.Context, r DescribeInstancesRequest) (InstanceCount, error) {
	r.Page = Page{PageNumber: 1, PageSize: 1} // a response to MaxResults has no TotalCount
	var answer countedInstances
	sent := time.Now()
	if err := c.caller.Call(ctx, &r, &answer); err != nil {
		return InstanceCount{}, err
	}
	// The call may have been sent several times since then.
	at := answer.date.Add(-time.Since(sent)).Truncate(time.Second)
	if answer.date.IsZero() {
		at = sent.Add(-MaxClockSkew)
	}
	return InstanceCount{Total: int(max(answer.TotalCount, 0)), At: at}, nil
}

type countedInstances struct {
	TotalCount int64

	date time.Time // of the response, by the service's clock
}

func (c *countedInstances) setHeader(header http.Header) {
	c.date, _ = http.ParseTime(header.Get("Date"))
}
