package assist

import (
	"context"
	"iter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// InstanceSummary is what choosing targets needs to know of an Instance. To decode all there is of many takes longer than
// the calls do.
type InstanceSummary struct {
	InstanceId   string
	InstanceName string
	Status       string
	OSType       string
}

// summarisable is a page of DescribeInstances whose instances are still to be decoded.
type summarisable struct {
	Paged
	Instances jsontext.Value
}

// summarised are the instances of a page, with nothing else of each.
type summarised struct{ Instance List[InstanceSummary] }

// AllInstanceSummaries is AllInstances with the summaries alone. A page is decoded while the next one is on its way.
func (c *Client) AllInstanceSummaries(ctx context.Context, r DescribeInstancesRequest) iter.Seq2[InstanceSummary, error] {
	pages := walk(func(token string) ([]jsontext.Value, string, error) {
		r.nextPage(token)
		page, err := call[summarisable](ctx, c, &r)
		if err != nil {
			return nil, "", err
		}
		return []jsontext.Value{page.Instances}, page.NextToken, nil
	})
	return func(yield func(InstanceSummary, error) bool) {
		for page, err := range ahead(pages) {
			var instances summarised
			if err == nil && page != nil { // an answer may have none
				err = json.Unmarshal(page, &instances, lenient)
			}
			if err != nil {
				yield(InstanceSummary{}, err)
				return
			}
			for _, instance := range instances.Instance {
				if !yield(instance, nil) {
					return
				}
			}
		}
	}
}
