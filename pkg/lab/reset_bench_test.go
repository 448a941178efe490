//go:build unix

package lab

import (
	"sync"
	"testing"

	"muster/pkg/assist"
)

// BenchmarkReset measures the reset of a lab of 1,000 instances, with a data directory, that has 3,000 invocations, files in the
// directory of each instance, and 10 running scripts. bench/reset runs it.
func BenchmarkReset(b *testing.B) {
	const n, invocations, scripts, parallel = 1000, 3000, 10, 16
	c := open(b, newLab(b, Options{Data: b.TempDir(), Instances: NumberedInstances(n)}))
	fill := func() {
		b.Helper()
		for i := range scripts {
			r := shell("echo running; sleep 1000")
			r.InstanceId = []string{nth(1 + i)}
			c.running(c.submit(r))
		}
		var clients sync.WaitGroup
		for first := range parallel {
			clients.Go(func() {
				for i := first; i < invocations; i += parallel {
					r := shell("true")
					r.InstanceId = []string{nth(1 + i%n)}
					if _, err := c.RunCommand(b.Context(), r); err != nil {
						b.Error(err)
					}
				}
			})
		}
		clients.Wait()
		eventually(b, "all others have finished", func() bool {
			page, err := c.DescribeInvocations(b.Context(), &assist.DescribeInvocationsRequest{
				RegionId: c.lab.Region(), InvokeStatus: "Success", Page: assist.Page{PageSize: 1},
			})
			if err != nil {
				b.Fatal(err)
			}
			return page.TotalCount == invocations
		})
	}
	for b.Loop() {
		b.StopTimer()
		fill()
		b.StartTimer()
		response := new(ResetResponse)
		if err := c.core.Call(b.Context(), new(ResetRequest), response); err != nil {
			b.Fatal(err)
		}
		if response.Scripts != scripts || response.Invocations != scripts+invocations {
			b.Fatalf("%+v", response)
		}
		b.StopTimer()
		c.lab.discarding.Wait()
		b.StartTimer()
	}
}
