package assist

import (
	"context"
	"iter"
)

// InstanceSummary is what choosing targets needs to know of an Instance. To decode all there is of many takes longer than
// the calls do.
type InstanceSummary struct {
	InstanceId   string
	InstanceName string
	Status       string
	OSType       string
}

// summarised is a page of DescribeInstances with nothing else of its instances.
type summarised struct {
	Paged
	Instances struct{ Instance List[InstanceSummary] }
}

// AllInstanceSummaries is AllInstances with the summaries alone.
func (c *Client) AllInstanceSummaries(ctx context.Context, r DescribeInstancesRequest) iter.Seq2[InstanceSummary, error] {
	return walk(func(token string) ([]InstanceSummary, string, error) {
		r.nextPage(token)
		page, err := call[summarised](ctx, c, &r)
		if err != nil {
			return nil, "", err
		}
		return page.Instances.Instance, page.NextToken, nil
	})
}
