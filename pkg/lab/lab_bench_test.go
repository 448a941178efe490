//go:build unix

package lab

import (
	"fmt"
	"testing"

	"muster/pkg/assist"
)

// BenchmarkThousandInstances runs `echo hello` on 1,000 instances, with RunCommand calls of 50, until all have succeeded.
// BenchmarkRunEcho measures the cost of the processes alone.
func BenchmarkThousandInstances(b *testing.B) {
	const n, batch = 1000, 50
	c := openFleet(b, n)
	for round := 0; b.Loop(); round++ {
		name := fmt.Sprint("round ", round)
		for first := 1; first <= n; first += batch {
			r := shell("echo hello")
			r.InstanceId, r.Name = nil, name
			for i := range batch {
				r.InstanceId = append(r.InstanceId, nth(first+i))
			}
			c.submit(r)
		}
		eventually(b, "all have succeeded", func() bool {
			page, err := c.DescribeInvocations(b.Context(), &assist.DescribeInvocationsRequest{
				RegionId: "cn-hangzhou", CommandName: name, InvokeStatus: "Success", Page: assist.Page{PageSize: 1},
			})
			if err != nil {
				b.Fatal(err)
			}
			return page.TotalCount == n/batch
		})
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/task")
}
